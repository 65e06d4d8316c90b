/**
 * The flags of a node that replicates.
 *
 * @module
 */

import { flag, type FlagValues } from "../base/mod.ts";
import { MAX_INTERVAL_MS } from "../node/mod.ts";
import type { RetryOptions } from "./events.ts";

const ms = { placeholder: "MS", min: 1, max: MAX_INTERVAL_MS } as const;

/** When to retransmit. */
export const retryFlags = {
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
export function retryOptions(flags: FlagValues<typeof retryFlags>): RetryOptions {
  return {
    rtoMarginMs: flags["rto-margin"],
    maxRtoMs: flags["max-rto"],
    maxTimeouts: flags["max-timeouts"],
  };
}
