import { assert, assertEquals, assertStringIncludes } from "std/testing";
import type { JournalEvent } from "../../../lib/workbench/mod.ts";
import {
  MAX_RECORD_CHARACTERS,
  MAX_STATE_CHARACTERS,
  StateLog,
} from "../../../lib/workbench/sim/state_log.ts";

/** Returns the changes that a log records when the states of n0 follow each other. */
function changesOf(...states: readonly unknown[]): { id?: number; changes: string[] }[] {
  let state = states[0];
  const log = new StateLog((node) => node === "n0" ? state : undefined);
  for (const [id, next] of states.entries()) {
    log.observe(received(id));
    state = next;
  }
  log.end(["n0", "n1"]);
  return log.text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

function received(id: number): JournalEvent {
  return { type: "recv", time: id, id, message: { src: "c1", dest: "n0", body: {} } };
}

Deno.test("a state log records the first state, and then what changed after which message", () => {
  const changes = changesOf({ values: new Set([1]) }, { values: new Set([1]) }, {
    values: new Set([1, 2]),
  });
  assertEquals(changes.map(({ id, changes }) => [id, ...changes]), [
    [undefined, 'the first state is {"values":[1]}'],
    [2, "values + 2"],
  ]);
});

Deno.test("each kind of change is described with its path", () => {
  const cases: readonly [before: unknown, after: unknown, ...changes: string[]][] = [
    [[1, 2], [1, 2, 3, 4], "+ 3, 4"],
    [[1, 2, 2], [2, 5], "+ 5", "− 1, 2"],
    [[1, 2], [2, 1], "changed its order"],
    [{ a: 1, b: { c: "x" } }, { a: 1, b: { c: "y" } }, "b.c x → y"],
    [{ a: 1 }, { b: 2n }, "a 1 → nothing", "b nothing → 2"],
    [new Map([["k", [1]]]), new Map([["k", [1, 9]]]), "k + 9"],
    [1, 2, "1 → 2"],
  ];
  for (const [before, after, ...changes] of cases) {
    assertEquals(changesOf(before, after).at(-1)?.changes, changes);
  }
});

Deno.test("long values are shortened, and many changes are counted", () => {
  const [first, second] = changesOf("x".repeat(5000), "y".repeat(5000));
  for (const { changes: [change = ""] } of [first!, second!]) {
    assert(change.length < 400 && change.includes("…"), change);
  }
  const short = "z".repeat(60);
  assertEquals(changesOf("a", short).at(-1)?.changes, [`a → ${short}`]);
  const keys = (count: number, value: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, key) => [`k${key}`, value]));
  const shown = (count: number) => changesOf(keys(count, 1), keys(count, 2)).at(-1)!.changes;
  const most = shown(50).length - 1;
  assertEquals(most, 10);
  assertEquals(shown(50).at(-1), "40 more");
  assertEquals(shown(most).length, most);
  assertEquals(shown(most).at(-1), `k${most - 1} 1 → 2`);
  assertEquals(shown(most + 1).at(-1), "1 more");
});

Deno.test("a change has the time and the number of the message before it", () => {
  let state = 1;
  const log = new StateLog(() => state);
  const send = { ...received(9), type: "send" as const };
  log.observe({ ...send, message: { ...send.message, src: "n0", dest: "c1" } });
  log.observe(received(5));
  state = 2;
  log.end(["n0"]);
  assertEquals(log.text.split("\n").slice(0, 2).map((line) => JSON.parse(line)), [
    { node: "n0", changes: ["the first state is 1"], time: 0 },
    { node: "n0", changes: ["1 → 2"], time: 5, id: 5 },
  ]);
});

Deno.test("a node without a state has no changes; large states end the record of their node", () => {
  assertEquals(changesOf(undefined, undefined), []);
  const large = "x".repeat(MAX_STATE_CHARACTERS + 1);
  const changes = changesOf(1, large, 2).map(({ changes }) => changes[0]!);
  assertEquals(changes.length, 2);
  assertStringIncludes(changes[1]!, "larger than 16000 characters");
});

Deno.test("a record has a limit, and says so", () => {
  let state = 0;
  const log = new StateLog(() => state);
  for (let id = 0; id < 20_000; id++) {
    state = id;
    log.observe(received(id));
  }
  state = -1;
  log.end(["n0"]);
  assert(log.text.length < MAX_RECORD_CHARACTERS + 1000);
  assertStringIncludes(log.text.slice(-300), "a shorter run records them all");
});
