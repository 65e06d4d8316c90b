/**
 * Snapshots in several messages (section 7, figure 13): one test for each claim.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import type { InstallSnapshot } from "../../../../lib/protocol/consensus/raft/types.ts";
import { type Cluster, type InFlight, TIMING } from "./cluster.ts";
import { ABC, chunkOf, elect, logOf, newCluster } from "./scenes.ts";

const MAX_CHUNK_BYTES = 20;
const MARK = "a snapshot arrived in several messages";
const COMMANDS = ["x", '"quoted\\"', "größer", "😀😀😀😀😀😀", "the last command"];
const TIMING_IN_CHUNKS = { ...TIMING, maxChunkBytes: MAX_CHUNK_BYTES };

/** A cluster whose leader a has compacted the log that c lacks; c is down. */
function behind(syncs = true, timing = TIMING_IN_CHUNKS): Cluster {
  const cluster = newCluster(ABC, { timing, syncs });
  const settle = (step: () => void) => {
    step();
    for (let time = 0; time < 10; time++) {
      for (const id of ABC) cluster.sync(id);
      cluster.deliver();
    }
  };
  cluster.now += 10 * TIMING.electionMs;
  settle(() => cluster.timeOut("a"));
  assertEquals(cluster.raft("a").role, "leader");
  settle(() => cluster.crash("c"));
  settle(() => cluster.propose("a", ...COMMANDS));
  settle(() => cluster.compact("a"));
  return cluster;
}

function chunksSent({ history }: Cluster): InstallSnapshot[] {
  return history.flatMap(({ message }) => message.type === "install_snapshot" ? [message] : []);
}

const isChunk = ({ message }: InFlight) => message.type === "install_snapshot";

/** Lets heartbeats pass, and delivers what `passes`. */
function run(cluster: Cluster, heartbeats: number, passes?: (message: InFlight) => boolean): void {
  for (let time = 0; time < heartbeats; time++) {
    cluster.advance(TIMING.heartbeatMs);
    cluster.deliver(passes);
  }
}

/** Delivers until a chunk from an offset above zero is on its way to c. */
function untilSecondChunk(cluster: Cluster): InFlight {
  cluster.restart("c");
  for (let time = 0; time < 4; time++) {
    cluster.advance(TIMING.heartbeatMs);
    const isLater = (sent: InFlight) =>
      sent.message.type === "install_snapshot" && sent.message.offset > 0;
    cluster.deliver((message) => !isLater(message));
    const found = cluster.inFlight.find(isLater);
    if (found !== undefined) return found;
  }
  throw new Error("no second chunk was sent");
}

function assertInstalled(cluster: Cluster): void {
  assertEquals(cluster.member("c").applied, COMMANDS);
  assertEquals(cluster.raft("c").log.snapshotIndex, cluster.raft("a").log.snapshotIndex);
  assertEquals(cluster.marks.get("a snapshot was installed"), 1);
}

Deno.test("7: a long snapshot arrives in several messages of a limited size", () => {
  const cluster = behind();
  cluster.restart("c");
  run(cluster, 4);
  assertInstalled(cluster);
  assertEquals(cluster.marks.get(MARK), 1);
  const chunks = chunksSent(cluster);
  assert(chunks.length > 5, `${chunks.length} chunks`);
  for (const { data } of chunks) {
    const bytes = new TextEncoder().encode(JSON.stringify(data)).length;
    assert(bytes <= MAX_CHUNK_BYTES && data.isWellFormed(), `${bytes} bytes: ${data}`);
  }
  assertEquals(chunks.filter(({ done }) => done), chunks.slice(-1));
});

Deno.test("7: a snapshot that fits is one message", () => {
  const cluster = elect(newCluster(ABC), "a");
  cluster.crash("c");
  cluster.propose("a", ...COMMANDS);
  cluster.deliver();
  cluster.compact("a");
  cluster.restart("c");
  run(cluster, 4);
  assertInstalled(cluster);
  assertEquals(cluster.marks.get(MARK), undefined);
  assertEquals(chunksSent(cluster).map(({ offset, done }) => [offset, done]), [[0, true]]);
});

Deno.test("7: a lost chunk is sent again, and the transfer continues there", () => {
  const cluster = behind();
  const { message } = untilSecondChunk(cluster);
  cluster.drop();
  run(cluster, 6);
  assertInstalled(cluster);
  const { offset } = message as InstallSnapshot;
  const offsets = chunksSent(cluster).map((chunk) => chunk.offset);
  assertEquals(offsets.filter((sent) => sent === offset).length, 2);
  assertEquals(offsets.filter((sent) => sent === 0).length, 1);
});

Deno.test("7: the transfer begins again with a follower that has restarted", () => {
  const cluster = behind();
  untilSecondChunk(cluster);
  cluster.crash("c");
  cluster.drop();
  cluster.restart("c");
  run(cluster, 6);
  assertInstalled(cluster);
  assertEquals(chunksSent(cluster).filter(({ offset }) => offset === 0).length, 2);
});

Deno.test("7: chunks and replies that arrive twice cause no others", () => {
  const once = behind();
  once.restart("c");
  run(once, 4);
  const twice = behind();
  twice.restart("c");
  for (let heartbeat = 0; heartbeat < 4; heartbeat++) {
    twice.advance(TIMING.heartbeatMs);
    while (twice.inFlight.length > 0) {
      const type = twice.inFlight[0]?.message.type;
      if (type === "install_snapshot" || type === "chunk_received") twice.deliverAt(0, true);
      twice.deliverAt(0);
    }
  }
  assertInstalled(twice);
  assertEquals(chunksSent(twice).length, chunksSent(once).length);
});

Deno.test("7: while a chunk is on its way, heartbeats have no data, and cause no others", () => {
  // A chunk counts as lost after 1.5 of the longest round trips, here of 25 ms.
  const cluster = behind(true, { ...TIMING_IN_CHUNKS, heartbeatMs: 5, maxEntries: 1 });
  const { message } = untilSecondChunk(cluster);
  const before = cluster.history.length;
  cluster.advance(15);
  cluster.deliver((sent) => !isChunk(sent));
  const sent = cluster.history.slice(before).filter(({ from, to }) => from === "a" && to === "c");
  assert(sent.length > 1 && sent.length < 5, `${sent.length} heartbeats`);
  assert(!sent.some(isChunk), "the chunk is not repeated");
  cluster.drop();
  // Though c replies to heartbeats, the lost chunk is sent again.
  cluster.advance(25);
  const again = cluster.inFlight.filter(isChunk).map(({ message }) => message as InstallSnapshot);
  assertEquals(again.map(({ offset }) => offset), [(message as InstallSnapshot).offset]);
});

const SNAPSHOT = { index: 2, term: 1, members: ABC, data: ["1.1", "1.2"] };
const OTHER = { index: 3, term: 1, members: ABC, data: ["A.1", "A.2", "A.3"] };
/** The length of a part of a snapshot's text. */
const PART = 10;

/** The last reply to c's leader. */
function lastReply(cluster: Cluster) {
  return cluster.inFlight.at(-1)?.message;
}

Deno.test("7: a chunk counts only where the follower's text ends", () => {
  const cluster = newCluster(ABC);
  cluster.receive("a", "b", chunkOf(SNAPSHOT, 1, PART));
  assertEquals(lastReply(cluster), {
    type: "chunk_received",
    term: 1,
    last_index: 2,
    offset: 0,
    round: 1,
  });
  cluster.receive("a", "b", chunkOf(SNAPSHOT, 1, 0, PART));
  cluster.receive("a", "b", chunkOf(SNAPSHOT, 1, 2 * PART));
  assertEquals(lastReply(cluster), {
    type: "chunk_received",
    term: 1,
    last_index: 2,
    offset: PART,
    round: 1,
  });
  assertEquals(cluster.member("a").applied, []);
  cluster.receive("a", "b", chunkOf(SNAPSHOT, 1, PART));
  assertEquals(cluster.member("a").applied, SNAPSHOT.data);
});

Deno.test("7: nothing is installed before the last chunk", () => {
  const cluster = newCluster(ABC);
  // The part is a whole JSON value by chance, but not the last one.
  cluster.receive("a", "b", { ...chunkOf(SNAPSHOT, 1), done: false });
  assertEquals(cluster.member("a").applied, []);
  assertEquals(lastReply(cluster)?.type, "chunk_received");
  cluster.receive("a", "b", {
    ...chunkOf(SNAPSHOT, 1, 1000),
    offset: chunkOf(SNAPSHOT, 1).data.length,
  });
  assertEquals(cluster.member("a").applied, SNAPSHOT.data);
});

Deno.test("7: chunks of two snapshots of a leader never mix", () => {
  const cluster = newCluster(ABC);
  cluster.receive("a", "b", chunkOf(SNAPSHOT, 1, 0, PART));
  cluster.receive("a", "b", chunkOf(OTHER, 1, PART, 2 * PART));
  cluster.receive("a", "b", chunkOf(OTHER, 1, 0, PART));
  // The older one arrives late, and does not end the transfer of the newer one.
  cluster.receive("a", "b", chunkOf(SNAPSHOT, 1, PART));
  assertEquals(cluster.member("a").applied, []);
  cluster.receive("a", "b", chunkOf(OTHER, 1, PART));
  assertEquals(cluster.member("a").applied, OTHER.data);
});

Deno.test("7: chunks of two leaders never mix", () => {
  const cluster = newCluster(ABC);
  cluster.receive("a", "b", chunkOf(SNAPSHOT, 1, 0, PART));
  // The text of another leader's snapshot of the same entries may differ.
  const same = { ...SNAPSHOT, members: ["c", "b", "a"] };
  cluster.receive("a", "c", chunkOf(same, 2, PART));
  assertEquals(lastReply(cluster), {
    type: "chunk_received",
    term: 2,
    last_index: 2,
    offset: 0,
    round: 1,
  });
  cluster.receive("a", "c", chunkOf(same, 2));
  assertEquals(cluster.raft("a").members, same.members);
});

Deno.test("7: a follower that has the entries meanwhile needs no more chunks", () => {
  const cluster = newCluster(ABC);
  cluster.receive("a", "b", chunkOf(SNAPSHOT, 1, 0, PART));
  const append = { type: "append_entries", prev_index: 0, prev_term: 0, round: 1 } as const;
  cluster.receive("a", "b", { ...append, term: 1, entries: logOf(1, 1, 1), commit: 3 });
  cluster.receive("a", "b", chunkOf(SNAPSHOT, 1, PART, 2 * PART));
  assertEquals(lastReply(cluster), { type: "appended", term: 1, match: 2, round: 1 });
  assertEquals(cluster.member("a").applied, ["1.1", "1.2", "1.3"]);
});

Deno.test("7: the follower acknowledges a snapshot when it is durable, not earlier", () => {
  const cluster = newCluster(ABC, { syncs: false });
  cluster.receive("a", "b", chunkOf(SNAPSHOT, 1, 0, PART));
  cluster.sync("a");
  cluster.drop();
  cluster.receive("a", "b", chunkOf(SNAPSHOT, 1, PART));
  assertEquals([cluster.inFlight.length, cluster.member("a").waiting.length], [0, 1]);
  cluster.sync("a");
  assertEquals(lastReply(cluster), { type: "appended", term: 1, match: 2, round: 1 });
  cluster.crash("a");
  cluster.restart("a");
  assertEquals(cluster.member("a").applied, SNAPSHOT.data);
});

Deno.test("7: a leader that compacts during a transfer finishes it, and then sends what follows", () => {
  const cluster = behind();
  untilSecondChunk(cluster);
  cluster.propose("a", "more");
  cluster.deliver((message) => !isChunk(message));
  cluster.compact("a");
  run(cluster, 8);
  assertEquals(cluster.member("c").applied, [...COMMANDS, "more"]);
  const indices = chunksSent(cluster).map(({ last_index }) => last_index);
  assertEquals(new Set(indices).size, 2);
  assertEquals(indices.toSorted((a, b) => a - b), indices);
});

Deno.test("7: another leader begins the transfer again", () => {
  const cluster = behind();
  untilSecondChunk(cluster);
  cluster.compact("b");
  cluster.transfer("a", "b");
  cluster.deliver((message) => !isChunk(message));
  assertEquals(cluster.raft("b").role, "leader");
  run(cluster, 8);
  assertInstalled(cluster);
  const first = chunksSent(cluster).find(({ term }) => term === 2);
  assertEquals(first?.offset, 0);
});

Deno.test("7: a reply to a chunk of an earlier snapshot does not move the transfer", () => {
  const cluster = behind();
  const { message } = untilSecondChunk(cluster);
  const before = chunksSent(cluster).length;
  const { last_index, offset } = message as InstallSnapshot;
  const late = { type: "chunk_received", term: 1, offset: offset + 5, round: 1 } as const;
  cluster.receive("a", "c", { ...late, last_index: last_index - 1 });
  assertEquals(chunksSent(cluster).length, before);
  cluster.receive("a", "c", { ...late, last_index });
  assertEquals(chunksSent(cluster).at(-1)?.offset, offset + 5);
});
