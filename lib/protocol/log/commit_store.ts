/**
 * Committed offsets in lin-kv: one value for each key, raised by compare-and-set.
 *
 * @module
 */

import { Backoff } from "../../base/mod.ts";
import { ErrorCode, hasCode, type Node, RpcError } from "../../node/mod.ts";
import type { ClientRequest, Offsets } from "./log.ts";

const MAX_ATTEMPTS = 8;
/** Full jitter, so that contending nodes spread over the whole delay. */
const BACKOFF = { minMs: 4, maxMs: 512, jitter: 1 };

/** Options of a call to the store: it ends with the client's request. */
interface CallOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A node's client of the committed offsets. */
export class CommitStore {
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
