import { assertEquals } from "std/testing";
import { LeaderFinder } from "../../../../lib/protocol/consensus/raft/server/leader_finder.ts";
import type { Replica } from "../../../../lib/protocol/consensus/raft/server/replica.ts";
import { ManualClock } from "../../../support/manual_clock.ts";

/** A finder of a member in term 3 that receives from `leader`, or from none. */
function finderOf(leader?: string): LeaderFinder {
  const raft = { id: "a", leader, term: 3, members: ["a", "b", "c"] };
  return new LeaderFinder({
    replica: { raft } as unknown as Replica,
    clock: new ManualClock(),
    random: () => 0,
    incarnation: "a1",
    send: () => {},
  });
}

Deno.test("a member that lost its leader uses the one that another member names, also in its term", () => {
  for (const term of [3, 4]) {
    const finder = finderOf();
    assertEquals(finder.leadership, undefined);
    finder.noteHint({ leader: "b", term });
    assertEquals(finder.leadership, { leader: "b", term });
  }
  const stale = finderOf();
  stale.noteHint({ leader: "b", term: 2 });
  assertEquals(stale.leadership, undefined);
});

Deno.test("a named leader does not replace the one that a member receives from in the term", () => {
  const finder = finderOf("c");
  finder.noteHint({ leader: "c", term: 3 });
  assertEquals(finder.leadership, { leader: "c", term: 3 });
  finder.noteSilence({ leader: "c", term: 3 });
  assertEquals(finder.leadership, { leader: "c", term: 3 });
});

Deno.test("a named leader that does not reply, or has ended its term, is not used any more", () => {
  const leadership = { leader: "b", term: 3 };
  const silent = finderOf();
  silent.noteHint(leadership);
  silent.noteSilence(leadership);
  assertEquals(silent.leadership, undefined);
  // Another member names it again.
  silent.noteHint(leadership);
  assertEquals(silent.leadership, leadership);
  silent.noteEnd(leadership);
  assertEquals(silent.leadership, undefined);
});
