/**
 * Strategy `lamport`: no coordination at all. Each node gives offsets from a counter of its own,
 * and tells the others in batches what it gave.
 *
 * An offset is counter × n + index of the node, with a counter per key and node. A node that hears
 * of a higher counter goes on behind it (Lamport, "Time, clocks, and the ordering of events in a
 * distributed system", 1978), and each batch promises, for the keys in it, the counter at or below
 * which its writer will never give an offset again. A poll shows a key up to the lowest promise of
 * all nodes.
 *
 * *Why it is right.* Suppose node r shows key k up to counter m. Every writer w has promised some p
 * ≥ m in a batch that r has taken. When w cut that batch, all offsets that it had given up to p
 * were in it or in an earlier one, and r takes batches in order and without gaps, so r has them
 * all; later ones are above p. Hence the entries up to m are settled for ever, and they are the
 * same wherever they are shown: no poll skips an entry, none contradicts another, and no two nodes
 * give one offset, since they differ modulo n. What a client polls at a node lies at or below the
 * counter of that node (its promise is one of those that were waited for), and so do the offsets it
 * was given there, so each send of it lies behind all that it has seen there. *Why everything
 * acknowledged is seen:* an entry with counter c is taken by every node once links are whole; each
 * then promises at least c, be the key idle or not; and those promises are taken in turn.
 *
 * *What it costs.* A message per node and interval, whatever the load; with n nodes each other one
 * gets every (n − 1)-th of them. An entry crosses the network once per receiver. Sends, polls and
 * commits are answered at once, under any partition. What is sent is shown within 2(n − 1)
 * intervals; not at all, anywhere, while a node that all have to hear from is cut off or gone.
 * Offsets have gaps: one in n is used when one node alone writes a key, nearly all when all do. A
 * commit is known at once at the node that took it, and within n − 1 intervals elsewhere.
 *
 * *What it does not survive.* A node that loses its memory forgets what it has acknowledged and not
 * yet told: up to n − 1 intervals' worth, or since it was cut off. With `--acks all` it
 * acknowledges and shows only what all nodes have, so that everything survives as long as one of
 * them keeps its memory until the others have it back; the price is two intervals of latency, and
 * no sends while a node cannot be reached.
 *
 * @module
 */

import type { Node } from "../../node/mod.ts";
import { LamportLog, type LogSettings } from "./lamport_log.ts";
import type { Log } from "./log.ts";
import { Replica } from "./replica.ts";
import { type ReplicatedLogSettings, servedByCopy } from "./replicated_log.ts";

/** Wires the strategy; `createLog` is for tests that plant a fault. */
export function lamport(
  node: Node,
  settings: ReplicatedLogSettings,
  createLog = (own: LogSettings) => new LamportLog(own),
): Log {
  const replica = new Replica(
    node,
    settings,
    (self, { length: count }, acks) => createLog({ self, count, acks, retain: settings.retain }),
  );
  return {
    send: (key, message) =>
      replica.whenReady(() => replica.confirmed(replica.source.append(key, message))),
    ...servedByCopy(replica, settings.limits),
  };
}
