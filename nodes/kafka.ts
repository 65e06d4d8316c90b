#!/usr/bin/env -S deno run
/**
 * Logs by key in the manner of Kafka (Gossip Glomers challenge 5): `send` appends a message to a
 * key's log and gives its offset, `poll` returns what lies behind an offset, and consumers commit
 * how far they have come. Four strategies; how each works, why it is right and what it costs stands
 * in the file of its name in `lib/protocol/log/`:
 *
 * - `lamport` (the default): every node gives offsets from a counter of its own and tells the
 *   others in batches; a poll shows a key as far as all nodes have promised to add nothing more.
 * - `owner`: a hash of the key names the node that gives its offsets; polls are served from copies.
 * - `lin-kv`: nothing in the nodes, everything in the store, by compare-and-set.
 * - `single`: the first node has everything, the others pass requests on.
 *
 * What each withstands. *Available*: every request to a node that runs is answered, and what is
 * acknowledged is seen by all in the end. *Safe*: nothing is lost, skipped or contradicted, but
 * some requests fail. *Neither*: it may be.
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
 * (p) polls and commits are available; sends are on the owner's side. (o) where the owner answers
 * within a second, else it is taken for gone: with up to 600 ms a message that happened in 2 of
 * 2,000 explored runs. (s) where the store answers soon: a send that loses the race for the end of
 * its log takes two more calls to the store, and is given up after 3.5 s. With 20 ms a message none
 * was in 2,000 explored runs; with 100 ms and up to seven nodes racing, one in a hundred is. (k)
 * `--acks all` makes it safe as long as one node keeps its memory until the others have it back; it
 * also makes all other faults but skew and duplication no more than safe.
 *
 * A log has no gaps with `owner`, `lin-kv` and `single`; with `lamport` it has, and offsets still
 * only grow. A committed offset never goes back at a node. `--retain N` keeps the last N entries of
 * each key: a poll of something older begins with the first that is kept.
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
import { type Log, logFlags, logFlagsProblem, makeLog, then } from "../lib/protocol/log/mod.ts";

/** Answers `send`, `poll`, `commit_offsets` and `list_committed_offsets`. */
const kafka = defineNode(
  { flags: logFlags, problem: logFlagsProblem, serves: contract.kafka },
  (node, flags) => logHandlers(makeLog(node, flags)),
);

export default kafka;

/** Returns the handlers that answer requests from a log. */
export function logHandlers(log: Log): ContractHandlers<typeof contract.kafka> {
  return {
    send: ({ key, msg }) => then(log.send(key, msg), (offset) => ({ offset })),
    poll: ({ offsets }) => then(log.poll(offsets), (msgs) => ({ msgs })),
    commit_offsets({ offsets }) {
      const done = log.commit(offsets);
      return done instanceof Promise ? done.then(() => ({}), throwUnknown) : {};
    },
    list_committed_offsets: ({ keys }) => then(log.committed(keys), (offsets) => ({ offsets })),
  };
}

/**
 * Maelstrom's client polls, remembers how far it came, and then commits. If that fails for certain,
 * it counts the poll as one that did not happen and goes on behind it all the same: an entry would
 * seem to be skipped. After an unknown outcome it starts afresh.
 */
function throwUnknown(error: unknown): never {
  if (!(error instanceof RpcError)) throw error;
  throw new RpcError(ErrorCode.timeout, `the commit was given up: ${error.text}`);
}

if (import.meta.main) await serve(kafka);
