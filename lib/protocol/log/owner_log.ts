/**
 * The logs of the strategy `owner` at one node, without a network: those that it owns, and copies
 * of all others. Offsets of a key are 0, 1, 2, …, given by its owner.
 *
 * Invariant: a copy is a prefix of what its owner has given, since batches come in order.
 *
 * @module
 */

import { type Json, schema } from "../../node/mod.ts";
import { commitsShape, SharedCommits } from "./commits.ts";
import { type Entry, EntryLog } from "./entry_log.ts";
import type { LogSettings } from "./lamport_log.ts";
import type { Offsets } from "./log.ts";
import { readShape } from "./read_shape.ts";
import type { LogCopy } from "./replicated_log.ts";

/** Entries of keys, each with the offset of the first; and commits. */
const newsShape = schema.object({
  runs: schema.array(
    schema.tuple(schema.string, schema.natural, schema.array(schema.json)),
  ),
  commits: commitsShape,
});

interface OwnedKey {
  readonly log: EntryLog;
  /** The offset that the next message gets, if this node owns the key. */
  next: number;
}

interface Run {
  readonly first: number;
  readonly messages: Json[];
}

/** Logs by key. */
export class OwnerLog implements LogCopy {
  readonly #settings: LogSettings;
  readonly #keys = new Map<string, OwnedKey>();
  readonly #commits: SharedCommits;
  /** What there is to tell. */
  readonly #draft = new Map<string, Run>();

  constructor(settings: LogSettings) {
    this.#settings = settings;
    this.#commits = new SharedCommits(settings);
  }

  get hasNews(): boolean {
    return this.#draft.size > 0 || this.#commits.hasNews;
  }

  /** The index of the node that owns a key, by a hash of it (FNV-1a). */
  ownerOf(key: string): number {
    let hash = 0x811c9dc5;
    for (let at = 0; at < key.length; at++) {
      hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
    }
    // The low bits alone are poor: keys that count up would take turns.
    hash ^= hash >>> 15;
    return (hash >>> 0) % this.#settings.count;
  }

  /** Whether this node owns a key. */
  owns(key: string): boolean {
    return this.ownerOf(key) === this.#settings.self;
  }

  /** Gives a message the next offset of its key, which this node owns. */
  append(key: string, message: Json): number {
    const owned = this.#key(key);
    const offset = owned.next++;
    if (this.#settings.acks === "one") owned.log.append(offset, message);
    if (this.#settings.count > 1) this.#draftRun(key, offset, message);
    return offset;
  }

  read(key: string, offset: number, most: number): Entry[] {
    return this.#keys.get(key)?.log.from(offset, most) ?? [];
  }

  commit(offsets: Readonly<Offsets>): boolean {
    return this.#commits.commit(offsets);
  }

  committed(keys: readonly string[]): Offsets {
    return this.#commits.of(keys);
  }

  open(): void {}

  cut(): Json {
    const runs = [...this.#draft].map(([key, { first, messages }]): Json => [key, first, messages]);
    this.#draft.clear();
    return { runs, commits: this.#commits.cut() };
  }

  apply(_writer: number, batch: Json): void {
    const { runs, commits } = readShape(newsShape, batch);
    for (const [key, first, messages] of runs) this.#take(key, first, messages);
    this.#commits.take(commits);
  }

  snapshot(): Json {
    const runs = [...this.#keys].map(([key, { log }]): Json => {
      const entries = log.from(0, Infinity);
      return [key, entries[0]?.[0] ?? 0, entries.map(([, message]) => message)];
    });
    return { runs, commits: this.#commits.pairs() };
  }

  restore(snapshot: Json): void {
    this.apply(this.#settings.self, snapshot);
  }

  #draftRun(key: string, offset: number, message: Json): void {
    const run = this.#draft.get(key);
    if (run === undefined) this.#draft.set(key, { first: offset, messages: [message] });
    else run.messages.push(message);
  }

  #take(key: string, first: number, messages: readonly Json[]): void {
    const owned = this.#key(key);
    for (const [place, message] of messages.entries()) {
      const offset = first + place;
      if (offset >= owned.log.end) owned.log.append(offset, message);
    }
    owned.next = Math.max(owned.next, owned.log.end);
  }

  #key(key: string): OwnedKey {
    let owned = this.#keys.get(key);
    if (owned === undefined) {
      owned = { log: new EntryLog(this.#settings.retain), next: 0 };
      this.#keys.set(key, owned);
    }
    return owned;
  }
}
