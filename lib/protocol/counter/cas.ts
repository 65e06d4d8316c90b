/**
 * Strategy `cas`: one key in seq-kv, which all nodes change by compare-and-set (CAS).
 *
 * **Correctness of additions.** seq-kv may return an old value from a read, but a CAS always
 * applies to its newest state. So a successful CAS has added to the newest sum; one that fails has no
 * effect, and is retried after another read. The outcome of a CAS that times out is indefinite: the
 * client gets an indefinite error, and no retry adds a second time.
 *
 * **Correctness of reads.** A client of seq-kv never sees a state older than its own last write. A
 * read therefore starts with a write of a fresh value under a key of the node's own, which moves
 * the node's view of the store to its newest state.
 *
 * **Cost.** All nodes contend for one key, so this strategy sends the most messages, and more with
 * every node. It serves as a baseline. With many nodes and slow links, some additions lose every race
 * until their deadline, and fail. If a round trip takes longer than {@link TIMEOUT_MS}, nothing succeeds.
 *
 * @module
 */

import type { Node } from "../../node/mod.ts";
import type { Counter } from "./counter.ts";

const KEY = "counter";
/** How long a call waits for the store. Long, because a CAS that times out too early may still add. */
const TIMEOUT_MS = 3000;

/** Starts the counter on a node. */
export function casCounter(node: Node): Counter {
  const { kv: { seq }, id, incarnation } = node;
  const options = { timeoutMs: TIMEOUT_MS };
  let reads = 0;
  return {
    async add(delta, { signal }) {
      await seq.update(KEY, (sum) => Number(sum ?? 0) + delta, { ...options, signal });
    },
    async read() {
      await seq.write(`${id}/nonce`, `${incarnation}/${++reads}`, options);
      return Number(await seq.readOr(KEY, 0, options));
    },
  };
}
