/**
 * New members catch up with the log before they count (thesis 4.2.1): one test for each claim.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { type Cluster, type InFlight, TIMING } from "./cluster.ts";
import { elect, newCluster } from "./scenes.ts";

const AB = ["a", "b"];
const ABC = ["a", "b", "c"];

const isCut = (id: string) => ({ from, to }: InFlight) => from === id || to === id;

/** Lets heartbeats pass; the messages from and to `cut` are lost. */
function run(cluster: Cluster, heartbeats: number, cut = ""): void {
  for (let time = 0; time < heartbeats; time++) {
    cluster.advance(TIMING.heartbeatMs);
    cluster.drop(isCut(cut));
    cluster.deliver();
  }
}

/** A cluster whose leader a has removed c, and then committed an entry that c lacks. */
function withoutC(ids: readonly string[] = ABC, timing = TIMING): Cluster {
  const cluster = elect(newCluster(ids, { timing }), "a");
  cluster.change("a", ids.filter((id) => id !== "c"));
  cluster.deliver();
  cluster.propose("a", "x");
  cluster.deliver();
  return cluster;
}

Deno.test("thesis 4.2.1: a member is added when it has caught up with the log, not earlier", () => {
  const cluster = withoutC();
  const { raft, learned } = cluster.member("a");
  assertStringIncludes(raft.changeProblem(ABC) ?? "", "c has not caught up with the log yet");
  cluster.change("a", ABC);
  assertEquals(raft.members, AB);
  cluster.learn("a", "c");
  cluster.change("a", ABC);
  assertEquals([raft.members, learned], [AB, []]);
  cluster.deliver();
  assertEquals(learned, [["c", undefined]]);
  assertEquals(cluster.raft("c").log.lastIndex, raft.log.lastIndex);
  cluster.change("a", ABC);
  cluster.deliver();
  assertEquals(cluster.raft("b").members, ABC);
});

Deno.test("thesis 4.2.1: a learner has no vote, and counts for no majority", () => {
  const cluster = withoutC();
  cluster.learn("a", "c");
  cluster.deliver();
  const { commit } = cluster.raft("a");
  cluster.propose("a", "y");
  const read = cluster.read("a");
  run(cluster, 3, "b");
  assertEquals(cluster.raft("c").log.lastIndex, commit + 1, "the learner receives new entries");
  assertEquals(cluster.raft("a").commit, commit, "without b, there is not a majority of a and b");
  assertEquals(cluster.member("a").reads.get(read), undefined);
  run(cluster, 7, "b");
  assertEquals(cluster.raft("a").role, "follower", "replies of the learner do not keep a leader");
});

Deno.test("thesis 4.2.1: a member that was added receives entries and counts for majorities", () => {
  const cluster = withoutC();
  cluster.learn("a", "c");
  cluster.deliver();
  cluster.change("a", ABC);
  cluster.propose("a", "y");
  run(cluster, 3, "b");
  assertEquals(cluster.member("a").applied, ["x", "y"]);
  run(cluster, 2, "b");
  assertEquals(cluster.member("c").applied, ["x", "y"]);
});

Deno.test("thesis 4.2.1: a node that does not reply is not added, and nothing waits for it", () => {
  const cluster = withoutC(["a", "c"]);
  assertEquals(cluster.raft("a").members, ["a"]);
  cluster.crash("c");
  cluster.learn("a", "c");
  cluster.propose("a", "y");
  run(cluster, 1);
  assertEquals(cluster.member("a").applied, ["x", "y"], "a alone is the majority");
  run(cluster, 8);
  assertEquals(cluster.member("a").learned, [[
    "c",
    "c does not reply; start it, and connect it to the leader",
  ]]);
  assertEquals([cluster.raft("a").role, cluster.raft("a").members], ["leader", ["a"]]);
  const before = cluster.history.length;
  run(cluster, 10);
  assertEquals(cluster.history.length, before, "the leader sends nothing more to it");
});

Deno.test("thesis 4.2.1: a learner that stops replying after it caught up is not added", () => {
  const cluster = withoutC();
  cluster.learn("a", "c");
  cluster.deliver();
  cluster.crash("c");
  run(cluster, 8);
  assertEquals(cluster.member("a").learned.length, 2);
  assertStringIncludes(cluster.raft("a").changeProblem(ABC) ?? "", "has not caught up");
});

Deno.test("thesis 4.2.1: a long round is followed by another one", () => {
  const cluster = withoutC();
  cluster.learn("a", "c");
  // The entries of the first round arrive after more than an election timeout.
  for (let time = 0; time < 4; time++) {
    cluster.advance(TIMING.heartbeatMs);
    cluster.deliver((message) => !isCut("c")(message));
  }
  cluster.propose("a", "y");
  cluster.deliver();
  assertEquals(cluster.marks.get("a new member needed several rounds"), 1);
  assertEquals(cluster.raft("c").log.lastIndex, cluster.raft("a").log.lastIndex);
  assertEquals(cluster.member("a").learned, [["c", undefined]]);
});

Deno.test("thesis 4.2.1: a learner whose rounds stay long is not added", () => {
  const cluster = withoutC();
  cluster.learn("a", "c");
  for (let command = 0; cluster.member("a").learned.length === 0; command++) {
    assert(command < 100, "the leader gives up");
    for (let time = 0; time < 4; time++) {
      cluster.advance(TIMING.heartbeatMs);
      cluster.deliver((message) => !isCut("c")(message));
    }
    cluster.deliver(({ to }) => to === "c");
    cluster.propose("a", command);
    // The message with which the leader begins the next round waits.
    cluster.deliver(({ to }) => to !== "c");
  }
  assertEquals(cluster.member("a").learned, [[
    "c",
    "c replicates too slowly: each of 10 rounds took more than 100 ms",
  ]]);
  assertEquals(cluster.raft("a").members, AB);
});

Deno.test("thesis 4.2.1: the leader does not wait longer for its members because of a learner", () => {
  const cluster = withoutC();
  cluster.learn("a", "c");
  for (let time = 0; time < 20; time++) {
    cluster.advance(TIMING.heartbeatMs);
    cluster.deliver((message) => !isCut("c")(message));
    if (time % 5 === 4) cluster.deliver();
  }
  // A round trip of the learner takes 150 ms. The members' are instant.
  run(cluster, 7, "b");
  assertEquals(cluster.raft("a").role, "follower");
});

Deno.test("thesis 4.2.1: another change may be made while a node catches up", () => {
  const cluster = withoutC(["a", "b", "c", "d"]);
  cluster.learn("a", "c");
  cluster.change("a", AB);
  cluster.deliver();
  assertEquals(cluster.raft("a").members, AB);
  assertEquals(cluster.member("a").learned, [["c", undefined]]);
  assertEquals(cluster.raft("a").changeProblem(ABC), undefined);
});

Deno.test("thesis 4.2.1: a learner that lacks compacted entries receives the snapshot", () => {
  const cluster = withoutC(ABC, { ...TIMING, maxChunkBytes: 10 });
  cluster.compact("a");
  cluster.learn("a", "c");
  run(cluster, 2);
  assertEquals(cluster.member("a").learned, [["c", undefined]]);
  assertEquals(cluster.member("c").applied, ["x"]);
  assertEquals(cluster.marks.get("a snapshot arrived in several messages"), 1);
});

Deno.test("thesis 4.2.1: the next leader begins again", () => {
  const cluster = withoutC();
  cluster.learn("a", "c");
  cluster.deliver();
  cluster.transfer("a", "b");
  cluster.deliver();
  assertStringIncludes(cluster.raft("b").changeProblem(ABC) ?? "", "has not caught up");
  cluster.learn("b", "c");
  cluster.deliver();
  assertEquals(cluster.raft("b").changeProblem(ABC), undefined);
});
