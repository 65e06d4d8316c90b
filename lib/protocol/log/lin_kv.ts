/**
 * Strategy `lin-kv`: nodes have no state. The linearizable store holds each key's log, in chunks that
 * are appended to by compare-and-set, and the committed offsets.
 *
 * *Why it is right.* A message's offset is its position in the sequence of chunks. A chunk is only
 * ever replaced by a longer one that starts with it. Offsets therefore have no gaps, no two messages
 * share one, and an entry that a poll has returned never changes. A send is appended once (see {@link
 * ChunkAppender}). A poll reads chunk after chunk from its offset, and ends at the first one that is
 * not full, so it leaves no entry out. All of it is as linearizable as the store: a poll returns every
 * send that was acknowledged before it.
 *
 * *What it costs.* Two messages for a batch of sends, for each key of a poll, and for each key of a
 * commit; each carries a whole chunk. It is the most expensive strategy, and the only one in which
 * nodes can lose their memory, since they keep nothing in it. Partitions between nodes do not affect
 * it. It always needs the store.
 *
 * @module
 */

import { Backoff } from "../../base/mod.ts";
import { ErrorCode, hasCode, type Json, type Node, RpcError } from "../../node/mod.ts";
import { ChunkAppender } from "./chunk_appender.ts";
import { ChunkStore } from "./chunk_store.ts";
import type { Entry } from "./key_log.ts";
import {
  type ClientRequest,
  FairPoll,
  type Log,
  type Offsets,
  type PollLimits,
  type PollResult,
} from "./log.ts";

/** The settings of the strategy. */
export interface LinKvSettings {
  readonly limits: PollLimits;
  /** The number of last entries of each key that polls return. */
  readonly retain: number;
  /** The number of messages in a full chunk. */
  readonly chunk: number;
}

/** A poll reads at most this number of chunks of a key, one after the other. */
const MAX_CHUNKS_PER_POLL = 8;

/** Creates a log that uses the node's client of lin-kv. */
export function linKv(node: Node, settings: LinKvSettings): Log {
  return new LinKvLog(node, settings);
}

class LinKvLog implements Log {
  readonly #node: Node;
  readonly #settings: LinKvSettings;
  readonly #fairPoll: FairPoll;
  readonly #chunks: ChunkStore;
  readonly #commits: CommitStore;
  readonly #appenders = new Map<string, ChunkAppender>();

  constructor(node: Node, settings: LinKvSettings) {
    this.#node = node;
    this.#settings = settings;
    this.#fairPoll = new FairPoll(settings.limits);
    this.#chunks = new ChunkStore(node, settings.chunk);
    this.#commits = new CommitStore(node);
  }

  send(key: string, message: Json, request: ClientRequest): Promise<number> {
    let appender = this.#appenders.get(key);
    if (appender === undefined) {
      const incarnation = `${this.#node.id}/${this.#node.incarnation}`;
      appender = new ChunkAppender(this.#node, this.#chunks, key, incarnation);
      this.#appenders.set(key, appender);
    }
    return appender.append(message, request);
  }

  async poll(offsets: Readonly<Offsets>, { signal }: ClientRequest): Promise<PollResult> {
    const reads = Promise.all(
      Object.entries(offsets).map(async ([key, offset]) =>
        [key, await this.#readEntries(key, offset)] as const
      ),
    );
    const entries = new Map(await abortedBy(signal, reads).catch(rethrowDefinite));
    return this.#fairPoll.poll(
      offsets,
      (key, _offset, maxEntries) => entries.get(key)?.slice(0, maxEntries) ?? [],
    );
  }

  commit(offsets: Readonly<Offsets>, request: ClientRequest): Promise<void> {
    return this.#commits.raise(offsets, request);
  }

  committed(keys: readonly string[], request: ClientRequest): Promise<Offsets> {
    return this.#commits.read(keys, request).catch(rethrowDefinite);
  }

  /** Reads entries of a key from an offset on. */
  async #readEntries(key: string, offset: number): Promise<Entry[]> {
    const { limits: { perKey }, retain } = this.#settings;
    const { size } = this.#chunks;
    const first = retain === Infinity
      ? offset
      : Math.max(offset, await this.#endOffset(key) - retain);
    const entries: Entry[] = [];
    let number = Math.floor(first / size);
    const endNumber = number + MAX_CHUNKS_PER_POLL;
    for (; number < endNumber && entries.length < perKey; number++) {
      const chunk = await this.#chunks.read(key, number);
      const chunkOffset = number * size;
      const firstIndex = Math.max(0, first - chunkOffset);
      for (let index = firstIndex; index < chunk.messages.length; index++) {
        entries.push([chunkOffset + index, chunk.messages[index] as Json]);
      }
      if (!this.#chunks.isFull(chunk)) break;
    }
    return entries.slice(0, perKey);
  }

  async #endOffset(key: string): Promise<number> {
    const { number, chunk } = await this.#chunks.tail(key);
    return number * this.#chunks.size + chunk.messages.length;
  }
}

/** Settles as a promise does, or rejects with the signal's reason when that aborts first. */
function abortedBy<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}

/** Rethrows an error of a read. A timeout becomes error 11: a read has no effect, so it is definite. */
function rethrowDefinite(error: unknown): never {
  if (!hasCode(error, ErrorCode.timeout)) throw error;
  throw new RpcError(ErrorCode.temporarilyUnavailable, "lin-kv did not reply in time");
}

const MAX_ATTEMPTS = 8;
/** Full jitter, so that contending nodes spread over the whole delay. */
const BACKOFF = { minMs: 4, maxMs: 512, jitter: 1 };

/** Options of a call to the store: it ends with the client's request. */
interface CallOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The committed offsets in lin-kv: one value for each key, raised by compare-and-set. */
class CommitStore {
  readonly #node: Node;
  /** The last value read or written of each key. The stored one is at least as high. */
  readonly #lowerBounds = new Map<string, number>();

  /** Uses the node's client of lin-kv. */
  constructor(node: Node) {
    this.#node = node;
  }

  /**
   * Raises offsets; resolves when all of them are at least as high. Rejects with error 14 (abort)
   * when other nodes changed an offset before every attempt, although some of them may be raised.
   */
  async raise(offsets: Readonly<Offsets>, request: ClientRequest): Promise<void> {
    const options = optionsFor(request);
    await Promise.all(
      Object.entries(offsets).map(([key, offset]) => this.#raise(key, offset, options)),
    );
  }

  /** Reads the committed offsets of these keys. Keys without one are left out. */
  async read(keys: readonly string[], request: ClientRequest): Promise<Offsets> {
    const options = optionsFor(request);
    const pairs = await Promise.all(
      keys.map(async (key) => [key, await this.#read(key, options)] as const),
    );
    return Object.fromEntries(
      pairs.filter((pair): pair is [string, number] => pair[1] !== undefined),
    );
  }

  async #raise(key: string, offset: number, options: CallOptions): Promise<void> {
    const { lin } = this.#node.kv;
    const backoff = new Backoff(BACKOFF, () => this.#node.random());
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const current = this.#lowerBounds.get(key);
      if (current !== undefined && current >= offset) return;
      try {
        if (current === undefined) await lin.create(nameOf(key), offset, options);
        else await lin.cas(nameOf(key), current, offset, options);
        this.#noteLowerBound(key, offset);
        return;
      } catch (error) {
        if (!hasCode(error, ErrorCode.preconditionFailed)) throw error;
      }
      await this.#read(key, options);
      await this.#node.sleep(backoff.next());
    }
    throw new RpcError(
      ErrorCode.abort,
      `other nodes changed the committed offset of "${key}" before each of ${MAX_ATTEMPTS} attempts`,
    );
  }

  async #read(key: string, options: CallOptions): Promise<number | undefined> {
    const offset = await this.#node.kv.lin.readOr(nameOf(key), null, options);
    if (typeof offset !== "number") return undefined;
    this.#noteLowerBound(key, offset);
    return offset;
  }

  #noteLowerBound(key: string, offset: number): void {
    if ((this.#lowerBounds.get(key) ?? -1) < offset) this.#lowerBounds.set(key, offset);
  }
}

function optionsFor({ signal }: ClientRequest): CallOptions {
  return { timeoutMs: Infinity, signal };
}

function nameOf(key: string): string {
  return `commit/${key}`;
}
