/**
 * Clients of Maelstrom's key-value stores and of its timestamp oracle.
 *
 * @module
 */

import type { Json } from "../base/mod.ts";
import { type Body, ErrorCode, RpcError } from "../wire/mod.ts";
import type { Node, RpcOptions } from "./node.ts";

/** How a client makes its calls: as {@link Node.rpc}. */
export type Rpc = (dest: string, body: Body, options?: RpcOptions) => Promise<Body>;

const UPDATE_PAUSE_MS = { first: 2, most: 50 };

/**
 * One of the key-value stores. Every method takes {@link RpcOptions} and throws an
 * {@link RpcError}: those named, and code 0 (timeout), after which nobody knows whether it happened.
 */
export class KeyValueStore {
  readonly #service: string;
  readonly #rpc: Rpc;
  readonly #node: Pick<Node, "sleep" | "random">;

  /** `service` is the store's node id. */
  constructor(service: string, rpc: Rpc, node: Pick<Node, "sleep" | "random">) {
    this.#service = service;
    this.#rpc = rpc;
    this.#node = node;
  }

  /** The key's value. Throws error 20 (key-does-not-exist). */
  async read(key: Json, options?: RpcOptions): Promise<Json> {
    const reply = await this.#rpc(this.#service, { type: "read", key }, options);
    return reply.value ?? null;
  }

  /** The key's value, or `missing` when there is no such key. */
  async readOr<T extends Json>(key: Json, missing: T, options?: RpcOptions): Promise<Json | T> {
    try {
      return await this.read(key, options);
    } catch (error) {
      if (hasCode(error, ErrorCode.keyDoesNotExist)) return missing;
      throw error;
    }
  }

  /** Sets the key's value. */
  async write(key: Json, value: Json, options?: RpcOptions): Promise<void> {
    await this.#rpc(this.#service, { type: "write", key, value }, options);
  }

  /**
   * Sets the key's value to `to` if it is `from`. Throws error 22 (precondition-failed) when it is
   * not, 20 (key-does-not-exist) when there is no such key; with `createIfMissing` a missing key is
   * created (lww-kv ignores that).
   */
  async cas(
    key: Json,
    from: Json,
    to: Json,
    options: RpcOptions & { readonly createIfMissing?: boolean } = {},
  ): Promise<void> {
    const body = { type: "cas", key, from, to };
    await this.#rpc(
      this.#service,
      options.createIfMissing ? { ...body, create_if_not_exists: true } : body,
      options,
    );
  }

  /**
   * Creates the key with a value. Throws error 22 (precondition-failed) when it exists with a value
   * other than null. Not for lww-kv, which creates by `write` only.
   */
  create(key: Json, value: Json, options: RpcOptions = {}): Promise<void> {
    return this.cas(key, null, value, { ...options, createIfMissing: true });
  }

  /**
   * Replaces the key's value by `change` of it (undefined when there is no such key), again and
   * again until nobody else's change comes between; returns what it wrote. `change` may be called
   * more than once. The options' timeout holds for each call to the store; `signal` ends the whole.
   *
   * In a timeout the change may or may not have happened. On seq-kv the value read may be old, but
   * a change is only ever applied to the newest.
   */
  async update(
    key: Json,
    change: (current: Json | undefined) => Json,
    options: RpcOptions = {},
  ): Promise<Json> {
    let pause = UPDATE_PAUSE_MS.first;
    for (;;) {
      options.signal?.throwIfAborted();
      try {
        return await this.#updateOnce(key, change, options);
      } catch (error) {
        const raced = hasCode(error, ErrorCode.preconditionFailed) ||
          hasCode(error, ErrorCode.keyDoesNotExist);
        if (!raced) throw error;
      }
      await this.#node.sleep(pause * this.#node.random());
      pause = Math.min(UPDATE_PAUSE_MS.most, 2 * pause);
    }
  }

  async #updateOnce(
    key: Json,
    change: (current: Json | undefined) => Json,
    options: RpcOptions,
  ): Promise<Json> {
    let current: Json | undefined;
    try {
      current = await this.read(key, options);
    } catch (error) {
      if (!hasCode(error, ErrorCode.keyDoesNotExist)) throw error;
    }
    const next = change(current);
    if (current === undefined) await this.create(key, next, options);
    else await this.cas(key, current, next, options);
    return next;
  }
}

/** The timestamp oracle `lin-tso`. */
export class TimestampOracle {
  readonly #rpc: Rpc;

  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  /** The next timestamp: an integer from 0, higher than all that were given before. */
  async next(options?: RpcOptions): Promise<number> {
    const reply = await this.#rpc("lin-tso", { type: "ts" }, options);
    if (typeof reply.ts !== "number") {
      throw new RpcError(ErrorCode.crash, "lin-tso answered without a timestamp");
    }
    return reply.ts;
  }
}

/** Whether a thrown value is an {@link RpcError} with this code. */
export function hasCode(error: unknown, code: number): boolean {
  return error instanceof RpcError && error.code === code;
}
