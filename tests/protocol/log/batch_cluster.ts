/**
 * Nodes that broadcast batches of numbers on a network that the test controls, in virtual time.
 *
 * @module
 */

import type { Json } from "../../../lib/node/mod.ts";
import { DeltaGossip, type OutgoingGossip } from "../../../lib/protocol/crdt/mod.ts";
import { BatchBroadcast } from "../../../lib/protocol/log/batch_broadcast.ts";
import type { Acks, BatchSource } from "../../../lib/protocol/log/batch_source.ts";

export const PACE = { intervalMs: 100, retryMs: 200 };
const TICK_MS = 25;

/** Replicated state: the numbers of each writer, in the order in which they were applied. */
export class NumberSource implements BatchSource {
  readonly #self: number;
  readonly #acks: Acks;
  readonly applied: number[][];
  #updates: number[] = [];
  isRecovered = false;

  constructor(self: number, count: number, acks: Acks) {
    this.#self = self;
    this.#acks = acks;
    this.applied = Array.from({ length: count }, () => []);
  }

  get hasUpdates(): boolean {
    return this.#updates.length > 0;
  }

  /** Adds a number to the next batch. */
  write(number: number): void {
    this.#updates.push(number);
    if (this.#acks === "one") this.applied[this.#self]?.push(number);
  }

  seal(): Json {
    const updates = this.#updates;
    this.#updates = [];
    return updates;
  }

  recovered(): void {
    this.isRecovered = true;
  }

  apply(writer: number, batch: Json): void {
    this.applied[writer]?.push(...batch as number[]);
  }

  snapshot(): Json {
    return structuredClone(this.applied);
  }

  /** Keeps the longer list of each writer: one list is a prefix of the other. */
  restore(snapshot: Json): void {
    for (const [writer, numbers] of (snapshot as number[][]).entries()) {
      if (numbers.length > (this.applied[writer] as number[]).length) {
        this.applied[writer] = [...numbers];
      }
    }
  }
}

/** A node. */
export interface Member {
  readonly id: string;
  readonly source: NumberSource;
  readonly broadcast: BatchBroadcast;
  readonly gossip: DeltaGossip;
}

/** A message in the network. */
interface DelayedMessage {
  readonly arrivesAtMs: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** A cluster. */
export class BatchCluster {
  readonly members: Member[];
  readonly #acks: Acks;
  readonly #ids: readonly string[];
  readonly #neighbours: (self: number) => readonly number[];
  #incarnations = 0;
  #nowMs = 0;
  /** The number of messages sent. */
  sent = 0;
  /** The number of snapshots delivered. */
  snapshots = 0;
  /** Whether the network delivers a message that is sent now. */
  delivers: (from: string, to: string) => boolean = () => true;
  /** The latency in milliseconds of a message that is sent now. */
  latencyMs: () => number = () => 0;
  #inFlight: DelayedMessage[] = [];

  /** All nodes are neighbours of each other unless `neighbours` returns others. */
  constructor(count: number, acks: Acks = "one", neighbours?: (self: number) => readonly number[]) {
    this.#acks = acks;
    this.#ids = Array.from({ length: count }, (_, index) => `n${index}`);
    this.#neighbours = neighbours ??
      ((self) => [...this.#ids.keys()].filter((index) => index !== self));
    this.members = this.#ids.map((_, self) => this.#start(self));
  }

  /** Replaces a node by a new incarnation without memory. */
  restart(self: number): Member {
    return this.members[self] = this.#start(self);
  }

  at(index: number): Member {
    return this.members[index] as Member;
  }

  /** Lets time pass. */
  run(durationMs: number): void {
    for (const endMs = this.#nowMs + durationMs; this.#nowMs < endMs; this.#nowMs += TICK_MS) {
      for (const { id, broadcast, gossip } of this.members) {
        broadcast.tick(this.#nowMs);
        for (const outgoing of gossip.tick(this.#nowMs)) this.#send(id, outgoing);
      }
      const arrived = this.#inFlight.filter(({ arrivesAtMs }) => arrivesAtMs <= this.#nowMs);
      this.#inFlight = this.#inFlight.filter(({ arrivesAtMs }) => arrivesAtMs > this.#nowMs);
      for (const message of arrived) this.#deliver(message);
    }
  }

  #send(from: string, { to, gossip }: OutgoingGossip): void {
    this.sent++;
    const arrivesAtMs = this.#nowMs + this.latencyMs();
    const message = { arrivesAtMs, from, to, text: JSON.stringify(gossip) };
    if (!this.delivers(from, to)) return;
    if (arrivesAtMs > this.#nowMs) this.#inFlight.push(message);
    else this.#deliver(message);
  }

  #deliver({ from, to, text }: DelayedMessage): void {
    const gossip = JSON.parse(text);
    if (gossip.delta?.snapshot !== undefined) this.snapshots++;
    const target = this.members.find(({ id }) => id === to) as Member;
    target.gossip.receive(from, gossip, this.#nowMs);
    target.broadcast.acknowledged(target.gossip.acknowledgedByAll);
    const isReady = target.gossip.isSynced && target.broadcast.hasAppliedOwn;
    if (isReady && !target.source.isRecovered) target.broadcast.recovered();
  }

  #start(self: number): Member {
    const id = this.#ids[self] as string;
    const count = this.#ids.length;
    const neighbours = this.#neighbours(self);
    const source = new NumberSource(self, count, this.#acks);
    const membership = {
      self,
      count,
      neighbours,
      acks: this.#acks,
      relayAfterMs: 3 * PACE.intervalMs,
    };
    const broadcast = new BatchBroadcast(source, membership);
    const names = neighbours.map((index) => this.#ids[index] as string);
    const incarnation = `incarnation-${++this.#incarnations}`;
    return { id, source, broadcast, gossip: new DeltaGossip(broadcast, incarnation, names, PACE) };
  }
}
