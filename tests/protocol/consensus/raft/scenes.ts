/**
 * Short ways to the situations of the paper.
 *
 * @module
 */

import { assertEquals } from "std/testing";
import { Random } from "../../../../lib/base/mod.ts";
import type {
  Entry,
  InstallSnapshot,
  Snapshot,
} from "../../../../lib/protocol/consensus/raft/types.ts";
import { Cluster, type ClusterOptions, TIMING } from "./cluster.ts";

/** Three members, and five. */
export const ABC = ["a", "b", "c"];
/** Three members, and five. */
export const ABCDE = ["a", "b", "c", "d", "e"];

/** Creates a cluster with random election timeouts. */
export function newCluster(ids: readonly string[], options: Partial<ClusterOptions> = {}): Cluster {
  const random = new Random(1);
  return new Cluster(ids, { random: () => random.next(), ...options });
}

/** Lets a member win an election, whose messages are all delivered. */
export function elect(cluster: Cluster, id: string): Cluster {
  for (const { id: other } of cluster.members.values()) {
    // Members vote only when they have received nothing from a leader for an election timeout.
    if (other !== id) cluster.member(other).timerAtMs += 10_000;
  }
  cluster.now += 10 * TIMING.electionMs;
  cluster.timeOut(id);
  cluster.deliver();
  assertEquals(cluster.raft(id).role, "leader");
  return cluster;
}

/** Entries with these terms, whose commands are their positions. */
export function logOf(...terms: number[]): Entry[] {
  return terms.map((term, index) => ({ term, command: `${term}.${index + 1}` }));
}

/** The terms of a member's log. */
export function termsOf(cluster: Cluster, id: string): number[] {
  const { log } = cluster.raft(id);
  return log.slice(log.snapshotIndex + 1, Infinity).map(({ term }) => term);
}

/** A message with the characters of a snapshot's text from `from` to `to`; all of it by default. */
export function chunkOf(
  { index, term: last_term, members, data }: Snapshot,
  term: number,
  from = 0,
  to = Infinity,
): InstallSnapshot {
  const text = JSON.stringify({ members, data });
  const chunk = { offset: from, data: text.slice(from, to), done: to >= text.length };
  return { type: "install_snapshot", term, last_index: index, last_term, ...chunk, round: 1 };
}
