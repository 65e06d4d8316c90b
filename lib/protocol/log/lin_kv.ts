/**
 * Strategy `lin-kv`: nodes have no state. The linearizable store holds each key's log, and the
 * committed offsets.
 *
 * *Idea.* A log is a sequence of chunks, each a value of the store. Chunk c has the messages from offset
 * c × size on. A send appends its message by compare-and-set to the first chunk that is not full.
 *
 * *Why it is right.* A chunk is only ever replaced by a longer one that starts with it. Offsets therefore
 * have no gaps, no two messages share one, and an entry that a poll has returned never changes. A
 * compare-and-set that was refused has no effect, so it is retried; after one without a reply, the send
 * fails with an indefinite error. A poll reads chunk after chunk from its offset, and ends at the first
 * one that is not full, so it leaves no entry out. All of it is as linearizable as the store: a poll
 * returns every send that was acknowledged before it.
 *
 * *What it costs.* Four messages for a send, and for each key of a commit; two for each key of a poll.
 * Most carry a whole chunk. A send that loses the race for its chunk takes four more. A node that
 * restarts finds the end of a log by reading it. It is the most expensive strategy, and the only one
 * in which nodes can lose their memory, since they keep nothing in it. Partitions between nodes do not
 * affect it. It always needs the store.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import { ErrorCode, hasCode, type Json, type Node, RpcError, schema } from "../../node/mod.ts";
import type { ClientRequest, Entry, Log, Offsets, PollResult } from "./log.ts";

/** The settings of the strategy. */
export interface LinKvSettings {
  /** The most entries of a key in a poll. */
  readonly perKey: number;
  /** The number of messages in a full chunk. */
  readonly chunk: number;
}

const chunkSchema = schema.array(schema.json);

/** Creates a log that uses the node's client of lin-kv. */
export function linKv(node: Node, settings: LinKvSettings): Log {
  return new LinKvLog(node, settings);
}

class LinKvLog implements Log {
  readonly #node: Node;
  readonly #perKey: number;
  readonly #size: number;
  /** Full chunks by name: they never change again. */
  readonly #full = new Map<string, readonly Json[]>();
  /** By key, the number of leading chunks that are certainly full. */
  readonly #fullCount = new Map<string, number>();

  constructor(node: Node, { perKey, chunk }: LinKvSettings) {
    this.#node = node;
    this.#perKey = perKey;
    this.#size = chunk;
  }

  async send(key: string, message: Json, request: ClientRequest): Promise<number> {
    for (let number = this.#fullCount.get(key) ?? 0;; number++) {
      this.#fullCount.set(key, number);
      const index = await this.#append(nameOf(key, number), message, request);
      if (index < this.#size) return number * this.#size + index;
    }
  }

  async poll(offsets: Readonly<Offsets>, request: ClientRequest): Promise<PollResult> {
    const reads = Object.entries(offsets).map(async ([key, offset]) =>
      [key, await this.#entries(key, offset, request)] as const
    );
    const entries = await Promise.all(reads).catch(rethrowDefinite);
    return Object.fromEntries(entries.filter(([, { length }]) => length > 0));
  }

  async commit(offsets: Readonly<Offsets>, request: ClientRequest): Promise<void> {
    await Promise.all(
      Object.entries(offsets).map(([key, offset]) =>
        this.#node.kv.lin.update(
          `commit/${key}`,
          (current) => Math.max(offset, Number(current ?? 0)),
          optionsFor(request),
        )
      ),
    );
  }

  async committed(keys: readonly string[], request: ClientRequest): Promise<Offsets> {
    const reads = keys.map(async (key) =>
      [key, await this.#node.kv.lin.readOr(`commit/${key}`, null, optionsFor(request))] as const
    );
    const found = await Promise.all(reads).catch(rethrowDefinite);
    return Object.fromEntries(
      found.filter((pair): pair is readonly [string, number] => pair[1] !== null),
    );
  }

  /** Appends to a chunk; returns the index of the message, or the chunk's size if it is full. */
  async #append(name: string, message: Json, request: ClientRequest): Promise<number> {
    let index!: number;
    const change = (current: Json | undefined) => {
      const messages = parseChunk(current);
      index = messages.length;
      invariant(index <= this.#size, "a chunk holds at most its size");
      return index < this.#size ? [...messages, message] : messages;
    };
    await this.#node.kv.lin.update(name, change, optionsFor(request));
    return index;
  }

  /** Reads entries of a key from an offset on. */
  async #entries(key: string, offset: number, request: ClientRequest): Promise<Entry[]> {
    const size = this.#size;
    const entries: Entry[] = [];
    for (let next = offset; entries.length < this.#perKey;) {
      const number = Math.floor(next / size);
      const chunk = await this.#read(nameOf(key, number), request);
      for (; next - number * size < chunk.length; next++) {
        entries.push([next, chunk[next - number * size] as Json]);
      }
      if (chunk.length < size) break;
    }
    return entries.slice(0, this.#perKey);
  }

  async #read(name: string, request: ClientRequest): Promise<readonly Json[]> {
    const full = this.#full.get(name);
    if (full !== undefined) return full;
    const found = await this.#node.kv.lin.readOr(name, null, optionsFor(request));
    const chunk = parseChunk(found ?? undefined);
    if (chunk.length === this.#size) this.#full.set(name, chunk);
    return chunk;
  }
}

/** Returns a chunk's messages; undefined stands for a missing one. Throws for a malformed one. */
function parseChunk(value: Json | undefined): Json[] {
  return value === undefined ? [] : schema.parse(chunkSchema, value, "the chunk");
}

function nameOf(key: string, number: number): string {
  return `log/${key}/${number}`;
}

/** Options of a call to the store: it ends with the client's request. */
function optionsFor({ signal }: ClientRequest) {
  return { timeoutMs: Infinity, signal };
}

/** Rethrows an error of a read. A timeout becomes error 11: a read has no effect, so it is definite. */
function rethrowDefinite(error: unknown): never {
  if (!hasCode(error, ErrorCode.timeout)) throw error;
  throw new RpcError(ErrorCode.temporarilyUnavailable, "lin-kv did not reply in time");
}
