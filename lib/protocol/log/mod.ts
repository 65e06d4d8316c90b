/**
 * Append-only logs by key on a cluster: the strategies of nodes/kafka.ts other than its own, and what
 * they share.
 *
 * The table shows what holds under each fault. *Available*: every request to a running node succeeds,
 * and every acknowledged send eventually becomes visible to all. *Safe*: nothing is lost, skipped or
 * contradicted, but some requests fail. *Neither*: no guarantee.
 *
 * | fault              | lamport       | owner         | lin-kv        | single    | raft      |
 * |--------------------|---------------|---------------|---------------|-----------|-----------|
 * | partition, one-way | available (i) | safe (p)      | available (s) | safe      | safe (m)  |
 * | partial-partition  | available (i) | safe (p)      | available (s) | safe      | safe (m)  |
 * | loss, slow, reorder| available     | safe (p)      | available (s) | safe      | safe (m)  |
 * | duplicate, skew    | available     | available (o) | available (s) | available | available |
 * | pause              | available     | safe (p)      | available (s) | safe      | safe (m)  |
 * | kill, disk         | neither (k)   | neither (k)   | available (s) | neither   | safe (m)  |
 *
 * (i) Once every node has been reached by every other one. A node that starts, or restarts, while no
 * path of working links leads to each other node serves polls only until there is one, and its other
 * requests fail; meanwhile no node shows newer entries. A path through others takes some seconds to be
 * found, more with many broken links. A node that has sent 32,768 messages that some node lacks
 * rejects further ones.
 *
 * (p) Polls and commits are as with `lamport`; sends are available on the owner's side of a partition.
 *
 * (o) While the owner replies within 1 s. A slower owner is suspected, and sends to it fail.
 *
 * (s) While the store replies soon. A send that loses the race for the end of its log takes two more
 * calls to the store, and fails at the deadline of its request.
 *
 * (k) A killed node loses what it acknowledged and did not send to a peer; with `owner` those are also
 * sends of clients of other nodes. No offset is assigned twice, and nodes agree, as long as one node
 * keeps its memory until the others have recovered. With `--acks all` nothing is lost then. It also
 * makes the strategy only safe under all other faults but skew and duplicate: while a link is broken,
 * no send of its nodes succeeds, and what was acknowledged before may not be visible yet.
 *
 * (m) Available to clients of nodes that reach a majority, after some hundred milliseconds in which it
 * elects a leader. Nothing that was acknowledged is lost, also if all nodes restart.
 *
 * A log has no gaps with `lin-kv`, `single` and `raft`. With `owner` it has one after a restart of the owner.
 * With `lamport` it has gaps, and offsets still increase. A committed offset never decreases at a
 * node. `--retain N` keeps the last N entries of each key; a poll from an older offset starts at the
 * first entry that is kept.
 *
 * @module
 */

import { flag, type FlagValues, type Node } from "../../node/mod.ts";
import { retryFlags, retryOptions } from "../../replication/mod.ts";
import { linKv } from "./lin_kv.ts";
import { type Log, type MaybePromise, pollFlags } from "./log.ts";
import { owner } from "./owner.ts";
import { raft } from "./raft.ts";
import { single } from "./single.ts";

export { type Entry, KeyLog } from "./key_log.ts";
export { chain, type Log, logHandlers } from "./log.ts";
export type { Acks } from "./origins.ts";
export { OwnerLog } from "./owner.ts";
export { type CopySettings, type LogSource, Replica, type ReplicaSettings } from "./replica.ts";
export { MemoryLog } from "./single.ts";

/** The flags of a node that serves logs, beside its strategy. */
export const logFlags = {
  interval: flag.number({
    placeholder: "MS",
    help: "time between messages, shared by all peers",
    default: 150,
    min: 1,
  }),
  acks: flag.oneOf(["one", "all"], {
    help: "nodes that must have a message: one or all",
    default: "one",
  }),
  ...retryFlags,
  ...pollFlags,
  linger: flag.number({ placeholder: "MS", help: "owner: batch sends for", default: 5 }),
  chunk: flag.number({
    placeholder: "N",
    help: "lin-kv: messages in a value of the store",
    default: 32,
    min: 1,
    integer: true,
  }),
  retain: flag.number({
    placeholder: "N",
    help: "last entries kept of each key; 0 for all",
    default: 0,
    integer: true,
  }),
};

/** Returns the settings that the flags stand for. */
export function logSettings(flags: FlagValues<typeof logFlags>) {
  const { acks, chunk, interval, linger, retain } = flags;
  return {
    acks,
    chunk,
    intervalMs: interval,
    ...retryOptions(flags),
    lingerMs: linger,
    limits: { perKey: flags["per-key"], perPoll: flags["per-poll"] },
    retain: retain === 0 ? Infinity : retain,
  };
}

/** The strategies by name. */
export const STRATEGIES: Readonly<
  Record<
    "owner" | "lin-kv" | "single" | "raft",
    (node: Node, settings: ReturnType<typeof logSettings>) => MaybePromise<Log>
  >
> = { owner, "lin-kv": linKv, single, raft };
