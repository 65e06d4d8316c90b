/**
 * Counters on a cluster, in four ways.
 *
 * @module
 */

import {
  choice,
  ErrorCode,
  LONGEST_INTERVAL_MS,
  type Node,
  quantity,
  RpcError,
  schema,
} from "../../node/mod.ts";
import { gossipFlags } from "../crdt/mod.ts";
import { casCounter } from "./cas.ts";
import type { Counter } from "./counter.ts";
import { crdtCounter } from "./crdt.ts";
import { peersCounter } from "./peers.ts";
import { seqKvCounter } from "./seq_kv.ts";

export type { Counter } from "./counter.ts";

const flags = {
  strategy: choice(["crdt", "seq-kv", "cas", "peers"], "how nodes come to agree"),
  ...gossipFlags,
  round: quantity(
    300,
    "milliseconds between two rounds of the strategy seq-kv: six messages a node and round with " +
      "three nodes, 0.6 an operation at 100 operations a second",
    { least: 1, most: LONGEST_INTERVAL_MS },
  ),
  patience: quantity(
    3500,
    "milliseconds that a read waits for a peer with the strategy peers, once until the peer answers " +
      "again: long enough for a slow network, shorter than the 5,000 that Maelstrom's clients wait",
    { least: 1, most: LONGEST_INTERVAL_MS },
  ),
};

/** What may be added: what a `number` holds exactly. */
const deltaSchema: typeof schema.integer = {
  expectation: "an integer from -(2^53 - 1) to 2^53 - 1",
  problem(value, path) {
    return schema.integer.problem(value, path)?.replace("an integer", this.expectation);
  },
};

/** Wires a counter that answers `add` and `read`; one that only grows refuses to be lowered. */
export function serveCounter(node: Node, options: { readonly growOnly: boolean }): void {
  const { strategy, interval, retry, round, patience } = node.flags(flags);
  const strategies: Readonly<Record<typeof strategy, () => Counter>> = {
    crdt: () => crdtCounter(node, { interval, retry }),
    "seq-kv": () => seqKvCounter(node, { interval: round }),
    cas: () => casCounter(node),
    peers: () => peersCounter(node, { patience }),
  };
  const counter = strategies[strategy]();
  node.on("add", { delta: deltaSchema }, async ({ delta }) => {
    if (options.growOnly && delta < 0) {
      throw new RpcError(ErrorCode.malformedRequest, `this counter only grows; ${delta} lowers it`);
    }
    await counter.add(delta);
    return { type: "add_ok" };
  });
  node.on("read", async () => ({ type: "read_ok", value: await counter.read() }));
}
