/**
 * Runs a {@link Machine} on a node: hands it messages, wakes it when it is due, sends what it says.
 *
 * @module
 */

import type { Body } from "../../wire/mod.ts";
import type { CancelTimer, Node } from "../../node/mod.ts";
import type { Identity, Machine, Outbox } from "./machine.ts";
import { MESSAGE_FIELDS } from "./messages.ts";
import { SteadyClock } from "./steady_clock.ts";

const INCARNATION_LENGTH = 6;
const ALPHABET = 36;
/**
 * A timer is always set, and fires within this time: that bounds what a jump of the clock can do.
 */
const LONGEST_WAIT_MS = 500;
/** So many different rare paths are noted in a node's log, each once. */
const MOST_MARKS = 100;

/** A node's side of a machine: call it from handlers. */
export interface Running {
  /** The machine; undefined before the node knows who it is. */
  readonly machine: Machine | undefined;
  /** Hands the machine an event and sends what comes of it. */
  tell(event: (machine: Machine, now: number, out: Outbox) => void): void;
}

/**
 * Registers the handlers for messages between nodes and starts the machine that `create` makes,
 * once the node knows who it is.
 */
export function runMachine(node: Node, create: (self: Identity) => Machine): Running {
  const clock = new SteadyClock(() => node.now());
  const marked = new Set<string>();
  const out: Outbox = {
    send: (peer, body) => node.send(peer, body),
    mark(path) {
      if (marked.has(path) || marked.size >= MOST_MARKS) return;
      marked.add(path);
      node.log(path);
    },
  };
  let machine: Machine | undefined;
  let cancel: CancelTimer = () => {};
  const tell: Running["tell"] = (event) => {
    if (machine === undefined) return;
    event(machine, clock.now(), out);
    reschedule();
  };
  const reschedule = () => {
    cancel();
    const now = clock.now();
    const wait = Math.min(LONGEST_WAIT_MS, Math.max(0, (machine?.due ?? Infinity) - now));
    clock.expect(now + wait);
    cancel = node.after(wait, () => {
      clock.reached();
      tell((machine, now, out) => machine.wake(now, out));
    });
  };
  node.on("init", () => {
    machine = create({
      id: node.id,
      nodes: node.nodes,
      incarnation: incarnation(() => node.random()),
      random: () => node.random(),
    });
    tell((machine, now, out) => machine.start(now, out));
  });
  for (const [type, fields] of Object.entries(MESSAGE_FIELDS)) {
    node.on(type, fields, (body, { src }) => {
      tell((machine, now, out) => machine.receive(src, body as Body, now, out));
    });
  }
  return {
    get machine() {
      return machine;
    },
    tell,
  };
}

/** A text that no other life of the node has, but for one chance in two thousand millions. */
function incarnation(random: () => number): string {
  return Math.floor(random() * ALPHABET ** INCARNATION_LENGTH)
    .toString(ALPHABET).padStart(INCARNATION_LENGTH, "0");
}
