/**
 * The interface of every broadcast strategy: a state machine without a clock, timers or a network.
 *
 * Each event brings the current time. Messages leave through an {@link Outbox}. `nextDeadline`
 * tells the runner when to call `tick` if no other event comes first.
 *
 * @module
 */

import type { Body } from "../../wire/mod.ts";
import type { Json } from "../../base/mod.ts";

/** Receives the effects of a strategy. */
export interface Outbox {
  /** Sends a message to a peer. The network may lose, duplicate, delay or reorder it. */
  send(peer: string, body: Body): void;
  /** Marks a rare path as reached, see `Node.sometimes`. Use constant texts. */
  sometimes(path: string): void;
}

/** The node that a strategy runs on. */
export interface LocalNode {
  readonly id: string;
  /** The ids of all nodes, this one included, in the same order on every node. */
  readonly nodes: readonly string[];
  /** The name of this incarnation; no other incarnation of this node has the same. */
  readonly incarnation: string;
  /** Returns a random number in [0, 1). */
  random(): number;
}

/** A broadcast strategy. `now` is in milliseconds of a monotonic clock, as are all deadlines. */
export interface Strategy {
  /**
   * The time of the next call of {@link Strategy.tick}, not in the past; `Infinity` if none is
   * needed.
   */
  readonly nextDeadline: number;
  /** All values that this node has, without duplicates, in order of arrival. */
  readonly values: readonly Json[];
  /** Starts the strategy. The runner calls it once, before all other methods. */
  start(now: number, out: Outbox): void;
  /**
   * Receives the neighbours that the workload suggests. Strategies with a topology of their own
   * ignore them.
   */
  topology(neighbours: readonly string[], now: number, out: Outbox): void;
  /** Accepts a value from a client. The value counts as acknowledged afterwards. */
  broadcast(value: Json, now: number, out: Outbox): void;
  /**
   * Receives a message from a peer. Its type is one of those in `messages.ts`, and its fields are
   * valid.
   */
  receive(peer: string, body: Body, now: number, out: Outbox): void;
  /** Performs all actions whose deadlines have passed. */
  tick(now: number, out: Outbox): void;
}
