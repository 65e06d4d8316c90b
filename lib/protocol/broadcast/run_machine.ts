/**
 * Runs a {@link Machine} on a node: hands it messages, wakes it when it is due, sends what it says.
 *
 * @module
 */

import type { Body } from "../../wire/mod.ts";
import type { CancelTimer, Node } from "../../node/mod.ts";
import type { Identity, Machine, Outbox } from "./machine.ts";
import { MESSAGE_FIELDS } from "./messages.ts";

/** A node's side of a machine: call it from handlers. */
export interface Running {
  readonly machine: Machine;
  /** Hands the machine an event and sends what comes of it. */
  tell(event: (machine: Machine, now: number, out: Outbox) => void): void;
}

/** Starts the machine that `create` makes and registers the handlers for messages between nodes. */
export function runMachine(node: Node, create: (self: Identity) => Machine): Running {
  const out: Outbox = {
    send: (peer, body) => node.send(peer, body),
    sometimes: (path) => node.sometimes(path),
  };
  const machine = create({
    id: node.id,
    nodes: node.nodes,
    incarnation: node.incarnation,
    random: () => node.random(),
  });
  let cancel: CancelTimer = () => {};
  const tell: Running["tell"] = (event) => {
    event(machine, node.monotonic(), out);
    cancel();
    if (machine.due === Infinity) return;
    const wait = Math.max(0, machine.due - node.monotonic());
    cancel = node.after(wait, () => tell((machine, now, out) => machine.wake(now, out)));
  };
  for (const [type, fields] of Object.entries(MESSAGE_FIELDS)) {
    node.on(type, fields, (body, { src }) => {
      tell((machine, now, out) => machine.receive(src, body as Body, now, out));
    });
  }
  tell((machine, now, out) => machine.start(now, out));
  return { machine, tell };
}
