/**
 * Appends to one key's log in lin-kv. Sends that arrive during a compare-and-set are batched into the
 * next one. A node therefore has one attempt at a time for a key, however many clients it has, and
 * contending nodes advance by whole batches.
 *
 * Why a message is appended once: a chunk only grows. A compare-and-set that was refused, or whose
 * chunk has changed, can therefore never succeed later. Only in these cases, and if the chunk as read
 * afterwards lacks the batch, are its messages retried in a batch with a new number. While the chunk
 * has not changed, an attempt without a reply is repeated with the same batch under the same number:
 * at most one of the two succeeds.
 *
 * @module
 */

import { Backoff } from "../../base/mod.ts";
import { ErrorCode, hasCode, type Json, type Node, RpcError } from "../../node/mod.ts";
import {
  type ChunkBatch,
  type ChunkStore,
  indexOfBatch,
  type NumberedChunk,
  withBatch,
} from "./chunk_store.ts";
import type { ClientRequest } from "./log.ts";

/** Delays before the outcome of a failed attempt is read. */
const BACKOFF = { minMs: 2, maxMs: 128, jitter: 0.5 };

interface PendingSend {
  readonly message: Json;
  resolve(offset: number): void;
  reject(reason: unknown): void;
  /** Whether the request reached its deadline, so that its client has a reply. */
  isExpired: boolean;
}

/** A batch on its way to the store, and the sends that it consists of. */
interface Attempt {
  readonly batch: ChunkBatch;
  readonly sends: readonly PendingSend[];
}

/** The sends to one key at one node. */
export class ChunkAppender {
  readonly #node: Node;
  readonly #store: ChunkStore;
  readonly #key: string;
  readonly #incarnation: string;
  readonly #backoff: Backoff;
  #queue: PendingSend[] = [];
  /** The attempt in progress, until its outcome is certain. */
  #attempt: Attempt | undefined;
  #lastNumber = 0;
  /** The last chunk of the log, if it has been read. */
  #tail: NumberedChunk | undefined;
  #isRunning = false;

  /** `incarnation` must be unique among all incarnations of all nodes. */
  constructor(node: Node, store: ChunkStore, key: string, incarnation: string) {
    this.#node = node;
    this.#store = store;
    this.#key = key;
    this.#incarnation = incarnation;
    this.#backoff = new Backoff(BACKOFF, () => node.random());
  }

  /**
   * Appends a message; resolves to its offset. At the request's deadline, rejects with error 11
   * (temporarily-unavailable) if no attempt contained the message, else with error 0 (timeout).
   */
  append(message: Json, { signal }: ClientRequest): Promise<number> {
    return new Promise((resolve, reject) => {
      const send: PendingSend = { message, resolve, reject, isExpired: false };
      signal.addEventListener("abort", () => this.#expire(send), { once: true });
      this.#queue.push(send);
      this.#run();
    });
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    while (this.#attempt !== undefined || this.#queue.length > 0) {
      await this.#tryOnce().catch((error) => this.#recover(error));
    }
    this.#isRunning = false;
  }

  /** Makes one attempt. Throws when the store does not reply. */
  async #tryOnce(): Promise<void> {
    let tail = this.#tail ??= await this.#store.tail(this.#key);
    if (this.#store.isFull(tail.chunk)) tail = this.#tail = await this.#store.tail(this.#key);
    if (this.#attempt === undefined && this.#queue.length === 0) return;
    const { batch, sends } = this.#attempt ??= this.#seal(this.#store.size - sizeOf(tail));
    const next = withBatch(tail.chunk, batch);
    try {
      await this.#store.replace(this.#key, tail, next);
    } catch (error) {
      const isRefused = hasCode(error, ErrorCode.preconditionFailed) ||
        hasCode(error, ErrorCode.keyDoesNotExist);
      return await this.#readOutcome(tail, isRefused);
    }
    this.#tail = { ...tail, chunk: next };
    this.#succeed(tail.number * this.#store.size + sizeOf(tail), sends);
  }

  /**
   * Reads, after a delay, whether an attempt that failed or had no reply has succeeded. The next
   * attempt starts from the chunk that was read, immediately, before other nodes change it again.
   */
  async #readOutcome(tail: NumberedChunk, isRefused: boolean): Promise<void> {
    const { batch, sends } = this.#attempt as Attempt;
    await this.#node.sleep(this.#backoff.next());
    const chunk = await this.#store.readLatest(this.#key, tail.number);
    this.#tail = { ...tail, chunk };
    const index = indexOfBatch(chunk, batch);
    if (index !== undefined) {
      this.#succeed(tail.number * this.#store.size + index, sends);
    } else if (isRefused || chunk.messages.length > sizeOf(tail)) {
      this.#node.sometimes("an append lost the race for its chunk");
      this.#attempt = undefined;
      this.#queue.unshift(...sends.filter(({ isExpired }) => !isExpired));
    }
  }

  /** Continues after an error of the store. After any other error, all sends fail with it. */
  async #recover(error: unknown): Promise<void> {
    this.#node.sometimes("an append was retried after an error of the store");
    if (error instanceof RpcError) return await this.#node.sleep(this.#backoff.next());
    for (const { reject } of [...this.#attempt?.sends ?? [], ...this.#queue]) reject(error);
    this.#attempt = undefined;
    this.#queue = [];
  }

  /** Seals a batch of at most `maxMessages` queued sends. */
  #seal(maxMessages: number): Attempt {
    const sends = this.#queue.splice(0, maxMessages);
    const messages = sends.map(({ message }) => message);
    const number = ++this.#lastNumber;
    return { sends, batch: { incarnation: this.#incarnation, number, messages } };
  }

  #succeed(offset: number, sends: readonly PendingSend[]): void {
    this.#attempt = undefined;
    this.#backoff.reset();
    for (const [index, { resolve }] of sends.entries()) resolve(offset + index);
  }

  #expire(send: PendingSend): void {
    send.isExpired = true;
    const isQueued = this.#queue.includes(send);
    this.#queue = this.#queue.filter((other) => other !== send);
    const code = isQueued ? ErrorCode.temporarilyUnavailable : ErrorCode.timeout;
    send.reject(new RpcError(code, "lin-kv did not reply in time"));
  }
}

function sizeOf({ chunk }: NumberedChunk): number {
  return chunk.messages.length;
}
