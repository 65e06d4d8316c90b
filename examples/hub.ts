#!/usr/bin/env -S deno run
/**
 * Broadcast with few messages: the first node is a hub. Every other node sends its clients' values
 * to the hub in batches, and the hub sends all values to every node in batches. A longer batching
 * window costs latency and saves messages.
 *
 * Each direction of a link is a log. A message carries the unacknowledged part of the sender's log,
 * the index at which that part starts, and a cumulative acknowledgement of the receiver's log. A
 * lost message is thus repaired by the next one.
 *
 * The hub is a single point of failure: while it is partitioned from a node, that node is isolated.
 * `lib/protocol/broadcast` elects another hub then.
 *
 * ```sh
 * deno task maelstrom test -w broadcast --bin examples/hub.ts --engine sim --node-count 25
 * ```
 *
 * @module
 */

import { flag, type Json, schema, serve, withFlags } from "../lib/node/mod.ts";

const fields = {
  start: schema.natural,
  values: schema.array(schema.json),
  received: schema.natural,
};

/** The sending side of a link: which part of the log was sent and acknowledged. */
class Outbound {
  acknowledged = 0;
  #sent = 0;
  /** The value of `#sent` at the previous check for retransmissions. */
  #sentAtLastCheck = 0;

  constructor(readonly log: readonly Json[]) {}

  /** Returns the entries to send, undefined for none; `retransmits` includes overdue entries. */
  next(retransmits: boolean): { start: number; values: Json[] } | undefined {
    const overdue = retransmits && this.acknowledged < this.#sentAtLastCheck;
    if (this.#sent === this.log.length && !overdue) {
      if (retransmits) this.#sentAtLastCheck = this.#sent;
      return undefined;
    }
    const start = overdue ? this.acknowledged : this.#sent;
    this.#sent = this.log.length;
    if (retransmits) this.#sentAtLastCheck = this.#sent;
    return { start, values: this.log.slice(start) };
  }
}

/** The receiving side of a link: the contiguous prefix that was received. */
class Inbound {
  received = 0;
  /** The part of `received` that was acknowledged to the sender. */
  acknowledged = 0;

  /** Returns the new values; none if there is a gap before them. */
  accept(start: number, values: readonly Json[]): readonly Json[] {
    const fresh = start > this.received ? [] : values.slice(this.received - start);
    this.received += fresh.length;
    return fresh;
  }
}

const ms = { placeholder: "MS" } as const;
const flags = {
  up: flag.number({ ...ms, help: "batching window of values to the hub", default: 20 }),
  down: flag.number({ ...ms, help: "batching window of values from the hub", default: 250 }),
  repair: flag.number({ ...ms, help: "time between retransmissions", default: 1500 }),
};

const hub = withFlags({ flags }, (node, flags) => {
  const delivered = new Set<Json>();
  /** The values to send: all values on the hub, and those of own clients on other nodes. */
  const log: Json[] = [];
  const links = new Map<string, { out: Outbound; in: Inbound }>();
  const isHub = node.id === node.nodes[0];
  let isFlushScheduled = false;

  function receive(values: readonly Json[], fromClient: boolean): void {
    for (const value of values) {
      if (delivered.has(value)) continue;
      delivered.add(value);
      if (fromClient || isHub) log.push(value);
    }
    if (isFlushScheduled || links.size === 0) return;
    isFlushScheduled = true;
    node.after(isHub ? flags.down : flags.up, () => {
      isFlushScheduled = false;
      for (const peer of links.keys()) flush(peer, false);
    });
  }

  function flush(peer: string, retransmits: boolean): void {
    const link = links.get(peer);
    if (link === undefined) return;
    const part = link.out.next(retransmits);
    const owesAck = retransmits && link.in.acknowledged < link.in.received;
    if (part === undefined && !owesAck) return;
    link.in.acknowledged = link.in.received;
    const { start, values } = part ?? { start: link.out.acknowledged, values: [] };
    node.send(peer, { type: "forward", start, values, received: link.in.received });
  }

  for (const peer of isHub ? node.peers : node.nodes.slice(0, 1)) {
    links.set(peer, { out: new Outbound(log), in: new Inbound() });
  }
  node.every(flags.repair, () => {
    for (const peer of links.keys()) flush(peer, true);
  });
  node.on("topology", () => ({ type: "topology_ok" }));
  node.on("broadcast", { message: schema.json }, ({ message }) => {
    receive([message], true);
    return { type: "broadcast_ok" };
  });
  node.on("forward", fields, ({ start, values, received }, { src }) => {
    const link = links.get(src);
    if (link === undefined) return;
    link.out.acknowledged = Math.max(link.out.acknowledged, received);
    receive(link.in.accept(start, values), false);
  });
  node.on("read", () => ({ type: "read_ok", messages: [...delivered] }));
  node.exposeState(() => [...delivered]);
});

export default hub;

if (import.meta.main) await serve(hub);
