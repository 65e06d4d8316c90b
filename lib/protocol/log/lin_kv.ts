/**
 * Strategy `lin-kv`: nodes keep nothing. A key's log is in the linearizable store, in chunks that
 * are appended to by compare-and-set; so are committed offsets.
 *
 * *Why it is right.* A message's offset is its place in a chunk, and a chunk is only ever replaced
 * by a longer one that begins with it: offsets have no gaps, no two messages get one, and what a
 * poll has read stays. A send is appended once (see {@link ChunkAppender}). A poll reads chunk
 * after chunk from the offset on and ends where a chunk is not full, so it leaves nothing out.
 * Everything is as linearizable as the store: a poll sees every send that was acknowledged before
 * it.
 *
 * *What it costs.* Two messages for a send or a batch of them, two for each key of a poll, two for
 * each key of a commit, and a whole chunk of bytes each time: the dearest strategy, and the only
 * one in which nodes can lose their memory, since they have none. Partitions between nodes do not
 * concern it either; it needs the store, always.
 *
 * @module
 */

import { ErrorCode, hasCode, type Node, RpcError } from "../../node/mod.ts";
import { ChunkAppender } from "./chunk_appender.ts";
import { ChunkStore } from "./chunk_store.ts";
import { CommitStore } from "./commit_store.ts";
import type { Entry } from "./entry_log.ts";
import type { Log, Offsets, Polled, PollLimits } from "./log.ts";
import { PollTurns } from "./poll_turns.ts";

/** What the strategy goes by. */
export interface LinKvSettings {
  readonly limits: PollLimits;
  /** How many entries of each key polls show. */
  readonly retain: number;
  /** Messages in a chunk. */
  readonly chunk: number;
}

/** A poll reads so many chunks of a key at most, one after the other; the next poll goes on. */
const MOST_CHUNKS = 8;

/** Wires the strategy. */
export function linKv(node: Node, settings: LinKvSettings): Log {
  return new LinKvLog(node, settings);
}

class LinKvLog implements Log {
  readonly #node: Node;
  readonly #settings: LinKvSettings;
  readonly #turns: PollTurns;
  readonly #chunks: ChunkStore;
  readonly #commits: CommitStore;
  readonly #appenders = new Map<string, ChunkAppender>();

  constructor(node: Node, settings: LinKvSettings) {
    this.#node = node;
    this.#settings = settings;
    this.#turns = new PollTurns(settings.limits);
    this.#chunks = new ChunkStore(node, settings.chunk);
    this.#commits = new CommitStore(node);
  }

  send(key: string, message: Parameters<Log["send"]>[1]): Promise<number> {
    let appender = this.#appenders.get(key);
    if (appender === undefined) {
      const life = `${this.#node.id}/${this.#node.incarnation}`;
      appender = new ChunkAppender(this.#node, this.#chunks, key, life);
      this.#appenders.set(key, appender);
    }
    return appender.append(message);
  }

  async poll(offsets: Readonly<Offsets>): Promise<Polled> {
    const runs = new Map(
      await Promise.all(
        Object.entries(offsets).map(async ([key, offset]) =>
          [key, await this.#run(key, offset)] as const
        ),
      ).catch(rethrowHarmless),
    );
    return this.#turns.poll(offsets, (key, _offset, most) => runs.get(key)?.slice(0, most) ?? []);
  }

  commit(offsets: Readonly<Offsets>): Promise<void> {
    return this.#commits.raise(offsets);
  }

  committed(keys: readonly string[]): Promise<Offsets> {
    return this.#commits.of(keys).catch(rethrowHarmless);
  }

  /** The entries of a key from an offset on. */
  async #run(key: string, offset: number): Promise<Entry[]> {
    const { limits: { perKey }, retain } = this.#settings;
    const { size } = this.#chunks;
    const first = retain === Infinity ? offset : Math.max(offset, await this.#end(key) - retain);
    const run: Entry[] = [];
    let number = Math.floor(first / size);
    for (const last = number + MOST_CHUNKS; number < last && run.length < perKey; number++) {
      const chunk = await this.#chunks.read(key, number);
      const begin = number * size;
      for (let place = Math.max(0, first - begin); place < chunk.messages.length; place++) {
        run.push([begin + place, chunk.messages[place] as Entry[1]]);
      }
      if (!this.#chunks.isFull(chunk)) break;
    }
    return run.slice(0, perKey);
  }

  async #end(key: string): Promise<number> {
    const { number, chunk } = await this.#chunks.tail(key);
    return number * this.#chunks.size + chunk.messages.length;
  }
}

/** What only reads has not happened when no answer comes. */
function rethrowHarmless(error: unknown): never {
  if (!hasCode(error, ErrorCode.timeout)) throw error;
  throw new RpcError(ErrorCode.temporarilyUnavailable, "lin-kv does not answer");
}
