/**
 * Appends to one key's log in lin-kv. Messages that come while a compare-and-set is under way go
 * together with the next, so that a node has one attempt at a time on a key however many clients it
 * has, and nodes that race for it get on by whole batches.
 *
 * Why a message is appended once: a chunk only ever grows, so a compare-and-set that has been
 * refused, or whose chunk has changed, can never succeed later. Only then, and when the chunk (read
 * after that) does not hold the batch, are its messages tried again in a batch of another number.
 * As long as the chunk has not changed, an attempt without an answer is repeated with the same
 * batch under the same number: whichever comes first happens, and the other is refused.
 *
 * @module
 */

import { ErrorCode, hasCode, type Json, type Node, RpcError } from "../../node/mod.ts";
import { type ChunkBatch, placeOf, withBatch } from "./chunk.ts";
import type { ChunkStore, PlacedChunk } from "./chunk_store.ts";

/** Clients give up after 5 s, and must not be answered after that. */
const ANSWER_WITHIN_MS = 3500;
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 64;

interface Queued {
  readonly message: Json;
  resolve(offset: number): void;
  reject(reason: unknown): void;
  /** The client has been answered. */
  isOver: boolean;
}

interface Attempt {
  readonly batch: ChunkBatch;
  readonly queued: readonly Queued[];
}

/** The sends to one key at one node. */
export class ChunkAppender {
  readonly #node: Node;
  readonly #store: ChunkStore;
  readonly #key: string;
  readonly #life: string;
  #queue: Queued[] = [];
  /** What an attempt is made with. */
  #attempted: Attempt | undefined;
  #lastNumber = 0;
  #tail: PlacedChunk | undefined;
  #isWorking = false;
  /** Milliseconds before the chunk is looked at after an attempt that failed. */
  #pause = FIRST_PAUSE_MS;

  /** `life` is a text that no other life of any node has. */
  constructor(node: Node, store: ChunkStore, key: string, life: string) {
    this.#node = node;
    this.#store = store;
    this.#key = key;
    this.#life = life;
  }

  /**
   * Appends a message; gives its offset. Rejects with error 11 when it was never tried in time, and
   * with a timeout when it is not known what became of it.
   */
  append(message: Json): Promise<number> {
    return new Promise((resolve, reject) => {
      const queued = { message, resolve, reject, isOver: false };
      const stop = this.#node.after(ANSWER_WITHIN_MS, () => this.#giveUp(queued));
      queued.resolve = (offset) => {
        stop();
        resolve(offset);
      };
      this.#queue.push(queued);
      this.#work();
    });
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    while (this.#attempted !== undefined || this.#queue.length > 0) {
      await this.#attempt().catch((error) => this.#survive(error));
    }
    this.#isWorking = false;
  }

  /** Makes one attempt. Throws when the store does not answer. */
  async #attempt(): Promise<void> {
    let tail = this.#tail ??= await this.#store.tail(this.#key);
    if (this.#store.isFull(tail.chunk)) tail = this.#tail = await this.#store.tail(this.#key);
    if (this.#attempted === undefined && this.#queue.length === 0) return;
    const { batch, queued } = this.#attempted ??= this.#take(this.#store.size - sizeOf(tail));
    const next = withBatch(tail.chunk, batch);
    try {
      await this.#store.replace(this.#key, tail, next);
    } catch (error) {
      const isRefused = hasCode(error, ErrorCode.preconditionFailed) ||
        hasCode(error, ErrorCode.keyDoesNotExist);
      return await this.#look(tail, isRefused);
    }
    this.#tail = { ...tail, chunk: next };
    this.#succeed(tail.number * this.#store.size + sizeOf(tail), queued);
  }

  /**
   * Looks, after a while, whether the attempt has happened all the same. What it sees, the next
   * attempt builds upon at once, before others have changed it.
   */
  async #look(tail: PlacedChunk, isRefused: boolean): Promise<void> {
    const { batch, queued } = this.#attempted as Attempt;
    await this.#backOff();
    const chunk = await this.#store.readAnew(this.#key, tail.number);
    this.#tail = { ...tail, chunk };
    const place = placeOf(chunk, batch);
    if (place !== undefined) {
      this.#succeed(tail.number * this.#store.size + place, queued);
    } else if (isRefused || chunk.messages.length > sizeOf(tail)) {
      this.#attempted = undefined;
      this.#queue.unshift(...queued.filter(({ isOver }) => !isOver));
    }
  }

  async #backOff(): Promise<void> {
    const pause = this.#pause;
    this.#pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    await this.#node.sleep(pause * (1 + this.#node.random()));
  }

  /** Goes on after an error of the store; with what should not be, the sends end. */
  async #survive(error: unknown): Promise<void> {
    this.#node.sometimes("an append is tried again");
    if (error instanceof RpcError) return await this.#backOff();
    for (const { reject } of [...this.#attempted?.queued ?? [], ...this.#queue]) reject(error);
    this.#attempted = undefined;
    this.#queue = [];
  }

  #take(room: number): Attempt {
    const queued = this.#queue.splice(0, room);
    const messages = queued.map(({ message }) => message);
    return { queued, batch: { life: this.#life, number: ++this.#lastNumber, messages } };
  }

  #succeed(offset: number, queued: readonly Queued[]): void {
    this.#attempted = undefined;
    this.#pause = FIRST_PAUSE_MS;
    for (const [place, { resolve }] of queued.entries()) resolve(offset + place);
  }

  #giveUp(queued: Queued): void {
    queued.isOver = true;
    const waits = this.#queue.includes(queued);
    this.#queue = this.#queue.filter((other) => other !== queued);
    const code = waits ? ErrorCode.temporarilyUnavailable : ErrorCode.timeout;
    queued.reject(new RpcError(code, "lin-kv did not answer in time"));
  }
}

function sizeOf({ chunk }: PlacedChunk): number {
  return chunk.messages.length;
}
