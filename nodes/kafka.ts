#!/usr/bin/env -S deno run
/**
 * Append-only logs by key, as in Kafka (Gossip Glomers challenge 5): `send` appends a message to a
 * key's log and returns its offset, `poll` returns the entries from an offset on, and consumers commit
 * the offset that they have processed. There are four strategies. The file of each in
 * `lib/protocol/log/` describes how it works, why it is right and what it costs.
 *
 * - `lamport` (the default): every node assigns offsets from its own Lamport clock and broadcasts its
 *   entries in batches. A poll returns a key's entries up to the low watermark of all nodes.
 * - `owner`: a hash of the key selects the node that assigns its offsets. Polls read a local copy.
 * - `lin-kv`: nodes have no state. Logs are in the store, appended to by compare-and-set.
 * - `single`: the first node keeps all logs, and the others forward requests to it.
 *
 * The table shows what holds under each fault. *Available*: every request to a running node succeeds,
 * and every acknowledged send eventually becomes visible to all. *Safe*: nothing is lost, skipped or
 * contradicted, but some requests fail. *Neither*: no guarantee.
 *
 * | fault              | lamport    | owner         | lin-kv        | single  |
 * |--------------------|------------|---------------|---------------|---------|
 * | partition, one-way | available  | safe (p)      | available (s) | safe    |
 * | loss, slow, reorder| available  | safe (p)      | available (s) | safe    |
 * | duplicate          | available  | available (o) | available (s) | neither |
 * | skew               | available  | available (o) | available (s) | available |
 * | pause              | available  | safe (p)      | available (s) | safe    |
 * | kill               | neither (k)| neither (k)   | available (s) | neither |
 *
 * (p) Polls and commits are available; sends are available on the owner's side of a partition.
 *
 * (o) While the owner replies within 1 s. A slower owner is suspected, and sends to it fail.
 *
 * (s) While the store replies soon. A send that loses the race for the end of its log takes two more
 * calls to the store, and fails at the deadline of its request.
 *
 * (k) `--acks all` makes it safe, as long as one node keeps its memory until the others have
 * recovered. It also makes the strategy only safe under all other faults but skew and duplicate.
 *
 * A log has no gaps with `owner`, `lin-kv` and `single`. With `lamport` it has gaps, and offsets still
 * increase. A committed offset never decreases at a node. `--retain N` keeps the last N entries of
 * each key; a poll from an older offset starts at the first entry that is kept.
 *
 * @module
 */
import {
  contract,
  type ContractHandlers,
  defineNode,
  ErrorCode,
  RpcError,
  serve,
} from "../lib/node/mod.ts";
import { chain, type Log, logFlags, logFlagsProblem, makeLog } from "../lib/protocol/log/mod.ts";

/** Serves `send`, `poll`, `commit_offsets` and `list_committed_offsets`. */
const kafka = defineNode(
  { flags: logFlags, problem: logFlagsProblem, serves: contract.kafka },
  (node, flags) => logHandlers(makeLog(node, flags)),
);

export default kafka;

/** Returns the handlers that serve a log. */
export function logHandlers(log: Log): ContractHandlers<typeof contract.kafka> {
  return {
    send: ({ key, msg }, request) => chain(log.send(key, msg, request), (offset) => ({ offset })),
    poll: ({ offsets }, request) => chain(log.poll(offsets, request), (msgs) => ({ msgs })),
    commit_offsets({ offsets }, request) {
      const result = log.commit(offsets, request);
      return result instanceof Promise ? result.then(() => ({}), throwIndefinite) : {};
    },
    list_committed_offsets: ({ keys }, request) =>
      chain(log.committed(keys, request), (offsets) => ({ offsets })),
  };
}

/**
 * Replaces an error of a commit by an indefinite one. Maelstrom's client polls, advances its position,
 * and then commits. After a definite error of the commit, the checker treats the poll as one that did
 * not happen, but the client continues after it, so that an entry would seem to be skipped. After an
 * indefinite error the client starts again.
 */
function throwIndefinite(error: unknown): never {
  if (!(error instanceof RpcError)) throw error;
  throw new RpcError(ErrorCode.timeout, `the commit failed: ${error.text}`);
}

if (import.meta.main) await serve(kafka);
