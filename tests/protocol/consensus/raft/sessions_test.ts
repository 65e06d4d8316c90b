import { assertEquals } from "std/testing";
import type { Json } from "../../../../lib/base/mod.ts";
import {
  type NumberedCommand,
  type Outcome,
  Sessions,
} from "../../../../lib/protocol/consensus/raft/server/sessions.ts";

/** A state machine that appends its commands to a list, and returns the list's length. */
function newSessions(): Sessions {
  let list: Json[] = [];
  return new Sessions({
    apply: (command) => list.push(command),
    query: () => [...list],
    snapshot: () => [...list],
    restore: (snapshot) => {
      list = [...snapshot as Json[]];
    },
  });
}

/** Applies commands of a session; returns their outcomes. */
function outcomesOf(
  sessions: Sessions,
  session: number,
  first: number,
  ...commands: NumberedCommand[]
): [number, Outcome][] {
  const outcomes: [number, Outcome][] = [];
  sessions.apply({ session, first, commands }, (number, outcome) => {
    outcomes.push([number, outcome]);
  });
  return outcomes;
}

Deno.test("a command that is repeated executes once, and has its first result again", () => {
  const sessions = newSessions();
  sessions.open(5);
  assertEquals(outcomesOf(sessions, 5, 1, [1, "x"]), [[1, { result: 1 }]]);
  assertEquals(outcomesOf(sessions, 5, 1, [2, "y"]), [[2, { result: 2 }]]);
  assertEquals(outcomesOf(sessions, 5, 1, [1, "x"]), [[1, { result: 1 }]]);
  assertEquals(sessions.query(null), ["x", "y"]);
});

Deno.test("a session survives a snapshot with its results", () => {
  const sessions = newSessions();
  sessions.open(5);
  outcomesOf(sessions, 5, 1, [1, "x"]);
  const restored = newSessions();
  restored.restore(sessions.snapshot());
  assertEquals(restored.resultOf(5, 1), 1);
  assertEquals(outcomesOf(restored, 5, 1, [1, "x"]), [[1, { result: 1 }]]);
  assertEquals(restored.query(null), ["x"]);
});

Deno.test("commands before the first one that a session needs are not executed any more", () => {
  const sessions = newSessions();
  sessions.open(5);
  outcomesOf(sessions, 5, 3, [3, "z"]);
  assertEquals(outcomesOf(sessions, 5, 1, [2, "late"]), [[2, { expired: true }]]);
  assertEquals(sessions.query(null), ["z"]);
  outcomesOf(sessions, 5, 4, [4, "a"]);
  assertEquals(sessions.resultOf(5, 3), undefined, "a result that is not needed is dropped");
});

Deno.test("a command of an unknown session is not executed", () => {
  const sessions = newSessions();
  assertEquals(outcomesOf(sessions, 9, 1, [1, "x"]), [[1, { expired: true }]]);
  assertEquals(sessions.query(null), []);
});

Deno.test("the least recently used session expires when there are too many", () => {
  const sessions = newSessions();
  for (let index = 1; index <= 1000; index++) sessions.open(index);
  outcomesOf(sessions, 1, 1, [1, "x"]);
  sessions.open(1001);
  assertEquals(outcomesOf(sessions, 2, 1, [1, "y"]), [[1, { expired: true }]]);
  assertEquals(outcomesOf(sessions, 1, 1, [1, "x"]), [[1, { result: 1 }]]);
});
