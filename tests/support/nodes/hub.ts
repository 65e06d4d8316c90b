#!/usr/bin/env -S deno run
/**
 * Reference node for broadcast in few messages: every node tells the first one what it was told, in
 * batches, and the first one tells all others what there is, now and then.
 *
 * Both directions are logs. A message carries the part of a log that the other side has not
 * confirmed, where that part begins, and how much of the other side's log has come; so whatever is
 * lost is sent again with the next one.
 *
 * @module
 */

import { type Json, type Node, quantity, schema, serve } from "../../../lib/node/mod.ts";

const fields = {
  start: schema.natural,
  values: schema.array(schema.json),
  received: schema.natural,
};

/** One direction of a link: what was sent, and how much of it has been confirmed. */
class Outbound {
  confirmed = 0;
  #sent = 0;
  /** What had been sent when repairs were last looked for. */
  #sentBefore = 0;

  constructor(readonly log: readonly Json[]) {}

  /** What is to be sent now, again if it has been on its way for long; undefined for nothing. */
  next(repairs: boolean): { start: number; values: Json[] } | undefined {
    const overdue = repairs && this.confirmed < this.#sentBefore;
    if (this.#sent === this.log.length && !overdue) {
      if (repairs) this.#sentBefore = this.#sent;
      return undefined;
    }
    const start = overdue ? this.confirmed : this.#sent;
    this.#sent = this.log.length;
    if (repairs) this.#sentBefore = this.#sent;
    return { start, values: this.log.slice(start) };
  }
}

/** What has come over a link, without gaps. */
class Inbound {
  received = 0;
  /** How much of it the other side has been told has come. */
  told = 0;

  /** The values that are new; none when something is missing before them. */
  take(start: number, values: readonly Json[]): readonly Json[] {
    const fresh = start > this.received ? [] : values.slice(this.received - start);
    this.received += fresh.length;
    return fresh;
  }
}

/** Broadcasts. Returns what it knows, for tests to look at. */
export default function hub(node: Node) {
  const flags = node.flags({
    up: quantity(20, "milliseconds that a node gathers values before it tells the hub"),
    down: quantity(250, "milliseconds that the hub gathers values before it tells the others"),
    repair: quantity(1500, "milliseconds between two looks for what has not been confirmed"),
  });
  const known = new Set<Json>();
  /** What others are to be told: by the hub everything, by others what they were told themselves. */
  const log: Json[] = [];
  const links = new Map<string, { out: Outbound; in: Inbound }>();
  let isHub = false;
  let flushing = false;

  function learn(values: readonly Json[], own: boolean): void {
    for (const value of values) {
      if (known.has(value)) continue;
      known.add(value);
      if (own || isHub) log.push(value);
    }
    if (flushing || links.size === 0) return;
    flushing = true;
    node.after(isHub ? flags.down : flags.up, () => {
      flushing = false;
      for (const peer of links.keys()) flush(peer, false);
    });
  }

  function flush(peer: string, repairs: boolean): void {
    const link = links.get(peer);
    if (link === undefined) return;
    const part = link.out.next(repairs);
    const owes = repairs && link.in.told < link.in.received;
    if (part === undefined && !owes) return;
    link.in.told = link.in.received;
    const { start, values } = part ?? { start: link.out.confirmed, values: [] };
    node.send(peer, { type: "pass", start, values, received: link.in.received });
  }

  node.on("init", () => {
    isHub = node.id === node.nodes[0];
    for (const peer of isHub ? node.peers : node.nodes.slice(0, 1)) {
      links.set(peer, { out: new Outbound(log), in: new Inbound() });
    }
    node.every(flags.repair, () => {
      for (const peer of links.keys()) flush(peer, true);
    });
  });
  node.on("topology", () => ({ type: "topology_ok" }));
  node.on("broadcast", { message: schema.json }, ({ message }) => {
    learn([message], true);
    return { type: "broadcast_ok" };
  });
  node.on("pass", fields, ({ start, values, received }, { src }) => {
    const link = links.get(src);
    if (link === undefined) return;
    link.out.confirmed = Math.max(link.out.confirmed, received);
    learn(link.in.take(start, values), false);
  });
  node.on("read", () => ({ type: "read_ok", messages: [...known] }));
  return () => [...known];
}

if (import.meta.main) await serve(hub);
