/**
 * The logs of one node in the strategy `owner`, without the network: the logs of the keys that it
 * owns, and copies of all others. A key's owner assigns the offsets 0, 1, 2, …
 *
 * Invariant: a copy is a prefix of its owner's log, because batches are applied in order. With acks
 * `one` it no longer holds once an owner has lost its memory and started without its peers.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import { type Json, schema } from "../../node/mod.ts";
import { commitsSchema, ReplicatedCommits } from "./commits.ts";
import { type Entry, EntryLog } from "./entry_log.ts";
import type { LogSettings } from "./lamport_log.ts";
import type { Offsets } from "./log.ts";
import type { LocalLog } from "./replicated_log.ts";
import { validated } from "./validated.ts";

/** A batch or a snapshot: of each key, the first offset of consecutive messages; and commits. */
const batchSchema = schema.object({
  runs: schema.array(
    schema.tuple(schema.string, schema.natural, schema.array(schema.json)),
  ),
  commits: commitsSchema,
});

interface KeyLog {
  readonly log: EntryLog;
  /** The next offset to assign. Used by the key's owner only. */
  nextOffset: number;
}

/** Messages at consecutive offsets. */
interface Run {
  readonly first: number;
  readonly messages: Json[];
}

/** Logs by key. */
export class OwnerLog implements LocalLog {
  readonly #settings: LogSettings;
  readonly #keys = new Map<string, KeyLog>();
  readonly #commits: ReplicatedCommits;
  /** The entries of the next batch, by key. */
  readonly #updates = new Map<string, Run>();

  /** Creates empty logs. */
  constructor(settings: LogSettings) {
    this.#settings = settings;
    this.#commits = new ReplicatedCommits(settings);
  }

  get hasUpdates(): boolean {
    return this.#updates.size > 0 || this.#commits.hasUpdates;
  }

  /** Returns the index of the node that owns a key: the key's FNV-1a hash modulo the nodes. */
  ownerOf(key: string): number {
    let hash = 0x811c9dc5;
    for (let index = 0; index < key.length; index++) {
      hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
    }
    // Mixes in high bits: by the low bits alone, numbered keys would cycle through the owners.
    hash ^= hash >>> 15;
    return (hash >>> 0) % this.#settings.count;
  }

  /** Returns whether this node owns a key. */
  owns(key: string): boolean {
    return this.ownerOf(key) === this.#settings.self;
  }

  /** Appends a message to the log of a key that this node owns. Returns its offset. */
  append(key: string, message: Json): number {
    const keyLog = this.#key(key);
    const offset = keyLog.nextOffset++;
    if (this.#settings.acks === "one") {
      invariant(offset === keyLog.log.endOffset, "an owner's log has no gaps");
      keyLog.log.append(offset, message);
    }
    if (this.#settings.count > 1) this.#addUpdate(key, offset, message);
    return offset;
  }

  read(key: string, offset: number, maxEntries: number): Entry[] {
    return this.#keys.get(key)?.log.read(offset, maxEntries) ?? [];
  }

  commit(offsets: Readonly<Offsets>): boolean {
    return this.#commits.commit(offsets);
  }

  committed(keys: readonly string[]): Offsets {
    return this.#commits.select(keys);
  }

  recovered(): void {}

  seal(): Json {
    const runs = [...this.#updates].map(([key, { first, messages }]): Json => [
      key,
      first,
      messages,
    ]);
    this.#updates.clear();
    return { runs, commits: this.#commits.seal() };
  }

  apply(_writer: number, batch: Json): void {
    const { runs, commits } = validated(batchSchema, batch, "the batch");
    for (const [key, first, messages] of runs) {
      invariant(
        this.#settings.acks === "one" || first <= this.#key(key).log.endOffset,
        "a copy is a prefix of its owner's log",
      );
      this.#copy(key, first, messages);
    }
    this.#commits.merge(commits);
  }

  snapshot(): Json {
    const runs = [...this.#keys].map(([key, { log }]): Json => {
      const entries = log.read(0, Infinity);
      return [key, entries[0]?.[0] ?? 0, entries.map(([, message]) => message)];
    });
    return { runs, commits: this.#commits.pairs() };
  }

  restore(snapshot: Json): void {
    const { runs, commits } = validated(batchSchema, snapshot, "the snapshot");
    // With a retention limit, a run may start beyond the end of this node's copy.
    for (const [key, first, messages] of runs) this.#copy(key, first, messages);
    this.#commits.merge(commits);
  }

  #addUpdate(key: string, offset: number, message: Json): void {
    const run = this.#updates.get(key);
    if (run === undefined) this.#updates.set(key, { first: offset, messages: [message] });
    else run.messages.push(message);
  }

  /** Appends a run to a copy; skips entries that the copy has. */
  #copy(key: string, first: number, messages: readonly Json[]): void {
    const keyLog = this.#key(key);
    for (const [index, message] of messages.entries()) {
      const offset = first + index;
      if (offset >= keyLog.log.endOffset) keyLog.log.append(offset, message);
    }
    keyLog.nextOffset = Math.max(keyLog.nextOffset, keyLog.log.endOffset);
  }

  #key(key: string): KeyLog {
    let keyLog = this.#keys.get(key);
    if (keyLog === undefined) {
      keyLog = { log: new EntryLog(this.#settings.retain), nextOffset: 0 };
      this.#keys.set(key, keyLog);
    }
    return keyLog;
  }
}
