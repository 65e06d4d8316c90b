/**
 * A replicated set of values: a log of entries, each with a name.
 *
 * An entry's name is its origin, the incarnation of the node where a client added it, and a sequence
 * number among that origin's entries. A summary says for each origin how many entries the log has
 * from the first on without a gap, so its length depends on the number of origins only.
 *
 * Invariant: the log only grows and has no name twice. A value that was added at two nodes has two
 * names, and is listed once.
 *
 * @module
 */

import { canonicalJson, invariant, type Json } from "../base/mod.ts";
import type { Receiver, ReplicatedState } from "./types.ts";

/** By origin, the number of its entries from the first on. */
type Summary = { readonly [origin: string]: number };
/** Consecutive entries of one origin: the origin, the first one's sequence number, the values. */
type Run = [origin: string, first: number, ...values: Json[]];

interface Entry {
  readonly origin: string;
  readonly sequence: number;
  readonly value: Json;
  /** The incarnation that sent it; undefined for one that a client added here. */
  readonly source: string | undefined;
  readonly atMs: number;
}

/** The entries of one origin: how many from the first on, and which ones beyond a gap. */
interface Known {
  contiguous: number;
  readonly beyond: Set<number>;
}

/** A delta has at most this many entries; a catch-up takes as many updates as it needs. */
const MAX_ENTRIES = 500;

/** The entries of one replica. */
export class EntryLog implements ReplicatedState {
  readonly isOrdered = false;
  readonly #origin: string;
  readonly #entries: Entry[] = [];
  readonly #known = new Map<string, Known>();
  readonly #texts = new Set<string>();
  readonly #values: Json[] = [];

  /** The entries that are added here are named after this incarnation of the node. */
  constructor({ id, incarnation }: { readonly id: string; readonly incarnation: string }) {
    this.#origin = `${id}.${incarnation}`;
  }

  /** The values, each once, in the order in which they arrived. */
  get values(): readonly Json[] {
    return this.#values;
  }

  get version(): number {
    return this.#entries.length;
  }

  get summaryVersion(): number {
    const hasGap = [...this.#known.values()].some(({ beyond }) => beyond.size > 0);
    return hasGap ? 0 : this.version;
  }

  /** Adds a value; returns whether it is new. */
  add(value: Json, now: number): boolean {
    if (this.#texts.has(canonicalJson(value))) return false;
    const sequence = this.#of(this.#origin).contiguous;
    this.#insert({ origin: this.#origin, sequence, value, source: undefined, atMs: now });
    return true;
  }

  /** Returns the entries from a position on that were added here, as a delta; undefined for none. */
  ownSince(position: number): Json | undefined {
    const own = this.#entries.slice(position).filter(({ origin }) => origin === this.#origin);
    const [first] = own;
    if (first === undefined) return undefined;
    return [[first.origin, first.sequence, ...own.map(({ value }) => value)]];
  }

  /** Returns the nodes that the entries from a position on were added at. */
  nodesSince(position: number): Set<string> {
    return new Set(this.#entries.slice(position).map(({ origin }) => nodeOf(origin)));
  }

  /** Returns the nodes that the entries of a delta were added at. */
  nodesIn(delta: Json): Set<string> {
    return new Set(toRuns(delta).map(([origin]) => nodeOf(origin)));
  }

  firstFor(from: number, receiver: Receiver): number {
    while (from < this.version && !this.#isFor(from, receiver)) from++;
    return from;
  }

  changedAt(position: number): number {
    return (this.#entries[position] as Entry).atMs;
  }

  delta(from: number, receiver: Receiver): { delta: Json; to: number } {
    const runs: Run[] = [];
    const open = new Map<string, Run>();
    let to = from;
    for (let count = 0; to < this.version && count < MAX_ENTRIES; to++) {
      if (!this.#isFor(to, receiver)) continue;
      count++;
      const { origin, sequence, value } = this.#entries[to] as Entry;
      const run = open.get(origin);
      if (run !== undefined && run[1] + run.length - 2 === sequence) run.push(value);
      else {
        const next: Run = [origin, sequence, value];
        open.set(origin, next);
        runs.push(next);
      }
    }
    return { to, delta: runs };
  }

  merge(delta: Json, source: string, now: number): void {
    for (const [origin, first, ...values] of toRuns(delta)) {
      values.forEach((value, index) =>
        this.#insert({ origin, sequence: first + index, value, source, atMs: now })
      );
    }
  }

  /** Merges a delta from {@link EntryLog.ownSince}, which its origin sent. */
  mergeOwn(delta: Json, now: number): void {
    for (const run of toRuns(delta)) {
      const [origin] = run;
      this.merge([run], origin.slice(nodeOf(origin).length + 1), now);
    }
  }

  summary(): Json {
    return Object.fromEntries(
      [...this.#known].flatMap(([origin, { contiguous }]) =>
        contiguous > 0 ? [[origin, contiguous]] : []
      ),
    );
  }

  includes(summary: Json): boolean {
    return Object.entries(summary as Summary).every(([origin, count]) =>
      count <= (this.#known.get(origin)?.contiguous ?? 0)
    );
  }

  #isFor(position: number, { source, summary = {} }: Receiver): boolean {
    const entry = this.#entries[position] as Entry;
    return entry.source !== source && !isSummarised(entry, summary);
  }

  #insert(entry: Entry): void {
    const { sequence, value } = entry;
    const known = this.#of(entry.origin);
    if (sequence < known.contiguous || known.beyond.has(sequence)) return;
    // First, since it throws for values that are nested too deep, which must not be half inserted.
    const text = canonicalJson(value);
    if (sequence === known.contiguous) {
      known.contiguous++;
      while (known.beyond.delete(known.contiguous)) known.contiguous++;
    } else known.beyond.add(sequence);
    invariant(!known.beyond.has(known.contiguous), "an entry beyond a gap follows a gap");
    this.#entries.push(entry);
    if (!this.#texts.has(text)) {
      this.#texts.add(text);
      this.#values.push(value);
    }
  }

  #of(origin: string): Known {
    let known = this.#known.get(origin);
    if (known === undefined) this.#known.set(origin, known = { contiguous: 0, beyond: new Set() });
    return known;
  }
}

function isSummarised({ origin, sequence }: Entry, summary: Json): boolean {
  const counts = summary as Summary;
  return Object.hasOwn(counts, origin) && sequence < (counts[origin] as number);
}

function nodeOf(origin: string): string {
  return origin.slice(0, origin.lastIndexOf("."));
}

function toRuns(delta: Json): Run[] {
  const isRun = (run: Json) =>
    Array.isArray(run) && typeof run[0] === "string" && Number.isSafeInteger(run[1]);
  if (Array.isArray(delta) && delta.every(isRun)) return delta as unknown as Run[];
  throw new TypeError("a delta of entries must be [[origin, first number, value, …], …]");
}
