/**
 * Counters on a cluster, in four ways.
 *
 * @module
 */

import {
  type contract,
  type ContractHandlers,
  ErrorCode,
  flag,
  type FlagValues,
  MAX_INTERVAL_MS,
  type Node,
  RpcError,
} from "../../node/mod.ts";
import { gossipFlags } from "../crdt/mod.ts";
import { casCounter } from "./cas.ts";
import type { Counter } from "./counter.ts";
import { crdtCounter } from "./crdt.ts";
import { peersCounter } from "./peers.ts";
import { seqKvCounter } from "./seq_kv.ts";

export type { Counter } from "./counter.ts";

const interval = { placeholder: "MS", min: 1, max: MAX_INTERVAL_MS } as const;

/** The flags of a node with a counter. */
export const counterFlags = {
  strategy: flag.oneOf(["crdt", "seq-kv", "cas", "peers"], {
    help: "crdt, seq-kv, cas or peers",
    default: "crdt",
  }),
  ...gossipFlags,
  round: flag.number({ ...interval, help: "seq-kv: time between two rounds", default: 300 }),
  "read-timeout": flag.number({ ...interval, help: "peers: wait for a peer", default: 3500 }),
};

/** Starts a counter and returns its handlers; one that only grows refuses negative deltas. */
export function serveCounter(
  node: Node,
  flags: FlagValues<typeof counterFlags>,
  options: { readonly growOnly: boolean },
): ContractHandlers<typeof contract.gCounter> {
  const { strategy, interval, retry, round, "read-timeout": patience } = flags;
  const strategies: Readonly<Record<typeof strategy, () => Counter>> = {
    crdt: () => crdtCounter(node, { interval, retry }),
    "seq-kv": () => seqKvCounter(node, { interval: round }),
    cas: () => casCounter(node),
    peers: () => peersCounter(node, { patience }),
  };
  const counter = strategies[strategy]();
  return {
    async add({ delta }) {
      if (options.growOnly && delta < 0) {
        const text = `a grow-only counter accepts deltas from 0, got ${delta}`;
        throw new RpcError(ErrorCode.malformedRequest, text);
      }
      await counter.add(delta);
      return {};
    },
    read: async () => ({ value: await counter.read() }),
  };
}
