/**
 * The logs of the strategy `lamport` at one node, without a network: news in, news out.
 *
 * @module
 */

import { type Json, schema } from "../../node/mod.ts";
import type { Acks } from "./batch_source.ts";
import { commitsShape, SharedCommits } from "./commits.ts";
import type { Entry } from "./entry_log.ts";
import { LamportKey } from "./lamport_key.ts";
import type { Offsets } from "./log.ts";
import { readShape } from "./read_shape.ts";
import type { LogCopy } from "./replicated_log.ts";

/** Who this node is among how many, and how it does its work. */
export interface LogSettings {
  readonly self: number;
  readonly count: number;
  readonly acks: Acks;
  /** How many entries of each key are kept. */
  readonly retain: number;
}

/**
 * Of a key: what the writer promises, and the counters and messages that it gave since the last.
 */
const keyNews = schema.tuple(
  schema.string,
  schema.integer,
  schema.array(schema.natural),
  schema.array(schema.json),
);
const newsShape = schema.object({
  keys: schema.array(keyNews),
  commits: commitsShape,
});
/** Of a key: what each writer has promised, and all entries by offset. */
const keySnapshot = schema.tuple(
  schema.string,
  schema.array(schema.integer),
  schema.array(schema.tuple(schema.natural, schema.json)),
);
const snapshotShape = schema.object({
  keys: schema.array(keySnapshot),
  commits: commitsShape,
});

interface Draft {
  readonly counters: number[];
  readonly messages: Json[];
}

/** Logs by key. */
export class LamportLog implements LogCopy {
  readonly #settings: LogSettings;
  readonly #keys = new Map<string, LamportKey>();
  readonly #commits: SharedCommits;
  /** Keys of which there is something to tell. */
  readonly #draft = new Map<string, Draft>();
  #isOpen = false;

  constructor(settings: LogSettings) {
    this.#settings = settings;
    this.#commits = new SharedCommits(settings);
  }

  get hasNews(): boolean {
    return this.#draft.size > 0 || this.#commits.hasNews;
  }

  /** Gives a message the next offset of its key. */
  append(key: string, message: Json): number {
    const { self, count, acks } = this.#settings;
    const log = this.#key(key);
    const counter = log.next();
    if (acks === "one") {
      log.take(self, counter, message);
      log.promise(self, counter);
    }
    const draft = this.#draftOf(key);
    draft?.counters.push(counter);
    draft?.messages.push(message);
    return counter * count + self;
  }

  read(key: string, offset: number, most: number): Entry[] {
    return this.#keys.get(key)?.shown.from(offset, most) ?? [];
  }

  commit(offsets: Readonly<Offsets>): boolean {
    return this.#commits.commit(offsets);
  }

  committed(keys: readonly string[]): Offsets {
    return this.#commits.of(keys);
  }

  open(): void {
    this.#isOpen = true;
    for (const log of this.#keys.values()) this.#promiseOwn(log);
  }

  cut(): Json {
    const keys = [...this.#draft].map(([key, { counters, messages }]): Json[] => [
      key,
      this.#key(key).counter,
      counters,
      messages,
    ]);
    this.#draft.clear();
    return { keys, commits: this.#commits.cut() };
  }

  apply(writer: number, batch: Json): void {
    const { keys, commits } = readShape(newsShape, batch);
    for (const [key, promise, counters, messages] of keys) {
      const log = this.#key(key);
      for (const [place, counter] of counters.entries()) {
        log.take(writer, counter, messages[place] as Json);
      }
      this.#hear(key, log, promise);
      log.promise(writer, promise);
    }
    this.#commits.take(commits);
  }

  snapshot(): Json {
    const keys = [...this.#keys].map(([key, log]): Json => [
      key,
      [...log.promises],
      log.entries(),
    ]);
    return { keys, commits: this.#commits.pairs() };
  }

  restore(snapshot: Json): void {
    const { count } = this.#settings;
    const { keys, commits } = readShape(snapshotShape, snapshot);
    for (const [key, promises, entries] of keys) {
      const log = this.#key(key);
      for (const [offset, message] of entries) {
        log.take(offset % count, Math.floor(offset / count), message);
      }
      this.#hear(key, log, Math.max(...promises));
      for (const [writer, promise] of promises.entries()) log.promise(writer, promise);
    }
    this.#commits.take(commits);
  }

  /** Lamport's rule: having heard of a counter, a node gives higher ones only, and says so. */
  #hear(key: string, log: LamportKey, counter: number): void {
    if (!log.advance(counter)) return;
    this.#draftOf(key);
    this.#promiseOwn(log);
  }

  /** The own promise holds at once, unless all nodes have to know of it first. */
  #promiseOwn(log: LamportKey): void {
    const { self, acks } = this.#settings;
    if (this.#isOpen && acks === "one") log.promise(self, log.counter);
  }

  #key(key: string): LamportKey {
    let log = this.#keys.get(key);
    if (log === undefined) {
      log = new LamportKey(this.#settings.count, this.#settings.retain);
      this.#keys.set(key, log);
    }
    return log;
  }

  /** What there will be to tell of a key; undefined for a node that is alone. */
  #draftOf(key: string): Draft | undefined {
    if (this.#settings.count === 1) return undefined;
    let draft = this.#draft.get(key);
    if (draft === undefined) {
      draft = { counters: [], messages: [] };
      this.#draft.set(key, draft);
    }
    return draft;
  }
}
