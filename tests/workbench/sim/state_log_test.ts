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
