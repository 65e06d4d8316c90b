/**
 * The batches of all origins at one node: what they are made from, which ones it has, in which order it
 * accepts and applies them, and which incarnation of a node is the newest.
 *
 * @module
 */

import type { Json } from "../../base/mod.ts";
import { schema } from "../../node/mod.ts";
import type { Schema } from "../../wire/mod.ts";

/** Replicated state: it produces the contents of this node's batches, and applies all writers'. */
export interface BatchSource {
  readonly contentSchema: Schema<unknown>;
  /** Whether there are updates that no batch contains yet. */
  readonly hasUpdates: boolean;
  /**
   * Allows this node to produce batches. It assigns nothing that is less than `gap` after what it
   * has applied: an earlier incarnation may have assigned that.
   */
  start(gap: number): void;
  /** Returns the updates since the last batch. */
  seal(): Json;
  /**
   * Applies the content of a writer's batch; nodes are indices. A batch of this node is one that an
   * earlier incarnation sealed.
   */
  apply(writer: number, content: Json): void;
}

/** Numbers of batches by origin: that many, from the first one on. */
export type Counts = { readonly [origin: string]: number };

const counts = schema.record(schema.natural);
const batchSchema = <C extends Schema<unknown>>(content: C) =>
  schema.object({
    /** Undefined for none. */
    content: schema.optional(content),
    /** The batches of the writer's earlier incarnations: there are no others. */
    past: schema.optional(counts),
    /** What the writer has, after it has seen a new incarnation. */
    has: schema.optional(counts),
  });

/** A batch. */
export interface Batch {
  readonly content?: Json | undefined;
  readonly past?: Counts | undefined;
  readonly has?: Counts | undefined;
}

/** What a message carries: batches, each with its origin and its number. */
export type Delta = [origin: string, number: number, batch: Batch][];

/** Returns the schema of a delta. */
export function deltaSchema({ contentSchema }: BatchSource): Schema<Delta> {
  const item = schema.tuple(schema.string, schema.natural, batchSchema(contentSchema));
  return schema.array(item) as Schema<unknown> as Schema<Delta>;
}

/** A batch that cannot be accepted yet. */
interface Waiting {
  readonly batch: Batch;
  /** Whether its origin sent it, not a third node. */
  readonly isDirect: boolean;
}

/** The batches of one origin at one node. */
export class Origin {
  readonly #batches: Batch[] = [];
  /** The number of batches that count; a later incarnation limits it. */
  limit = Infinity;
  /** What its node had when it last saw a new incarnation. */
  has: Counts | undefined;
  readonly #waiting = new Map<number, Waiting>();

  /** `writer` is the index of its node. */
  constructor(readonly name: string, readonly writer: number) {}

  /** The number of batches that this node has, from the first one on. */
  get count(): number {
    return this.#batches.length;
  }

  /** The next batch to accept, if it has arrived. */
  get next(): Waiting | undefined {
    return this.#waiting.get(this.count);
  }

  batchAt(number: number): Batch {
    return this.#batches[number] as Batch;
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

  /** Discards the batches from a number on. */
  limitTo(number: number): void {
    this.limit = number;
    this.#batches.splice(number);
    for (const waiting of this.#waiting.keys()) {
      if (waiting >= number) this.#waiting.delete(waiting);
    }
  }
}

/** What the {@link Origins} of a node need. Nodes are sorted by id. */
export interface OriginsOptions {
  readonly nodes: readonly string[];
  readonly source: Pick<BatchSource, "apply">;
  /** Notes that the next batch of an origin is accepted. */
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

  #isAcceptable(origin: Origin, { batch, isDirect }: NonNullable<Origin["next"]>): boolean {
    if (origin.count >= origin.limit) return false;
    if (isDirect && origin.limit === Infinity && !this.isNewest(origin)) return false;
    return Object.entries(batch.past ?? {}).every(([name, count]) => {
      const past = this.#origins.get(name);
      return past !== undefined && past.count >= count;
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
    if (batch.content !== undefined) this.#options.source.apply(origin.writer, batch.content);
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
