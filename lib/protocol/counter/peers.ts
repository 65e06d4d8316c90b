/**
 * Strategy `peers`: each node keeps its own total and asks all others for theirs when it is read.
 *
 * A peer that does not answer in time is counted with the total it had when it was last heard of, so
 * reads stay available under partition and are right once it heals. Reads that come while a node is
 * asking share one more round of questions. Two messages per peer and round: cheap where reads are
 * rare, dear where they are frequent. An addition is lost if its node loses its memory.
 *
 * @module
 */

import { ErrorCode, hasCode, type Node, schema } from "../../node/mod.ts";
import type { Counter } from "./counter.ts";

const totalReply = schema.object({ total: schema.integer });

/** Wires the counter; `patience` is how many milliseconds a peer may take to answer. */
export function peersCounter(node: Node, { patience }: { readonly patience: number }): Counter {
  const totals = new Map<string, number>();
  let own = 0;
  let asking: Promise<void> | undefined;
  node.on("total", () => ({ type: "total_ok", total: own }));
  const ask = async () => {
    await Promise.all(node.peers.map(async (peer) => {
      try {
        const reply = await node.rpcFor(peer, { type: "total" }, totalReply, { timeout: patience });
        totals.set(peer, reply.total);
      } catch (error) {
        if (!hasCode(error, ErrorCode.timeout)) throw error;
        node.log("sometimes: a peer did not say its total");
      }
    }));
  };
  return {
    add: (delta) => {
      own += delta;
    },
    async read() {
      await asking;
      asking ??= ask().finally(() => asking = undefined);
      await asking;
      let sum = own;
      for (const total of totals.values()) sum += total;
      return sum;
    },
  };
}
