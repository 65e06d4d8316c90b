/**
 * Nodes that broadcast batches on a network that the test controls: each says numbers, and keeps
 * what it has heard of whom.
 *
 * @module
 */

import type { Json } from "../../../lib/node/mod.ts";
import { DeltaGossip, type OutgoingGossip } from "../../../lib/protocol/crdt/mod.ts";
import { BatchBroadcast } from "../../../lib/protocol/log/batch_broadcast.ts";
import type { Acks, BatchSource } from "../../../lib/protocol/log/batch_source.ts";

export const PACE = { intervalMs: 100, retryMs: 200 };
const TICK_MS = 25;

/** What each writer has said, in the order in which it was applied. */
export class Sayings implements BatchSource {
  readonly #self: number;
  readonly #acks: Acks;
  readonly heard: number[][];
  #news: number[] = [];
  isOpen = false;

  constructor(self: number, count: number, acks: Acks) {
    this.#self = self;
    this.#acks = acks;
    this.heard = Array.from({ length: count }, () => []);
  }

  get hasNews(): boolean {
    return this.#news.length > 0;
  }

  say(number: number): void {
    this.#news.push(number);
    if (this.#acks === "one") this.heard[this.#self]?.push(number);
  }

  cut(): Json {
    const news = this.#news;
    this.#news = [];
    return news;
  }

  open(): void {
    this.isOpen = true;
  }

  apply(writer: number, batch: Json): void {
    this.heard[writer]?.push(...batch as number[]);
  }

  snapshot(): Json {
    return structuredClone(this.heard);
  }

  /** Of each writer, the longer one of two lists that begin alike. */
  restore(snapshot: Json): void {
    for (const [writer, said] of (snapshot as number[][]).entries()) {
      if (said.length > (this.heard[writer] as number[]).length) this.heard[writer] = [...said];
    }
  }
}

/** A node. */
export interface Member {
  readonly id: string;
  readonly source: Sayings;
  readonly broadcast: BatchBroadcast;
  readonly gossip: DeltaGossip;
}

/** A message that arrives later. */
interface Delayed {
  readonly at: number;
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
  #lives = 0;
  #now = 0;
  /** Messages that were sent, and how many of them held a snapshot. */
  sent = 0;
  snapshots = 0;
  /** Whether a message arrives, and after how many milliseconds. */
  arrives: (from: string, to: string) => boolean = () => true;
  delay: () => number = () => 0;
  #underWay: Delayed[] = [];

  /** Everybody is a neighbour of everybody unless `neighbours` says otherwise. */
  constructor(count: number, acks: Acks = "one", neighbours?: (self: number) => readonly number[]) {
    this.#acks = acks;
    this.#ids = Array.from({ length: count }, (_, index) => `n${index}`);
    this.#neighbours = neighbours ??
      ((self) => [...this.#ids.keys()].filter((index) => index !== self));
    this.members = this.#ids.map((_, self) => this.#start(self));
  }

  /** A node loses its memory. */
  restart(self: number): Member {
    return this.members[self] = this.#start(self);
  }

  at(index: number): Member {
    return this.members[index] as Member;
  }

  /** Lets time pass. */
  run(milliseconds: number): void {
    for (const end = this.#now + milliseconds; this.#now < end; this.#now += TICK_MS) {
      for (const { id, broadcast, gossip } of this.members) {
        broadcast.tick(this.#now);
        for (const outgoing of gossip.tick(this.#now)) this.#send(id, outgoing);
      }
      const due = this.#underWay.filter(({ at }) => at <= this.#now);
      this.#underWay = this.#underWay.filter(({ at }) => at > this.#now);
      for (const message of due) this.#deliver(message);
    }
  }

  #send(from: string, { to, gossip }: OutgoingGossip): void {
    this.sent++;
    const message = { at: this.#now + this.delay(), from, to, text: JSON.stringify(gossip) };
    if (!this.arrives(from, to)) return;
    if (message.at > this.#now) this.#underWay.push(message);
    else this.#deliver(message);
  }

  #deliver({ from, to, text }: Delayed): void {
    const wire = JSON.parse(text);
    if (wire.delta?.snapshot !== undefined) this.snapshots++;
    const target = this.members.find(({ id }) => id === to) as Member;
    target.gossip.receive(from, wire, this.#now);
    target.broadcast.acknowledged(target.gossip.acknowledgedByAll);
    const mayOpen = target.gossip.isSynced && target.broadcast.hasNoPast;
    if (mayOpen && !target.source.isOpen) target.broadcast.open();
  }

  #start(self: number): Member {
    const id = this.#ids[self] as string;
    const count = this.#ids.length;
    const neighbours = this.#neighbours(self);
    const source = new Sayings(self, count, this.#acks);
    const membership = {
      self,
      count,
      neighbours,
      acks: this.#acks,
      relayAfter: 3 * PACE.intervalMs,
    };
    const broadcast = new BatchBroadcast(source, membership);
    const names = neighbours.map((index) => this.#ids[index] as string);
    const gossip = new DeltaGossip(broadcast, `life-${++this.#lives}`, names, PACE);
    return { id, source, broadcast, gossip };
  }
}
