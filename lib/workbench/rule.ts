/**
 * Network rules, by which faults affect messages. The network applies each rule to every message
 * twice: when the message is sent, and when its receiver takes it.
 *
 * @module
 */

import type { Envelope } from "./network.ts";

/** What happens to a message when it is sent. */
export type SendAction =
  | { readonly kind: "pass" }
  | { readonly kind: "drop" }
  /** The message arrives `delayMs` later. */
  | { readonly kind: "delay"; readonly delayMs: number }
  /** A copy of the message arrives `delayMs` after it. */
  | { readonly kind: "duplicate"; readonly delayMs: number };

/** A rule that applies from `Network.addRule` to `Network.removeRule`. */
export interface NetworkRule {
  /** The rule's name in reports. */
  readonly name: string;
  /** Called when a message is sent; returns what happens to it. */
  onSend?(envelope: Envelope): SendAction;
  /** Called when the receiver takes a message from its queue; false drops the message silently. */
  mayDeliver?(envelope: Envelope): boolean;
}

/** The action that changes nothing. */
export const PASS: SendAction = { kind: "pass" };
