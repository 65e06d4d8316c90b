/**
 * One test for each claim of sections 6 to 8 of the paper, and of the parts of the thesis that the
 * implementation follows.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { TIMING } from "./cluster.ts";
import { ABC, ABCDE, chunkOf, elect, logOf, newCluster, termsOf } from "./scenes.ts";

const APPEND = {
  type: "append_entries",
  prev_index: 0,
  prev_term: 0,
  commit: 0,
  round: 1,
} as const;

// 6 Cluster membership changes, one member at a time (thesis chapter 4)

Deno.test("6: a server uses the latest configuration in its log, committed or not", () => {
  const cluster = newCluster(ABC);
  const members = ["a", "b", "c", "d"];
  cluster.receive("a", "b", { ...APPEND, term: 1, entries: [{ term: 1, members }] });
  assertEquals(cluster.raft("a").members, members);
  // Another leader overwrites it.
  cluster.receive("a", "c", { ...APPEND, term: 2, entries: logOf(2) });
  assertEquals(cluster.raft("a").members, ABC);
});

Deno.test("thesis 4.1: a change adds or removes one member at most", () => {
  const cluster = elect(newCluster([...ABC, "d"]), "a");
  const { raft } = cluster.member("a");
  cluster.change("a", ABC);
  cluster.deliver();
  cluster.learn("a", "d");
  cluster.deliver();
  assertStringIncludes(raft.changeProblem(["a"]) ?? "", "at most one member, got 2");
  assertStringIncludes(raft.changeProblem(["a", "b", "d"]) ?? "", "got 2");
  assertEquals(raft.changeProblem(ABC), undefined);
  assertEquals(raft.changeProblem(["a", "b"]), undefined);
  assertEquals(raft.changeProblem([...ABC, "d"]), undefined);
});

Deno.test("thesis 4.1: a change begins after the last one is committed", () => {
  const cluster = elect(newCluster(ABCDE), "a");
  const { raft } = cluster.member("a");
  cluster.change("a", ["a", "b", "c", "d"]);
  assertStringIncludes(raft.changeProblem(["a", "b", "c"]) ?? "", "not committed yet");
  cluster.change("a", ["a", "b", "c"]);
  assertEquals(raft.members, ["a", "b", "c", "d"]);
  cluster.deliver();
  assertEquals(raft.changeProblem(["a", "b", "c"]), undefined);
});

Deno.test("thesis 4.1, errata: a change begins after the no-op of the leader is committed", () => {
  const cluster = newCluster(ABC);
  cluster.now = 1000;
  cluster.timeOut("a");
  cluster.deliver(({ message }) => message.type === "request_vote" || message.type === "vote");
  const { raft } = cluster.member("a");
  assertEquals(raft.role, "leader");
  assertStringIncludes(raft.changeProblem(["a", "b"]) ?? "", "no entry of its term");
  cluster.deliver();
  assertEquals(raft.changeProblem(["a", "b"]), undefined);
});

Deno.test("6: a leader that is removed steps down when the change is committed", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.change("a", ["b", "c"]);
  assertEquals(cluster.raft("a").role, "leader");
  cluster.deliver(({ to, from }) => to !== "c" && from !== "c");
  // Its own copy does not count: a majority of b and c is both.
  assertEquals([cluster.raft("a").role, cluster.raft("a").commit], ["leader", 1]);
  cluster.deliver();
  assertEquals(cluster.raft("a").role, "follower");
  assertEquals(cluster.marks.get("a leader removed itself"), 1);
});

Deno.test("6: a removed server does not disrupt the cluster", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.change("a", ["a", "b"]);
  // c never receives the change that removes it, and so times out.
  cluster.drop(({ to }) => to === "c");
  cluster.deliver();
  const { term } = cluster.raft("a");
  for (let time = 0; time < 20; time++) {
    cluster.advance(TIMING.heartbeatMs);
    cluster.deliver();
  }
  assertEquals([cluster.raft("a").role, cluster.raft("a").term], ["leader", term]);
  cluster.receive("b", "c", { type: "request_vote", term: term + 1, last_index: 9, last_term: 9 });
  assertEquals(cluster.raft("b").term, term, "a vote that is requested too early is ignored");
});

// 7 Log compaction

Deno.test("7: a snapshot replaces the entries up to its index, and survives a restart", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.propose("a", "x", "y");
  cluster.deliver();
  cluster.compact("a");
  const { log } = cluster.raft("a");
  assertEquals([log.snapshotIndex, log.lastIndex, log.snapshot?.term], [3, 3, 1]);
  cluster.propose("a", "z");
  cluster.crash("a");
  cluster.restart("a");
  assertEquals(cluster.member("a").applied, ["x", "y"]);
  assertEquals(termsOf(cluster, "a"), [1]);
});

Deno.test("7: a leader sends its snapshot to a follower that lacks compacted entries", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.crash("c");
  cluster.drop();
  cluster.propose("a", "x", "y");
  cluster.deliver();
  cluster.compact("a");
  cluster.restart("c");
  for (let time = 0; time < 4; time++) {
    cluster.advance(TIMING.heartbeatMs);
    cluster.deliver();
  }
  assertEquals(cluster.member("c").applied, ["x", "y"]);
  assertEquals(cluster.raft("c").log.snapshotIndex, 3);
  assertEquals(cluster.marks.get("a snapshot was installed"), 1);
});

const SNAPSHOT = { index: 2, term: 1, members: ABC, data: ["1.1", "1.2"] };

Deno.test("7: a snapshot of a prefix keeps the entries after it", () => {
  const recovered = { a: { term: 1, entries: logOf(1, 1, 1) } };
  const cluster = newCluster(ABC, { recovered });
  cluster.receive("a", "b", chunkOf(SNAPSHOT, 1));
  const { log } = cluster.raft("a");
  assertEquals([log.snapshotIndex, log.lastIndex], [2, 3]);
  assertEquals(cluster.member("a").applied, SNAPSHOT.data);
});

Deno.test("7: a snapshot replaces a log that conflicts with it", () => {
  const recovered = { a: { term: 3, entries: logOf(2, 2, 2) } };
  const cluster = newCluster(ABC, { recovered });
  cluster.receive("a", "b", chunkOf({ ...SNAPSHOT, term: 3 }, 3));
  const { log } = cluster.raft("a");
  assertEquals([log.snapshotIndex, log.lastIndex, log.lastTerm], [2, 2, 3]);
});

Deno.test("7: a snapshot that arrives late does not take back what was applied since", () => {
  const cluster = newCluster(ABC);
  cluster.receive("a", "b", { ...APPEND, term: 1, entries: logOf(1, 1, 1), commit: 3 });
  cluster.receive("a", "b", chunkOf(SNAPSHOT, 1));
  assertEquals(cluster.member("a").applied, ["1.1", "1.2", "1.3"]);
  assertEquals(cluster.raft("a").log.snapshotIndex, 0);
});

// 8 Client interaction

Deno.test("8: a leader commits a no-op at the start of its term", () => {
  const cluster = elect(newCluster(ABC), "a");
  assertEquals(termsOf(cluster, "a"), [1]);
  assertEquals([cluster.raft("a").log.entryAt(1), cluster.raft("a").commit], [{ term: 1 }, 1]);
});

Deno.test("8: a leader answers a read after a majority has confirmed that it leads", () => {
  const cluster = elect(newCluster(ABC), "a");
  const read = cluster.read("a");
  assertEquals(cluster.member("a").reads.get(read), undefined);
  cluster.deliver();
  assertEquals(cluster.member("a").reads.get(read), 1);
});

Deno.test("8: acknowledgements of rounds before a read do not confirm it", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.advance(TIMING.heartbeatMs);
  const isEarlier = ({ message }: { message: { type: string } }) =>
    message.type === "append_entries";
  const earlier = cluster.inFlight.filter(isEarlier);
  const read = cluster.read("a");
  cluster.inFlight = earlier;
  cluster.deliver();
  assertEquals(cluster.member("a").reads.get(read), undefined);
});

Deno.test("8: a leader that was deposed does not answer reads", () => {
  const cluster = elect(newCluster(ABC), "a");
  const isCut = ({ to, from }: { to: string; from: string }) => to === "a" || from === "a";
  const read = cluster.read("a");
  cluster.drop(isCut);
  cluster.now += 150;
  cluster.timeOut("b");
  cluster.deliver((message) => !isCut(message));
  cluster.propose("b", "x");
  cluster.deliver((message) => !isCut(message));
  assertEquals(cluster.member("a").reads.get(read), undefined);
  cluster.deliver();
  assertEquals(cluster.member("a").reads.get(read), -1);
});

Deno.test("8: a message of an older term of the same leader does not confirm a read", () => {
  const cluster = elect(newCluster(ABC), "a");
  for (let round = 0; round < 15; round++) cluster.advance(TIMING.heartbeatMs / 3);
  const late = cluster.inFlight.filter(({ message }) => message.type === "append_entries").slice(
    -2,
  );
  cluster.drop();
  cluster.transfer("a", "b");
  cluster.deliver();
  cluster.transfer("b", "a");
  cluster.deliver();
  assertEquals([cluster.raft("a").role, cluster.raft("a").term], ["leader", 3]);
  const read = cluster.read("a");
  // The others refuse the late messages, which have higher rounds, with the present term.
  cluster.inFlight = [...late];
  cluster.deliver();
  assertEquals(cluster.member("a").reads.get(read), undefined);
});

Deno.test("8: a new leader does not answer reads before its no-op is committed", () => {
  const recovered = { a: { term: 1, entries: logOf(1) }, b: { term: 1, entries: logOf(1) } };
  const cluster = newCluster(ABC, { recovered });
  cluster.now = 1000;
  cluster.timeOut("a");
  cluster.deliver(({ message }) => message.type === "request_vote" || message.type === "vote");
  const { term } = cluster.raft("a");
  const read = cluster.read("a");
  cluster.drop();
  // The leadership is confirmed, but the entry of term 1 is not known to be committed.
  cluster.receive("a", "b", { type: "appended", term, match: 0, round: 9 });
  assertEquals(cluster.member("a").reads.get(read), undefined);
  cluster.receive("a", "b", { type: "appended", term, match: 2, round: 9 });
  assertEquals(cluster.member("a").reads.get(read), 2);
});

// The thesis

Deno.test("thesis 3.10: a transfer lets an up-to-date member win an election at once", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.propose("a", "x");
  cluster.transfer("a", "b");
  assert(!cluster.raft("a").acceptsProposals);
  cluster.deliver();
  assertEquals([cluster.raft("a").role, cluster.raft("b").role], ["follower", "leader"]);
  assertEquals(cluster.raft("b").term, 2);
});

Deno.test("thesis 3.10: a transfer that fails ends after an election timeout", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.crash("b");
  cluster.transfer("a", "b");
  for (let time = 0; time < 4; time++) {
    cluster.advance(TIMING.heartbeatMs);
    cluster.deliver();
  }
  assert(cluster.raft("a").acceptsProposals);
});

Deno.test("thesis 4.2.2: a member that removes itself may be needed to commit that", () => {
  const recovered = {
    a: { term: 2, entries: [...logOf(1, 1), { term: 2, members: ["b"] }] },
    b: { term: 2, entries: logOf(1, 1) },
  };
  const cluster = newCluster(["a", "b"], { recovered });
  cluster.now = 1000;
  cluster.timeOut("b");
  cluster.deliver();
  assertEquals(cluster.raft("b").role, "pre-candidate", "a's log is longer");
  cluster.timeOut("a");
  cluster.deliver();
  assertEquals([cluster.raft("a").role, cluster.raft("b").members], ["follower", ["b"]]);
});

Deno.test("thesis 6.4.1: a lease answers reads without messages until it expires", () => {
  const timing = { ...TIMING, leaseDrift: 0.1 };
  const cluster = elect(newCluster(ABC, { timing }), "a");
  cluster.drop();
  const read = cluster.read("a");
  assertEquals([cluster.member("a").reads.get(read), cluster.inFlight.length], [1, 0]);
  cluster.now += TIMING.electionMs * 0.9;
  const late = cluster.read("a");
  assertEquals(cluster.member("a").reads.get(late), undefined);
});

Deno.test("thesis 6.4.1: the votes of a transfer do not wait for leases, so it ends them", () => {
  const timing = { ...TIMING, leaseDrift: 0.1 };
  const cluster = elect(newCluster(ABC, { timing }), "a");
  cluster.transfer("a", "b");
  const read = cluster.read("a");
  assertEquals(cluster.member("a").reads.get(read), undefined);
});

Deno.test("thesis 6.4.1: a member that restarts does not vote for an election timeout", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.crash("b");
  cluster.restart("b");
  cluster.drop();
  cluster.receive("b", "c", { type: "request_vote", term: 2, last_index: 9, last_term: 9 });
  const [reply] = cluster.inFlight;
  assert(reply?.message.type === "vote" && !reply.message.granted);
});

Deno.test("thesis 9.6: a member that was partitioned does not raise the term", () => {
  const cluster = elect(newCluster(ABC), "a");
  const isCut = ({ to, from }: { to: string; from: string }) => to === "c" || from === "c";
  for (let time = 0; time < 50; time++) {
    cluster.advance(TIMING.heartbeatMs);
    cluster.drop(isCut);
    cluster.deliver();
  }
  assertEquals([cluster.raft("c").role, cluster.raft("c").term], ["pre-candidate", 1]);
  for (let time = 0; time < 50; time++) {
    cluster.advance(TIMING.heartbeatMs);
    cluster.deliver();
  }
  assertEquals([cluster.raft("a").role, cluster.raft("a").term], ["leader", 1]);
  assertEquals(cluster.raft("c").role, "follower");
});

Deno.test("thesis 6.2: a leader without replies from a majority steps down", () => {
  const cluster = elect(newCluster(ABC), "a");
  for (let time = 0; time < 10; time++) {
    cluster.advance(TIMING.heartbeatMs);
    cluster.drop();
  }
  assertEquals([cluster.raft("a").role, cluster.raft("a").leader], ["follower", undefined]);
});

Deno.test("thesis 10.2.1: entries leave in parallel to the leader's own write", () => {
  const cluster = newCluster(ABC, { syncs: false });
  cluster.now = 1000;
  cluster.timeOut("a");
  for (let time = 0; time < 4; time++) {
    for (const id of ABC) cluster.sync(id);
    cluster.deliver();
  }
  assertEquals(cluster.raft("a").role, "leader");
  cluster.sync("a");
  cluster.propose("a", "x");
  assert(cluster.member("a").unsynced > 0);
  const [message] = cluster.inFlight;
  assert(message?.message.type === "append_entries" && message.message.entries.length === 1);
  // A follower's acknowledgement waits for its disk. The leader counts itself after its own write.
  cluster.deliver();
  assertEquals([cluster.inFlight.length, cluster.raft("a").commit], [0, 1]);
  assertEquals(cluster.member(message.to).waiting.length, 1);
  cluster.sync(message.to);
  cluster.deliver();
  assertEquals(cluster.raft("a").commit, 1);
  cluster.sync("a");
  assertEquals(cluster.raft("a").commit, 2);
});
