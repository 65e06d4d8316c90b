/**
 * Runs a replication engine on a node.
 *
 * @module
 */

import { type DefaultedFlag, flag, type FlagValues } from "../base/mod.ts";
import { type CancelTimer, MAX_INTERVAL_MS, type Node } from "../node/mod.ts";
import type { Body, Fields } from "../wire/mod.ts";
import { Engine } from "./engine.ts";
import {
  type Event,
  messageFields,
  type Policy,
  type ReplicatedState,
  type RetryOptions,
} from "./types.ts";

const ms = { placeholder: "MS", min: 1, max: MAX_INTERVAL_MS } as const;

/** The flags of {@link RetryOptions}. */
export type RetryFlags = {
  /** `--rto-margin MS`: see {@link RetryOptions.rtoMarginMs}; 100 by default. */
  readonly "rto-margin": DefaultedFlag<number>;
  /** `--max-rto MS`: see {@link RetryOptions.maxRtoMs}; 600 by default. */
  readonly "max-rto": DefaultedFlag<number>;
  /** `--max-timeouts N`: see {@link RetryOptions.maxTimeouts}; 3 by default. */
  readonly "max-timeouts": DefaultedFlag<number>;
};

/** The flags for when to retransmit, for a node's table of flags. */
export const retryFlags: RetryFlags = {
  "rto-margin": flag.number({ ...ms, help: "added to each round trip", default: 100 }),
  "max-rto": flag.number({ ...ms, help: "longest retransmission timeout", default: 600 }),
  "max-timeouts": flag.number({
    placeholder: "N",
    min: 1,
    integer: true,
    help: "timeouts until a peer is suspected",
    default: 3,
  }),
};

/** Returns the options that the flags stand for. */
export function retryOptions(flags: FlagValues<RetryFlags>): RetryOptions {
  return {
    rtoMarginMs: flags["rto-margin"],
    maxRtoMs: flags["max-rto"],
    maxTimeouts: flags["max-timeouts"],
  };
}

/** Starts an engine; returns the function to call after each local change of the state. */
export function replicate(
  node: Node,
  state: ReplicatedState,
  policy: Policy,
  options: RetryOptions,
  others: Readonly<Record<string, Fields>> = {},
): { readonly engine: Engine; readonly changed: () => void } {
  const { id, incarnation, nodes } = node;
  const engine = new Engine(state, policy, {
    ...options,
    id,
    incarnation,
    nodes,
    random: () => node.random(),
  });
  let cancel: CancelTimer = () => {};
  const handle = (event: Event) => {
    for (const effect of engine.handle(event, node.monotonic())) {
      if (effect.type === "send") node.send(effect.peer, effect.body);
      else if (effect.type === "sometimes") node.sometimes(effect.text);
      else {
        cancel();
        const delayMs = Math.max(0, effect.atMs - node.monotonic());
        cancel = delayMs === Infinity
          ? () => {}
          : node.after(delayMs, () => handle({ type: "tick" }));
      }
    }
  };
  for (const [type, fields] of Object.entries({ ...messageFields, ...others })) {
    node.on(
      type,
      fields,
      (body, { src }) => handle({ type: "received", peer: src, body: body as unknown as Body }),
    );
  }
  handle({ type: "started" });
  return { engine, changed: () => handle({ type: "changed" }) };
}
