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
 * found, more with many broken links.
 *
 * (p) Polls and commits are as with `lamport`; sends are available on the owner's side of a partition.
 *
 * (o) While the owner replies before the deadline of the request.
 *
 * (s) While the store replies soon. A send that loses the race for the end of its log takes two more
 * calls to the store, and fails at the deadline of its request.
 *
 * (k) A killed node loses what it acknowledged and did not send to a peer; with `owner` those are also
 * sends of clients of other nodes. No offset is assigned twice, and nodes agree, as long as one node
 * keeps its memory until the others have recovered.
 *
 * (m) Available to clients of nodes that reach a majority, after some hundred milliseconds in which it
 * elects a leader. Nothing that was acknowledged is lost, also if all nodes restart.
 *
 * A log has no gaps with `lin-kv`, `single` and `raft`. With `owner` it has one after a restart of the owner.
 * With `lamport` it has gaps, and offsets still increase. A committed offset never decreases at a
 * node.
 *
 * @module
 */

import { flag, type FlagValues, type Node } from "../../node/mod.ts";
import { retryFlags, retryOptions } from "../../replication/mod.ts";
import { linKv } from "./lin_kv.ts";
import type { Log, MaybePromise } from "./log.ts";
import { owner } from "./owner.ts";
import { raft } from "./raft.ts";
import { single } from "./single.ts";

export { chain, type Entry, KeyLog, type Log, logHandlers } from "./log.ts";
export { OwnerLog } from "./owner.ts";
export { type LogSource, type Place, Replica, type ReplicaSettings } from "./replica.ts";
export { MemoryLog } from "./memory_log.ts";

/** The flags of a node that serves logs, beside its strategy. */
export const logFlags = {
  interval: flag.number({
    placeholder: "MS",
    help: "time between messages, shared by all peers",
    default: 150,
    min: 1,
  }),
  ...retryFlags,
  "per-key": flag.number({
    placeholder: "N",
    help: "most entries of a key in a poll",
    default: 1000,
    min: 1,
    integer: true,
  }),
  chunk: flag.number({
    placeholder: "N",
    help: "lin-kv: messages in a value of the store",
    default: 32,
    min: 1,
    integer: true,
  }),
};

/** Returns the settings that the flags stand for. */
export function logSettings(flags: FlagValues<typeof logFlags>) {
  const { chunk, interval } = flags;
  return {
    chunk,
    intervalMs: interval,
    ...retryOptions(flags),
    perKey: flags["per-key"],
  };
}

/** The strategies by name. */
export const STRATEGIES: Readonly<
  Record<
    "owner" | "lin-kv" | "single" | "raft",
    (node: Node, settings: ReturnType<typeof logSettings>) => MaybePromise<Log>
  >
> = { owner, "lin-kv": linKv, single, raft };
