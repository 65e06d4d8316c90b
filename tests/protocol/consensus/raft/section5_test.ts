/**
 * One test for each claim of sections 5.1 to 5.4 of the paper, with the sentence that makes it.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { Random } from "../../../../lib/base/mod.ts";
import { TIMING } from "./cluster.ts";
import { ABC, ABCDE, elect, logOf, newCluster, termsOf } from "./scenes.ts";

const APPEND = {
  type: "append_entries",
  prev_index: 0,
  prev_term: 0,
  commit: 0,
  round: 1,
} as const;
const VOTE = { type: "request_vote", last_index: 0, last_term: 0 } as const;

// 5.1 Raft basics

Deno.test("5.1: a server with a smaller term updates it to the larger value", () => {
  const cluster = newCluster(ABC);
  cluster.receive("a", "b", { ...APPEND, term: 7, entries: [] });
  assertEquals([cluster.raft("a").term, cluster.raft("a").leader], [7, "b"]);
});

Deno.test("5.1: a leader whose term is out of date reverts to follower", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.receive("a", "b", { type: "vote", term: 9, granted: false });
  assertEquals([cluster.raft("a").role, cluster.raft("a").term], ["follower", 9]);
});

Deno.test("5.1: a candidate whose term is out of date reverts to follower", () => {
  const cluster = newCluster(ABC);
  cluster.timeOut("a");
  cluster.receive("a", "b", { type: "vote", term: 1, granted: true, pre: true });
  assertEquals(cluster.raft("a").role, "candidate");
  cluster.receive("a", "b", { type: "vote", term: 9, granted: false });
  assertEquals([cluster.raft("a").role, cluster.raft("a").term], ["follower", 9]);
});

Deno.test("5.1: a server rejects a request with a stale term, and answers with its own", () => {
  const cluster = newCluster(ABC);
  cluster.receive("a", "b", { ...APPEND, term: 7, entries: [] });
  cluster.drop();
  cluster.receive("a", "c", { ...APPEND, term: 6, entries: logOf(6) });
  assertEquals(cluster.raft("a").log.lastIndex, 0);
  const [reply] = cluster.inFlight;
  assertEquals([reply?.message.type, reply?.message.term], ["rejected", 7]);
});

// 5.2 Leader election

Deno.test("5.2: servers begin as followers", () => {
  for (const { raft } of newCluster(ABC).members.values()) {
    assertEquals([raft.role, raft.term], ["follower", 0]);
  }
});

Deno.test("5.2: a server remains a follower while it receives messages from a leader", () => {
  const cluster = elect(newCluster(ABC), "a");
  for (let time = 0; time < 100; time++) {
    cluster.advance(TIMING.heartbeatMs);
    cluster.deliver();
  }
  assertEquals(cluster.raft("b").role, "follower");
  assertEquals(cluster.raft("b").term, 1);
});

Deno.test("5.2: a leader sends periodic heartbeats to all followers", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.drop();
  cluster.advance(TIMING.heartbeatMs);
  const heartbeats = cluster.inFlight.filter(({ message }) => message.type === "append_entries");
  assertEquals(new Set(heartbeats.map(({ to }) => to)), new Set(["b", "c"]));
});

Deno.test("5.2: election timeouts are random, from the shortest up to twice that", () => {
  const { electionMs } = TIMING;
  const timeouts = Array.from({ length: 200 }, (_, seed) => {
    const random = new Random(seed);
    return newCluster(["a", "b"], { random: () => random.next() }).member("a").timerAtMs;
  });
  assert(timeouts.every((ms) => ms >= electionMs && ms <= 2 * electionMs));
  assert(Math.min(...timeouts) < 1.1 * electionMs && Math.max(...timeouts) > 1.9 * electionMs);
});

Deno.test("5.2: a follower that times out begins a term, votes for itself and requests votes", () => {
  const cluster = newCluster(ABC);
  cluster.timeOut("a");
  cluster.deliver(({ message }) => message.type === "request_vote" && message.pre === true);
  cluster.deliver(({ message }) => message.type === "vote");
  const { role, term, vote } = cluster.raft("a");
  assertEquals([role, term, vote], ["candidate", 1, "a"]);
  const requests = cluster.inFlight.map(({ to, message }) => [to, message.type, message.term]);
  assertEquals(requests, [["b", "request_vote", 1], ["c", "request_vote", 1]]);
});

Deno.test("5.2: a candidate wins with the votes of a majority, and not with fewer", () => {
  const cluster = newCluster(ABCDE);
  cluster.timeOut("a");
  for (const voter of ["b", "c"]) {
    cluster.receive("a", voter, { type: "vote", term: 1, granted: true, pre: true });
  }
  cluster.receive("a", "b", { type: "vote", term: 1, granted: true });
  cluster.receive("a", "b", { type: "vote", term: 1, granted: true });
  cluster.receive("a", "d", { type: "vote", term: 1, granted: false });
  assertEquals(cluster.raft("a").role, "candidate");
  cluster.receive("a", "c", { type: "vote", term: 1, granted: true });
  assertEquals(cluster.raft("a").role, "leader");
});

Deno.test("5.2: a server votes for one candidate a term, first come, first served", () => {
  const cluster = newCluster(ABC);
  cluster.now = 1000;
  cluster.receive("a", "b", { ...VOTE, term: 1 });
  cluster.receive("a", "c", { ...VOTE, term: 1 });
  cluster.receive("a", "b", { ...VOTE, term: 1 });
  const votes = cluster.inFlight.map(({ to, message }) =>
    message.type === "vote" ? [to, message.granted] : []
  );
  assertEquals(votes, [["b", true], ["c", false], ["b", true]]);
});

Deno.test("5.2: a vote survives a restart", () => {
  const cluster = newCluster(ABC);
  cluster.now = 1000;
  cluster.receive("a", "b", { ...VOTE, term: 1 });
  cluster.crash("a");
  cluster.restart("a");
  cluster.now = 2000;
  cluster.drop();
  cluster.receive("a", "c", { ...VOTE, term: 1 });
  const [reply] = cluster.inFlight;
  assert(reply?.message.type === "vote" && !reply.message.granted);
});

Deno.test("5.2: a new leader sends heartbeats, which prevent new elections", () => {
  const cluster = newCluster(ABC);
  cluster.timeOut("a");
  cluster.receive("a", "b", { type: "vote", term: 1, granted: true, pre: true });
  cluster.drop();
  cluster.receive("a", "b", { type: "vote", term: 1, granted: true });
  assertEquals(cluster.inFlight.map(({ message }) => message.type), [
    "append_entries",
    "append_entries",
  ]);
});

Deno.test("5.2: a candidate recognises a leader of its term, and not one of an older term", () => {
  const cluster = newCluster(ABC);
  cluster.receive("a", "b", { type: "vote", term: 4, granted: false });
  cluster.timeOut("a");
  cluster.receive("a", "b", { type: "vote", term: 5, granted: true, pre: true });
  cluster.receive("a", "c", { ...APPEND, term: 4, entries: [] });
  assertEquals([cluster.raft("a").role, cluster.raft("a").leader], ["candidate", undefined]);
  cluster.receive("a", "c", { ...APPEND, term: 5, entries: [] });
  assertEquals([cluster.raft("a").role, cluster.raft("a").leader], ["follower", "c"]);
});

Deno.test("5.2: a candidate without a majority times out and begins a new election", () => {
  const cluster = newCluster(ABC);
  cluster.timeOut("a");
  cluster.receive("a", "b", { type: "vote", term: 1, granted: true, pre: true });
  cluster.drop();
  cluster.timeOut("a");
  cluster.receive("a", "b", { type: "vote", term: 2, granted: true, pre: true });
  assertEquals([cluster.raft("a").role, cluster.raft("a").term], ["candidate", 2]);
});

// 5.3 Log replication

Deno.test("5.3: a leader commits an entry when a majority has it, and then applies it", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.propose("a", "x");
  assertEquals(cluster.member("a").applied, []);
  cluster.deliver();
  assertEquals(cluster.member("a").applied, ["x"]);
});

Deno.test("5.3: followers apply what the leader has committed, in the order of the log", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.propose("a", "x", "y");
  cluster.propose("a", "z");
  cluster.deliver();
  cluster.advance(TIMING.heartbeatMs);
  cluster.deliver();
  for (const id of ABC) assertEquals(cluster.member(id).applied, ["x", "y", "z"]);
});

Deno.test("5.3: the leader's commit index covers preceding entries of previous leaders", () => {
  const recovered = { a: { term: 1, entries: logOf(1, 1) }, b: { term: 1, entries: logOf(1, 1) } };
  const cluster = elect(newCluster(ABC, { recovered }), "a");
  assertEquals(cluster.member("a").applied, ["1.1", "1.2"]);
});

Deno.test("5.3: a leader retries until all followers store all entries", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.propose("a", "x");
  cluster.drop();
  for (let time = 0; time < 3; time++) {
    cluster.advance(TIMING.heartbeatMs);
    cluster.deliver();
  }
  for (const id of ABC) assertEquals(cluster.member(id).applied, ["x"]);
});

Deno.test("5.3: a follower refuses entries that do not follow on its log", () => {
  const recovered = { a: { term: 2, entries: logOf(1, 1, 2) } };
  const cluster = newCluster(ABC, { recovered });
  const append = { ...APPEND, term: 3, entries: logOf(3) };
  cluster.receive("a", "b", { ...append, prev_index: 4, prev_term: 2 });
  cluster.receive("a", "b", { ...append, prev_index: 3, prev_term: 3 });
  assertEquals(cluster.inFlight.map(({ message }) => message), [
    { type: "rejected", term: 3, prev_index: 4, conflict_index: 4, round: 1 },
    { type: "rejected", term: 3, prev_index: 3, conflict_index: 3, conflict_term: 2, round: 1 },
  ]);
  assertEquals(termsOf(cluster, "a"), [1, 1, 2]);
});

Deno.test("5.3: a conflicting entry and all that follow it are overwritten", () => {
  const recovered = { a: { term: 2, entries: logOf(1, 2, 2, 2) } };
  const cluster = newCluster(ABC, { recovered });
  cluster.receive("a", "b", { ...APPEND, term: 3, prev_index: 1, prev_term: 1, entries: logOf(3) });
  assertEquals(termsOf(cluster, "a"), [1, 3]);
});

Deno.test("5.3: entries that the log has are not removed by an older, shorter message", () => {
  const cluster = newCluster(ABC);
  cluster.receive("a", "b", { ...APPEND, term: 1, entries: logOf(1, 1, 1) });
  cluster.receive("a", "b", { ...APPEND, term: 1, entries: logOf(1) });
  assertEquals(termsOf(cluster, "a"), [1, 1, 1]);
});

const FIGURE_7 = {
  leader: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6],
  a: [1, 1, 1, 4, 4, 5, 5, 6, 6],
  b: [1, 1, 1, 4],
  c: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
  d: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
  e: [1, 1, 1, 4, 4, 4, 4],
  f: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
};

Deno.test("5.3: figure 7: the leader brings every follower's log into agreement with its own", () => {
  const recovered = Object.fromEntries(
    Object.entries(FIGURE_7).map(([id, terms]) => [id, { term: 7, entries: logOf(...terms) }]),
  );
  const cluster = newCluster(Object.keys(FIGURE_7), { recovered });
  elect(cluster, "leader");
  cluster.advance(TIMING.heartbeatMs);
  cluster.deliver();
  for (const id of Object.keys(FIGURE_7)) {
    assertEquals(termsOf(cluster, id), [...FIGURE_7.leader, 8], id);
  }
});

Deno.test("5.3: one rejection a conflicting term brings a leader to the point of agreement", () => {
  const entries = { leader: logOf(1, 1, 4, 4, 4, 4), f: logOf(1, 1, 2, 2, 2, 3, 3, 3) };
  const recovered = {
    leader: { term: 4, entries: entries.leader },
    f: { term: 4, entries: entries.f },
    g: { term: 4, entries: entries.leader },
  };
  const cluster = newCluster(["leader", "f", "g"], { recovered });
  cluster.now = 1000;
  cluster.timeOut("leader");
  cluster.drop(({ to, from }) => to === "f" || from === "f");
  cluster.deliver();
  const rejections: unknown[] = [];
  for (let count = 0; count < 20; count++) {
    cluster.advance(1);
    rejections.push(...cluster.inFlight.filter(({ message }) => message.type === "rejected"));
    if (cluster.inFlight.length > 0) cluster.deliverAt(0);
    if (count > 10) cluster.advance(TIMING.heartbeatMs);
  }
  assertEquals(termsOf(cluster, "f"), [1, 1, 4, 4, 4, 4, 5]);
  assert(rejections.length <= 2, `${rejections.length} rejections for two terms`);
});

// 5.4 Safety

Deno.test("5.4.1: a voter denies its vote to a candidate whose log is less up to date", () => {
  const recovered = { a: { term: 3, entries: logOf(1, 3, 3) } };
  const grants = (last_index: number, last_term: number) => {
    const cluster = newCluster(ABC, { recovered });
    cluster.now = 1000;
    cluster.receive("a", "b", { type: "request_vote", term: 4, last_index, last_term });
    const [reply] = cluster.inFlight;
    return reply?.message.type === "vote" && reply.message.granted;
  };
  assertEquals(grants(2, 3), false, "the same last term, a shorter log");
  assertEquals(grants(9, 2), false, "an older last term, a longer log");
  assertEquals(grants(3, 3), true, "the same log");
  assertEquals(grants(1, 4), true, "a newer last term, a shorter log");
});

Deno.test("5.4.2: figure 8: an entry of an earlier term is not committed by counting", () => {
  // (c): S1 leads term 4, and its entry of term 2 is on a majority.
  const recovered = {
    a: { term: 3, entries: logOf(1, 2) },
    b: { term: 3, entries: logOf(1, 2) },
    c: { term: 3, entries: logOf(1) },
    d: { term: 3, entries: logOf(1) },
    e: { term: 3, entries: logOf(1, 3) },
  };
  const figure8 = () => {
    const cluster = newCluster(ABCDE, { recovered });
    cluster.now = 1000;
    cluster.timeOut("a");
    cluster.deliver(({ message }) => message.type === "request_vote" || message.type === "vote");
    assertEquals([cluster.raft("a").role, cluster.raft("a").term], ["leader", 4]);
    return cluster;
  };
  const early = figure8();
  // The followers have the entry of term 2, and not that of term 4.
  early.drop();
  early.receive("a", "b", { type: "appended", term: 4, match: 2, round: 1 });
  early.receive("a", "c", { type: "appended", term: 4, match: 2, round: 1 });
  assertEquals(early.raft("a").commit, 0);
  // (d): S5 may then be elected, and overwrite the entry.
  early.crash("a");
  early.now += 1000;
  early.timeOut("e");
  early.deliver();
  assertEquals(early.raft("e").role, "leader");
  early.advance(TIMING.heartbeatMs);
  early.deliver();
  assertEquals(termsOf(early, "b"), [1, 3, 5]);
  // (e): with its entry of term 4 on a majority, S1 commits both, and S5 cannot win.
  const late = figure8();
  late.deliver(({ to, from }) => to !== "e" && from !== "e" && to !== "d" && from !== "d");
  assertEquals(late.raft("a").commit, 3);
  late.crash("a");
  late.now += 1000;
  late.timeOut("e");
  late.deliver();
  assert(late.raft("e").role !== "leader");
});

Deno.test("5.4.3: a committed entry is in the log of every later leader", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.propose("a", "x");
  cluster.deliver(({ to, from }) => to !== "c" && from !== "c");
  assertEquals(cluster.member("a").applied, ["x"]);
  cluster.crash("a");
  cluster.drop();
  cluster.now += 1000;
  cluster.timeOut("c");
  cluster.deliver();
  assertEquals(cluster.raft("c").role, "pre-candidate");
  cluster.now += 1000;
  cluster.timeOut("b");
  cluster.deliver();
  assertEquals([cluster.raft("b").role, cluster.member("b").applied], ["leader", ["x"]]);
});

Deno.test("5.5: a message that is repeated has no further effect", () => {
  const cluster = newCluster(ABC);
  for (let time = 0; time < 3; time++) {
    cluster.receive("a", "b", { ...APPEND, term: 1, entries: logOf(1, 1), commit: 2 });
  }
  assertEquals(termsOf(cluster, "a"), [1, 1]);
  assertEquals(cluster.member("a").applied, ["1.1", "1.2"]);
});
