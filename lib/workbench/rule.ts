/**
 * Faults of the network are rules. Each is asked about every message, when it is sent and again when
 * its receiver takes it, and answers pass, delay or drop.
 *
 * @module
 */

import type { Envelope } from "./network.ts";

/** What becomes of a message when it is sent. */
export type SendAction =
  | { readonly kind: "pass" }
  | { readonly kind: "drop" }
  /** It takes so many milliseconds longer. */
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** It arrives once more, so many milliseconds after the first. */
  | { readonly kind: "duplicate"; readonly milliseconds: number };

/** A rule that holds for as long as it is in force. */
export interface NetworkRule {
  /** What the rule is called in reports. */
  readonly name: string;
  /** Asked when a message is sent, before its latency is known to anyone. */
  onSend?(envelope: Envelope): SendAction;
  /** Asked when the receiver takes the message from its queue; false drops it silently. */
  mayDeliver?(envelope: Envelope): boolean;
}

/** The ruling that changes nothing. */
export const PASS: SendAction = { kind: "pass" };
