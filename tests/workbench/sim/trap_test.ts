import { assert, assertEquals } from "std/testing";
import {
  install,
  replaceValue,
  serve,
  serveConstruction,
  serveRead,
  type Trap,
  uninstall,
} from "../../../lib/workbench/sim/ambient/trap.ts";
import { currentNode, type RunningNode } from "../../../lib/workbench/sim/current_node.ts";

/** Runs code as a node's, with traps installed; returns what was reported. */
function asNode(traps: readonly Trap[], code: () => void): string[] {
  const calls: string[] = [];
  traps.forEach(install);
  currentNode.node = {
    nondeterministicCall: (call: string) => void calls.push(call),
  } as unknown as RunningNode;
  try {
    code();
  } finally {
    currentNode.node = undefined;
    traps.forEach(uninstall);
  }
  return calls;
}

class Clock {
  get now() {
    return 17;
  }
  read() {
    return "real";
  }
}

Deno.test("an uninstalled trap leaves the object as it was", () => {
  const clock = Object.assign(new Clock(), { own: 1 });
  const before = Object.getOwnPropertyDescriptors(clock);
  const prototype = Object.getOwnPropertyDescriptors(Clock.prototype);
  const traps = [
    replaceValue(clock, "own", 2),
    replaceValue(clock, "read", () => "replaced"),
    ...serve(clock, "read", "read()", () => "served"),
    ...serveRead(clock, "now", "now", () => 5),
  ];
  assertEquals(traps.length, 4);
  traps.forEach(install);
  assertEquals(clock.own, 2);
  traps.toReversed().forEach(uninstall);
  assertEquals(Object.getOwnPropertyDescriptors(clock), before);
  assertEquals(Object.getOwnPropertyDescriptors(Clock.prototype), prototype);
  assertEquals([clock.read(), clock.now, clock.own], ["real", 17, 1]);
});

Deno.test("calls, reads and constructions by a node are reported and served, those of others not", () => {
  const clock = new Clock();
  const scope = { Clock };
  const traps = [
    ...serve(clock, "read", "read()", () => "served"),
    ...serveRead(clock, "now", "now", () => 5),
    ...serveConstruction(scope, "Clock", () => ({ served: true })),
  ];
  const calls = asNode(traps, () => {
    assertEquals([clock.read(), clock.now], ["served", 5] as unknown as [string, number]);
    assertEquals(Object.keys(new scope.Clock()), ["served"]);
    currentNode.node = undefined;
    assertEquals([clock.read(), clock.now], ["real", 17]);
    assert(new scope.Clock() instanceof Clock);
  });
  assertEquals(calls, ["read()", "now", "new Clock()"]);
});

Deno.test("a trap for a property that is absent does nothing", () => {
  const object = {};
  assertEquals(serve(object, "absent", "absent()", () => 1), []);
  assertEquals(serveRead(object, "absent", "absent", () => 1), []);
  assertEquals(serveConstruction(object, "absent", () => object), []);
});
