/**
 * The batches of all origins at one node: which ones it has, in which order it accepts and applies
 * them, and which incarnation of a node is the newest.
 *
 * @module
 */

import { invariant, type Json } from "../../base/mod.ts";
import type { Batch, BatchSource, Counts, Snapshot } from "./batch.ts";

/** A batch that cannot be accepted yet. */
interface Waiting {
  readonly batch: Batch;
  /** Whether its origin sent it, not a third node. */
  readonly isDirect: boolean;
}

/**
 * The batches of one origin at one node.
 *
 * Invariant: `dropped ≤ applied ≤ count`, and `dropped ≤ stable`.
 */
export class Origin {
  /** The batches from number `dropped` on. */
  #batches: Batch[] = [];
  dropped = 0;
  applied = 0;
  /** All nodes have the batches below this number. */
  stable = 0;
  /** The value of `stable` that its node has announced. */
  #announced = 0;
  /** The number of batches that count; a later incarnation limits it. */
  limit = Infinity;
  /** What its node had when it last saw a new incarnation. */
  has: Counts | undefined;
  readonly #waiting = new Map<number, Waiting>();

  /** `writer` is the index of its node. */
  constructor(readonly name: string, readonly writer: number) {}

  /** The number of batches that this node has, from the first one on. */
  get count(): number {
    return this.dropped + this.#batches.length;
  }

  /** The next batch to accept, if it has arrived. */
  get next(): Waiting | undefined {
    return this.#waiting.get(this.count);
  }

  batchAt(number: number): Batch {
    return this.#batches[number - this.dropped] as Batch;
  }

  /** Keeps a batch until the ones before it have arrived. A third node vouches for what it sends. */
  wait(number: number, batch: Batch, isDirect: boolean): void {
    if (number < this.count || (isDirect && this.#waiting.has(number))) return;
    this.#waiting.set(number, { batch, isDirect });
  }

  push(batch: Batch): void {
    this.#waiting.delete(this.count);
    this.#batches.push(batch);
    this.has = batch.has ?? this.has;
  }

  /** Notes that `stable` is announced; returns whether it was not before. */
  announceStable(): boolean {
    const isNew = this.stable > this.#announced;
    this.#announced = this.stable;
    return isNew;
  }

  /** Discards the batches from a number on. */
  limitTo(number: number): void {
    this.limit = number;
    this.#batches.splice(Math.max(0, number - this.dropped));
    for (const name of ["dropped", "applied", "stable"] as const) {
      this[name] = Math.min(this[name], number);
    }
    for (const waiting of this.#waiting.keys()) {
      if (waiting >= number) this.#waiting.delete(waiting);
    }
  }

  /** Replaces the batches below a number by a snapshot. */
  skipTo(number: number): void {
    if (number > this.count) {
      this.#batches = [];
      this.dropped = this.stable = number;
    }
    this.applied = Math.max(this.applied, number);
    for (const waiting of this.#waiting.keys()) if (waiting < number) this.#waiting.delete(waiting);
  }

  /** Drops the batches that neither this node nor a peer needs any more. */
  drop(): void {
    const end = Math.min(this.applied, this.stable);
    this.#batches.splice(0, end - this.dropped);
    this.dropped = Math.max(this.dropped, end);
    invariant(
      this.dropped <= this.applied && this.applied <= this.count,
      "dropped ≤ applied ≤ count",
    );
  }
}

/** When a batch is applied, and so acknowledged: at one node, or once all nodes have it. */
export type Acks = "one" | "all";

/** What the {@link Origins} of a node need. Nodes are sorted by id. */
export interface OriginsOptions {
  readonly nodes: readonly string[];
  readonly acks: Acks;
  readonly source: Pick<BatchSource, "apply">;
  /** Notes that the next batch of an origin is accepted, or that a snapshot has replaced it. */
  accepted(origin: Origin, number: number, now: number): void;
}

/** The origins that one node has seen. */
export class Origins {
  readonly #options: OriginsOptions;
  readonly #origins = new Map<string, Origin>();
  /** By node, its newest origin that was seen, and since when. */
  readonly #newest: { readonly origin: Origin; readonly sinceMs: number }[] = [];

  constructor(options: OriginsOptions) {
    this.#options = options;
  }

  get all(): Origin[] {
    return [...this.#origins.values()];
  }

  /** The number of incarnations that have been replaced by a later one. */
  get gone(): number {
    return this.#origins.size - new Set(this.all.map(({ writer }) => writer)).size;
  }

  /**
   * Returns an origin that an incarnation has sent, or appears in a batch of it. One that is seen for
   * the first time is the newest of its node, unless its node itself sends it beside its own. Throws
   * a TypeError for an unknown node.
   */
  see(name: string, source: string, now: number): Origin {
    const known = this.#origins.get(name);
    if (known !== undefined) return known;
    const node = name.slice(0, name.lastIndexOf("."));
    const writer = this.#options.nodes.indexOf(node);
    if (writer < 0) throw new TypeError(`unknown node in the origin "${name}"`);
    const origin = new Origin(name, writer);
    if (!this.#origins.has(`${node}.${source}`)) this.#newest[writer] = { origin, sinceMs: now };
    this.#origins.set(name, origin);
    return origin;
  }

  /** Returns whether an origin is the newest of its node. */
  isNewest(origin: Origin): boolean {
    return this.#newest[origin.writer]?.origin === origin;
  }

  /**
   * Notes that an origin replied to a request that this node sent at a time. So it is newer than one
   * that was seen before the request: a node's incarnations follow each other.
   */
  replied(origin: Origin, requestedMs: number, now: number): void {
    const { sinceMs } = this.#newest[origin.writer] as { sinceMs: number };
    if (this.isNewest(origin) || requestedMs < Math.floor(sinceMs)) return;
    this.#newest[origin.writer] = { origin, sinceMs: now };
    this.accept(now);
  }

  /** Accepts, and applies, the batches whose turn it is. */
  accept(now: number): void {
    for (let isDone = false; !isDone;) {
      isDone = true;
      for (const origin of this.#origins.values()) {
        for (let next = origin.next; next !== undefined; next = origin.next) {
          if (!this.#isAcceptable(origin, next)) break;
          isDone = false;
          this.#insert(origin, next.batch, now);
        }
      }
    }
    this.apply();
  }

  /** Applies what may be applied, and drops what is not needed any more. */
  apply(): void {
    const { acks, source } = this.#options;
    for (let isDone = false; !isDone;) {
      isDone = true;
      for (const origin of this.#origins.values()) {
        const end = acks === "one" ? origin.count : Math.min(origin.count, origin.stable);
        while (origin.applied < end) {
          const batch = origin.batchAt(origin.applied);
          if (!this.#hasPast(batch, ({ applied }) => applied)) break;
          isDone = false;
          origin.applied++;
          if (batch.content !== undefined) source.apply(origin.writer, batch.content);
        }
        origin.drop();
      }
    }
  }

  /** Returns how many batches of each origin this node has. */
  summary(): Counts {
    return countsOf(this.all.filter(({ count }) => count > 0), ({ count }) => count);
  }

  /** Returns whether this node has all batches in a summary, except those that do not count. */
  includes(summary: Counts): boolean {
    return Object.entries(summary).every(([name, number]) => {
      const { count = 0, limit = Infinity } = this.#origins.get(name) ?? {};
      return count >= Math.min(number, limit);
    });
  }

  /** Returns what a snapshot says about the origins. */
  snapshot(): Snapshot["origins"] {
    const origins = this.all.map(({ name, applied, limit, has }) => [
      name,
      { applied, ...(limit < Infinity ? { limit } : {}), ...(has === undefined ? {} : { has }) },
    ]);
    return Object.fromEntries(origins);
  }

  /** Takes over what a snapshot has, except for one origin. */
  restore(origins: Snapshot["origins"], except: Origin, now: number): void {
    for (const [name, { applied, limit, has }] of Object.entries(origins)) {
      const origin = this.#origins.get(name) as Origin;
      if (origin === except) continue;
      if (limit !== undefined) origin.limitTo(limit);
      const end = Math.min(applied, origin.limit);
      if (end > origin.count) {
        origin.has = has ?? origin.has;
        this.#options.accepted(origin, end - 1, now);
      }
      origin.skipTo(end);
    }
  }

  #isAcceptable(origin: Origin, { batch, isDirect }: NonNullable<Origin["next"]>): boolean {
    if (origin.count >= origin.limit) return false;
    if (isDirect && origin.limit === Infinity && !this.isNewest(origin)) return false;
    return this.#hasPast(batch, ({ count }) => count);
  }

  #hasPast({ past = {} }: Batch, countOf: (origin: Origin) => number): boolean {
    return Object.entries(past).every(([name, count]) => {
      const origin = this.#origins.get(name);
      return origin !== undefined && countOf(origin) >= count;
    });
  }

  #insert(origin: Origin, batch: Batch, now: number): void {
    this.#options.accepted(origin, origin.count, now);
    origin.push(batch);
    for (const [name, count] of Object.entries(batch.past ?? {})) {
      const past = this.see(name, "", now);
      past.limitTo(count);
      if (this.isNewest(past)) this.#newest[origin.writer] = { origin, sinceMs: now };
    }
    for (const [name, count] of Object.entries(batch.stable ?? {})) {
      const stable = this.see(name, "", now);
      stable.stable = Math.max(stable.stable, count);
    }
  }
}

/** Returns a number of each origin. */
export function countsOf(origins: readonly Origin[], count: (origin: Origin) => number): Counts {
  return Object.fromEntries(origins.map((origin) => [origin.name, count(origin)]));
}

/** Returns how many batches of an origin a summary has. */
export function countIn(summary: Json | undefined, { name }: Origin): number {
  const counts = (summary ?? {}) as Counts;
  return Object.hasOwn(counts, name) ? counts[name] as number : 0;
}
