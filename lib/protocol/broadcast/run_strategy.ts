/**
 * Runs a {@link Strategy} on a node: passes messages to it, calls `tick` at its deadlines and sends
 * its messages.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import type { Body } from "../../wire/mod.ts";
import type { CancelTimer, Node } from "../../node/mod.ts";
import type { LocalNode, Outbox, Strategy } from "./strategy.ts";
import { MESSAGE_FIELDS } from "./messages.ts";

/** Passes events to a running strategy. */
export interface StrategyRunner {
  readonly strategy: Strategy;
  /** Runs an event on the strategy and sends the resulting messages. */
  dispatch(event: (strategy: Strategy, now: number, out: Outbox) => void): void;
}

/**
 * Starts the strategy that `create` returns, and registers handlers for the messages between nodes.
 */
export function runStrategy(node: Node, create: (self: LocalNode) => Strategy): StrategyRunner {
  const out: Outbox = {
    send: (peer, body) => node.send(peer, body),
    sometimes: (path) => node.sometimes(path),
  };
  const strategy = create({
    id: node.id,
    nodes: node.nodes,
    incarnation: node.incarnation,
    random: () => node.random(),
  });
  let cancel: CancelTimer = () => {};
  const dispatch: StrategyRunner["dispatch"] = (event) => {
    const now = node.monotonic();
    event(strategy, now, out);
    const deadline = strategy.nextDeadline;
    invariant(deadline >= now, "a strategy's next deadline is not in the past");
    cancel();
    if (deadline === Infinity) return;
    const delayMs = Math.max(0, deadline - node.monotonic());
    cancel = node.after(delayMs, () => dispatch((strategy, now, out) => strategy.tick(now, out)));
  };
  for (const [type, fields] of Object.entries(MESSAGE_FIELDS)) {
    node.on(type, fields, (body, { src }) => {
      dispatch((strategy, now, out) => strategy.receive(src, body as Body, now, out));
    });
  }
  dispatch((strategy, now, out) => strategy.start(now, out));
  return { strategy, dispatch };
}
