/**
 * Committed offsets in lin-kv, each under a key of its own, raised by compare-and-set.
 *
 * @module
 */

import { ErrorCode, hasCode, type Node, RpcError } from "../../node/mod.ts";
import type { Offsets } from "./log.ts";

const CALL_TIMEOUT_MS = 1500;
/** Clients give up after 5 s, and must not be answered after that. */
const ATTEMPTS = 8;
const PAUSE_MS = 4;

/** Committed offsets. */
export class CommitStore {
  readonly #node: Node;
  /** What each was when it was last heard of; it may be higher now. */
  readonly #known = new Map<string, number>();

  constructor(node: Node) {
    this.#node = node;
  }

  /** Raises the offsets; ends when all are at least as high. */
  async raise(offsets: Readonly<Offsets>): Promise<void> {
    await Promise.all(Object.entries(offsets).map(([key, offset]) => this.#raise(key, offset)));
  }

  /** The committed offsets of those keys that have one. */
  async of(keys: readonly string[]): Promise<Offsets> {
    const read = await Promise.all(
      keys.map(async (key) => [key, await this.#read(key)] as const),
    );
    return Object.fromEntries(
      read.filter((pair): pair is [string, number] => pair[1] !== undefined),
    );
  }

  async #raise(key: string, offset: number): Promise<void> {
    const { lin } = this.#node.kv;
    const options = { timeoutMs: CALL_TIMEOUT_MS };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const known = this.#known.get(key);
      if (known !== undefined && known >= offset) return;
      try {
        if (known === undefined) await lin.create(nameOf(key), offset, options);
        else await lin.cas(nameOf(key), known, offset, options);
        this.#note(key, offset);
        return;
      } catch (error) {
        if (!hasCode(error, ErrorCode.preconditionFailed)) throw error;
      }
      await this.#read(key);
      await this.#node.sleep(PAUSE_MS * 2 ** attempt * this.#node.random());
    }
    throw new RpcError(ErrorCode.abort, `too many others commit offsets of '${key}'`);
  }

  async #read(key: string): Promise<number | undefined> {
    const options = { timeoutMs: CALL_TIMEOUT_MS };
    const read = await this.#node.kv.lin.readOr(nameOf(key), null, options);
    if (typeof read !== "number") return undefined;
    this.#note(key, read);
    return read;
  }

  #note(key: string, offset: number): void {
    if ((this.#known.get(key) ?? -1) < offset) this.#known.set(key, offset);
  }
}

function nameOf(key: string): string {
  return `commit/${key}`;
}
