/**
 * The strategies of `nodes/g_counter.ts` and `nodes/pn_counter.ts`, but for `crdt`, which stands
 * there.
 *
 * @module
 */

import type { Node } from "../../node/mod.ts";
import { casCounter } from "./cas.ts";
import type { Counter } from "./counter.ts";
import { peersCounter } from "./peers.ts";
import { seqKvCounter } from "./seq_kv.ts";

export type { Counter } from "./counter.ts";

/** The options of all strategies; each takes what it needs. */
export interface CounterOptions {
  /** seq-kv: milliseconds between two rounds. */
  readonly roundMs: number;
  /** peers: how long a read waits for a peer. */
  readonly readTimeoutMs: number;
}

/** How to start each strategy. */
export const COUNTERS = {
  "seq-kv": (node, { roundMs }) => seqKvCounter(node, { intervalMs: roundMs }),
  cas: casCounter,
  peers: peersCounter,
} satisfies Record<string, (node: Node, options: CounterOptions) => Counter>;
