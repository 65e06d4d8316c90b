/**
 * The logs of one node in the strategy `lamport`, without the network: a state machine that seals and
 * applies batches.
 *
 * @module
 */

import { type Json, schema } from "../../node/mod.ts";
import type { Acks } from "./batch_source.ts";
import { commitsSchema, ReplicatedCommits } from "./commits.ts";
import type { Entry } from "./entry_log.ts";
import { LamportKey } from "./lamport_key.ts";
import type { Offsets } from "./log.ts";
import type { LocalLog } from "./replicated_log.ts";
import { validated } from "./validated.ts";

/** The node's place in the cluster, and how it replicates. */
export interface LogSettings {
  /** The node's index. */
  readonly self: number;
  /** The number of nodes. */
  readonly count: number;
  readonly acks: Acks;
  /** The number of entries of each key that are kept. */
  readonly retain: number;
}

/** A key's part of a batch: the writer's watermark, and the counters and messages since the last. */
const keyUpdateSchema = schema.tuple(
  schema.string,
  schema.integer,
  schema.array(schema.natural),
  schema.array(schema.json),
);
const batchSchema = schema.object({
  keys: schema.array(keyUpdateSchema),
  commits: commitsSchema,
});
/** A key's part of a snapshot: the watermark of each writer, and all entries by offset. */
const keySnapshotSchema = schema.tuple(
  schema.string,
  schema.array(schema.integer),
  schema.array(schema.tuple(schema.natural, schema.json)),
);
const snapshotSchema = schema.object({
  keys: schema.array(keySnapshotSchema),
  commits: commitsSchema,
});

/** What the next batch contains of a key, beside the watermark. */
interface KeyUpdate {
  readonly counters: number[];
  readonly messages: Json[];
}

/** Logs by key. */
export class LamportLog implements LocalLog {
  readonly #settings: LogSettings;
  readonly #keys = new Map<string, LamportKey>();
  readonly #commits: ReplicatedCommits;
  /** The keys that the next batch contains. */
  readonly #updates = new Map<string, KeyUpdate>();
  #isRecovered = false;

  /** Creates empty logs. */
  constructor(settings: LogSettings) {
    this.#settings = settings;
    this.#commits = new ReplicatedCommits(settings);
  }

  get hasUpdates(): boolean {
    return this.#updates.size > 0 || this.#commits.hasUpdates;
  }

  /** Appends a message to a key's log. Returns the offset that this node assigns to it. */
  append(key: string, message: Json): number {
    const { self, count, acks } = this.#settings;
    const log = this.#key(key);
    const counter = log.next();
    if (acks === "one") {
      log.insert(self, counter, message);
      log.raiseWatermark(self, counter);
    }
    const update = this.#updateOf(key);
    update?.counters.push(counter);
    update?.messages.push(message);
    return counter * count + self;
  }

  read(key: string, offset: number, maxEntries: number): Entry[] {
    return this.#keys.get(key)?.stable.read(offset, maxEntries) ?? [];
  }

  commit(offsets: Readonly<Offsets>): boolean {
    return this.#commits.commit(offsets);
  }

  committed(keys: readonly string[]): Offsets {
    return this.#commits.select(keys);
  }

  recovered(): void {
    this.#isRecovered = true;
    for (const log of this.#keys.values()) this.#raiseOwnWatermark(log);
  }

  seal(): Json {
    const keys = [...this.#updates].map(([key, { counters, messages }]): Json[] => [
      key,
      this.#key(key).counter,
      counters,
      messages,
    ]);
    this.#updates.clear();
    return { keys, commits: this.#commits.seal() };
  }

  apply(writer: number, batch: Json): void {
    const { keys, commits } = validated(batchSchema, batch, "the batch");
    for (const [key, watermark, counters, messages] of keys) {
      const log = this.#key(key);
      for (const [index, counter] of counters.entries()) {
        log.insert(writer, counter, messages[index] as Json);
      }
      this.#observe(key, log, watermark);
      log.raiseWatermark(writer, watermark);
    }
    this.#commits.merge(commits);
  }

  snapshot(): Json {
    const keys = [...this.#keys].map(([key, log]): Json => [
      key,
      [...log.watermarks],
      log.entries(),
    ]);
    return { keys, commits: this.#commits.pairs() };
  }

  restore(snapshot: Json): void {
    const { count } = this.#settings;
    const { keys, commits } = validated(snapshotSchema, snapshot, "the snapshot");
    for (const [key, watermarks, entries] of keys) {
      const log = this.#key(key);
      for (const [offset, message] of entries) {
        log.insert(offset % count, Math.floor(offset / count), message);
      }
      this.#observe(key, log, Math.max(...watermarks));
      for (const [writer, watermark] of watermarks.entries()) {
        log.raiseWatermark(writer, watermark);
      }
    }
    this.#commits.merge(commits);
  }

  /**
   * Lamport's rule: a node that receives a counter assigns only higher ones from then on. Its own
   * watermark rises with the clock, and the next batch contains it.
   */
  #observe(key: string, log: LamportKey, counter: number): void {
    if (!log.observe(counter)) return;
    this.#updateOf(key);
    this.#raiseOwnWatermark(log);
  }

  /** With acks `all`, the own watermark rises when the batch that contains it is applied. */
  #raiseOwnWatermark(log: LamportKey): void {
    const { self, acks } = this.#settings;
    if (this.#isRecovered && acks === "one") log.raiseWatermark(self, log.counter);
  }

  #key(key: string): LamportKey {
    let log = this.#keys.get(key);
    if (log === undefined) {
      log = new LamportKey(this.#settings.count, this.#settings.retain);
      this.#keys.set(key, log);
    }
    return log;
  }

  /** Adds a key to the next batch; a cluster of one node has no batches. */
  #updateOf(key: string): KeyUpdate | undefined {
    if (this.#settings.count === 1) return undefined;
    let update = this.#updates.get(key);
    if (update === undefined) {
      update = { counters: [], messages: [] };
      this.#updates.set(key, update);
    }
    return update;
  }
}
