/**
 * Counters on a cluster, in four strategies.
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
  REQUEST_DEADLINE_MS,
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
/**
 * A read that arrives while a round waits for a silent peer needs a round of its own after that:
 * this much of its time is for one more round trip.
 */
const ROUND_TRIP_MARGIN_MS = 900;

/** The flags of a node with a counter. */
export const counterFlags = {
  strategy: flag.oneOf(["crdt", "seq-kv", "cas", "peers"], {
    help: "crdt, seq-kv, cas or peers",
    default: "crdt",
  }),
  ...gossipFlags,
  round: flag.number({ ...interval, help: "seq-kv: time between two rounds", default: 300 }),
  "read-timeout": flag.number({
    ...interval,
    help: "peers: wait for a peer",
    default: REQUEST_DEADLINE_MS - ROUND_TRIP_MARGIN_MS,
  }),
};

/**
 * Starts a counter and returns its handlers. A grow-only counter answers a negative delta with
 * error 12 (malformed-request).
 */
export function serveCounter(
  node: Node,
  flags: FlagValues<typeof counterFlags>,
  { growOnly }: { readonly growOnly: boolean },
): ContractHandlers<typeof contract.gCounter> {
  const strategies: Readonly<Record<typeof flags.strategy, () => Counter>> = {
    crdt: () => crdtCounter(node, flags),
    "seq-kv": () => seqKvCounter(node, { intervalMs: flags.round }),
    cas: () => casCounter(node),
    peers: () => peersCounter(node, { readTimeoutMs: flags["read-timeout"] }),
  };
  const counter = strategies[flags.strategy]();
  return {
    async add({ delta }) {
      if (growOnly && delta < 0) {
        const text = `a grow-only counter accepts deltas from 0, got ${delta}`;
        throw new RpcError(ErrorCode.malformedRequest, text);
      }
      await counter.add(delta);
      return {};
    },
    read: async () => ({ value: await counter.read() }),
  };
}
