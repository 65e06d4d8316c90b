import { assert, assertEquals, assertRejects, assertThrows } from "std/testing";
import { currentNode, type RunningNode } from "../../../lib/workbench/sim/current_node.ts";
import {
  guardNamespace,
  guardProperty,
  type NamespaceRules,
} from "../../../lib/workbench/sim/ambient/namespace.ts";

const MARK = Symbol("mark");

class Watcher {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

const open = Object.assign((path: string) => Promise.resolve(path), {
  native: () => "native",
  version: 3,
});

/** What stands for `Deno`: it reaches the machine. */
const machine = {
  pid: 4711,
  title: "a program",
  open,
  openSync: (path: string) => path,
  exit: (code: number) => `exit ${code}`,
  arch: () => "x86",
  Watcher,
  nested: { uptime: () => 17, load: 0.5 },
  [MARK]: "mark",
  frozen: "constant",
};
Object.defineProperty(machine, "frozen", { configurable: false, writable: false });

const rules: NamespaceRules = {
  name: "Machine",
  isPure: (key) => key === "arch",
  values: { args: ({ args }) => args },
  served: { exit: (node, [code]) => node.exitWith(code as number) },
  refusal: (call) => new RangeError(`refused: ${call}`),
};
const guarded = guardNamespace(machine, rules) as typeof machine & { readonly args: string[] };

/** Runs code as a node's; returns its result, and what was reported. */
function asNode<T>(code: () => T): { readonly result: T; readonly calls: readonly string[] } {
  const calls: string[] = [];
  const node = {
    id: "n0",
    args: ["--fast"],
    nondeterministicCall: (call: string) => void calls.push(call),
    exitWith: (code: number) => void calls.push(`ended with ${code}`),
  };
  currentNode.node = node as unknown as RunningNode;
  try {
    return { result: code(), calls };
  } finally {
    currentNode.node = undefined;
  }
}

Deno.test("code that is not a node's sees the real namespace", () => {
  assertEquals([guarded.pid, guarded.title, guarded[MARK]], [4711, "a program", "mark"]);
  assertEquals([guarded.openSync("a"), guarded.exit(3)], ["a", "exit 3"]);
  assertEquals(new guarded.Watcher("x").path, "x");
  assertEquals([guarded.nested.uptime(), guarded.open.native()], [17, "native"]);
  assertEquals(guarded.args, undefined);
});

Deno.test("a node sees pure parts, constants of the target, and the values of its own", () => {
  const { result, calls } = asNode(() => [guarded.arch(), guarded.frozen, guarded.args]);
  assertEquals([result, calls], [["x86", "constant", ["--fast"]], []]);
  assertEquals(asNode(() => guarded[MARK] as unknown), { result: undefined, calls: [] });
  assertEquals(asNode(() => Reflect.get(guarded, "absent")), { result: undefined, calls: [] });
});

Deno.test("a primitive value is reported each time, and is the same on every machine", () => {
  const { result, calls } = asNode(() => [guarded.pid, guarded.title, guarded.pid]);
  assertEquals(result, [1, undefined, 1] as unknown as typeof result);
  assertEquals(calls, ["Machine.pid", "Machine.title", "Machine.pid"]);
});

Deno.test("a function is reported, and served or refused", () => {
  assertEquals(asNode(() => guarded.exit(7)).calls, ["Machine.exit()", "ended with 7"]);
  const { result, calls } = asNode(() =>
    assertThrows(() => guarded.openSync("a"), RangeError).message
  );
  assertEquals([result, calls], ["refused: Machine.openSync()", ["Machine.openSync()"]]);
  const constructed = asNode(() =>
    assertThrows(() => new guarded.Watcher("x"), RangeError).message
  );
  assertEquals(constructed.result, "refused: Machine.Watcher()");
});

Deno.test("an asynchronous function is refused by its promise, or throws if it has a callback", async () => {
  const { result, calls } = asNode(() => guarded.open("a"));
  assertEquals(calls, ["Machine.open()"]);
  await assertRejects(() => result, RangeError, "refused: Machine.open()");
  const openWith = (...args: unknown[]) =>
    asNode(() => Reflect.apply(guarded.open, undefined, args) as unknown).result;
  assertThrows(() => openWith("a", () => {}), RangeError, "refused: Machine.open()");
  const rejected = openWith(() => {}, "a") as Promise<unknown>;
  await assertRejects(() => rejected, RangeError);
});

Deno.test("a namespace in a namespace is guarded under its whole name", () => {
  const { result, calls } = asNode(() => [
    assertThrows(() => guarded.nested.uptime(), RangeError).message,
    guarded.nested.load,
  ]);
  assertEquals(result, ["refused: Machine.nested.uptime()", 1]);
  assertEquals(calls, ["Machine.nested.uptime()", "Machine.nested.load"]);
});

Deno.test("a function of a function is guarded, and its other properties are real", () => {
  const { result, calls } = asNode(() => [
    assertThrows(() => guarded.open.native(), RangeError).message,
    guarded.open.version,
    guarded.open.length,
    typeof guarded.open.call,
  ]);
  assertEquals(result, ["refused: Machine.open.native()", 3, 1, "function"]);
  assertEquals(calls, ["Machine.open.native()"]);
});

Deno.test("the descriptor of a property hides its real value from a node", () => {
  const read = () => Object.getOwnPropertyDescriptor(guarded, "pid");
  assertEquals(read()?.value, 4711);
  const { result, calls } = asNode(read);
  assertEquals([result?.value, result?.writable, calls], [1, false, ["Machine.pid"]]);
  assertEquals(asNode(() => Object.getOwnPropertyDescriptor(guarded, "absent")).result, undefined);
});

Deno.test("a property that is null is a value, not a namespace", () => {
  assertEquals(
    asNode(() => {
      const stand = guardProperty({ nothing: null }, "nothing", rules);
      assert(typeof stand === "object");
      return stand instanceof Array;
    }).result,
    false,
  );
  const holder = guardNamespace({ nothing: null as unknown }, rules);
  assertEquals(asNode(() => holder.nothing), { result: undefined, calls: ["Machine.nothing"] });
});
