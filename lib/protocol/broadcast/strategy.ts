/**
 * What every broadcast strategy is to the node that runs it: a state machine without a clock, a
 * timer or a network. Time comes in with each event, messages go out through an {@link Outbox}, and
 * `due` says when it wants to be woken although nothing happened.
 *
 * @module
 */

import type { Body } from "../../wire/mod.ts";
import type { Json } from "../../base/mod.ts";

/** Takes what a machine does. */
export interface Outbox {
  /** Sends a message to a peer. It may be lost, doubled, late or overtaken. */
  send(peer: string, body: Body): void;
  /** Marks a rare path as reached; constant texts only. */
  sometimes(path: string): void;
}

/** Who a machine is. */
export interface LocalNode {
  readonly id: string;
  /** All nodes, this one included, in an order that is the same on each of them. */
  readonly nodes: readonly string[];
  /** A text that no other life of this node has. */
  readonly incarnation: string;
  /** A number in [0, 1). */
  random(): number;
}

/** A broadcast strategy. Times are milliseconds of a clock that never goes back. */
export interface Strategy {
  /** When to call {@link Strategy.tick} at the latest; `Infinity` for no need. */
  readonly nextDeadline: number;
  /** All values known here, each once, in the order in which they came. */
  readonly values: readonly Json[];
  /** Called once, before everything else. */
  start(now: number, out: Outbox): void;
  /** The neighbours that the test suggests; only those strategies mind that keep to a topology. */
  topology(neighbours: readonly string[], now: number, out: Outbox): void;
  /** Takes a value from a client; it counts as acknowledged from here on. */
  broadcast(value: Json, now: number, out: Outbox): void;
  /** Takes a message from a peer, of one of the types in `messages.ts`. */
  receive(peer: string, body: Body, now: number, out: Outbox): void;
  /** Does what is due. */
  tick(now: number, out: Outbox): void;
}
