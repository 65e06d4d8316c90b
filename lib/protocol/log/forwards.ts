/**
 * Sends that another node has to do: the side of the one that asks.
 *
 * Sends to one owner that come within a window go together. A batch has a number and is sent again
 * until it is answered; the owner does each number once (see {@link ForwardedSends}).
 *
 * What a client is told when the owner does not answer: a batch that has been on its way may have
 * been done, so its sends end with a timeout. But once an owner has been silent for a while nothing
 * is sent to it any more, save a question now and then whether it is there; sends that come
 * meanwhile are refused at once with error 11, which is definite, because they never left this
 * node. A batch names the life of the owner that it is for: another one refuses it, since it cannot
 * know whether that one has done it.
 *
 * @module
 */

import { ErrorCode, type Json, type Node, RpcError, schema } from "../../node/mod.ts";

/** Clients give up after 5 s, and must not be answered after that. */
const CALL_TIMEOUT_MS = 3000;
/** A batch is sent again after so many milliseconds, with back-off. */
const RETRY = { minMs: 250, maxMs: 1000 };
/**
 * An owner that has not answered for so long is silent; it is asked so often whether it is there.
 */
const SILENT_AFTER_MS = 1000;
const ASK_EVERY_MS = 300;

const answer = schema.object({ offsets: schema.array(schema.natural) });

interface Queued {
  readonly key: string;
  readonly message: Json;
  resolve(offset: number): void;
  reject(reason: unknown): void;
}

/** What the sends to one owner go by. */
export interface ForwardSettings {
  readonly owner: string;
  /** Milliseconds within which sends go together. */
  readonly window: number;
  /** The life of a node, as far as it is known. */
  lifeOf(node: string): string;
}

/** The sends that are for one owner. */
export class Forwards {
  readonly #node: Node;
  readonly #settings: ForwardSettings;
  #queue: Queued[] = [];
  #lastNumber = 0;
  readonly #underWay = new Set<number>();
  #isSilent = false;

  constructor(node: Node, settings: ForwardSettings) {
    this.#node = node;
    this.#settings = settings;
  }

  /** Has the owner append a message; gives its offset. */
  send(key: string, message: Json): Promise<number> {
    if (this.#isSilent) return Promise.reject(this.#unavailable());
    return new Promise((resolve, reject) => {
      this.#queue.push({ key, message, resolve, reject });
      if (this.#queue.length === 1) this.#node.after(this.#settings.window, () => this.#flush());
    });
  }

  async #flush(): Promise<void> {
    const queued = this.#queue;
    this.#queue = [];
    if (this.#isSilent) {
      for (const { reject } of queued) reject(this.#unavailable());
      return;
    }
    const number = ++this.#lastNumber;
    this.#underWay.add(number);
    const stopWatching = this.#node.after(SILENT_AFTER_MS, () => this.#suspect());
    try {
      const { offsets } = await this.#call(number, queued);
      this.#isSilent = false;
      for (const [place, { resolve }] of queued.entries()) resolve(offsets[place] as number);
    } catch (error) {
      for (const { reject } of queued) reject(error);
    } finally {
      stopWatching();
      this.#underWay.delete(number);
    }
  }

  #call(number: number, queued: readonly Queued[]) {
    const { owner, lifeOf } = this.#settings;
    const request = {
      type: "forward",
      sender: lifeOf(this.#node.id),
      owner: lifeOf(owner),
      number,
      // The owner need not remember what it answered to those before.
      oldest: Math.min(...this.#underWay),
      sends: queued.map(({ key, message }): Json => [key, message]),
    };
    const options = { timeoutMs: CALL_TIMEOUT_MS, retry: RETRY };
    return this.#node.rpcFor(owner, request, answer, options);
  }

  #suspect(): void {
    if (this.#isSilent) return;
    this.#isSilent = true;
    this.#node.sometimes("the owner of a key is silent");
    const stop = this.#node.every(ASK_EVERY_MS, async () => {
      if (!this.#isSilent) return stop();
      try {
        await this.#node.rpc(this.#settings.owner, { type: "ping" }, {
          timeoutMs: SILENT_AFTER_MS,
        });
        this.#isSilent = false;
      } catch {
        // It is asked again.
      }
    });
  }

  #unavailable(): RpcError {
    return new RpcError(
      ErrorCode.temporarilyUnavailable,
      `${this.#settings.owner}, which owns the key, does not answer`,
    );
  }
}
