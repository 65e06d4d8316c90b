/**
 * Clients of Maelstrom's key-value stores and of its timestamp oracle.
 *
 * @module
 */

import { Backoff, type Json } from "../base/mod.ts";
import { type Body, ErrorCode, RpcError } from "../wire/mod.ts";
import type { Node, RpcOptions } from "./node.ts";

/** Sends a request, as {@link Node.rpc} does. */
export type Rpc = (dest: string, body: Body, options?: RpcOptions) => Promise<Body>;

/** Full jitter, so that contending nodes spread over the whole delay. */
const UPDATE_BACKOFF = { minMs: 2, maxMs: 50, jitter: 1 };

/**
 * A client of one key-value service. Every method takes {@link RpcOptions} and rejects with an
 * {@link RpcError}: the codes it names, and code 0 (timeout), which leaves the outcome indefinite.
 */
export class KeyValueStore {
  readonly #service: string;
  readonly #rpc: Rpc;
  readonly #node: Pick<Node, "sleep" | "random">;

  /** `service` is the node id of the service. */
  constructor(service: string, rpc: Rpc, node: Pick<Node, "sleep" | "random">) {
    this.#service = service;
    this.#rpc = rpc;
    this.#node = node;
  }

  /** Reads a key's value. Rejects with error 20 (key-does-not-exist). */
  async read(key: Json, options?: RpcOptions): Promise<Json> {
    const reply = await this.#rpc(this.#service, { type: "read", key }, options);
    return reply.value ?? null;
  }

  /** Reads a key's value; resolves to `missing` when the key does not exist. */
  async readOr<T extends Json>(key: Json, missing: T, options?: RpcOptions): Promise<Json | T> {
    try {
      return await this.read(key, options);
    } catch (error) {
      if (hasCode(error, ErrorCode.keyDoesNotExist)) return missing;
      throw error;
    }
  }

  /** Writes a key's value. */
  async write(key: Json, value: Json, options?: RpcOptions): Promise<void> {
    await this.#rpc(this.#service, { type: "write", key, value }, options);
  }

  /**
   * Compare-and-set: writes `to` if the key's value is `from`. Rejects with error 22
   * (precondition-failed) for another value and 20 (key-does-not-exist) for a missing key. With
   * `createIfMissing` it creates a missing key; lww-kv ignores that.
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
   * Creates a key. Rejects with error 22 (precondition-failed) when it has a value other than null.
   * Not for lww-kv, which creates keys by `write` only.
   */
  create(key: Json, value: Json, options: RpcOptions = {}): Promise<void> {
    return this.cas(key, null, value, { ...options, createIfMissing: true });
  }

  /**
   * Reads a key's value, computes its successor by `change` (of undefined for a missing key), and
   * writes that by compare-and-set; repeats with back-off while other clients write in between.
   * Resolves to the value written. `change` may be called more than once. `timeoutMs` limits each
   * call to the service, `signal` the whole update.
   *
   * After a timeout the outcome is indefinite. seq-kv may return an old value, but a
   * compare-and-set always applies to the newest one.
   *
   * ```ts ignore
   * await node.kv.lin.update("hits", (hits) => Number(hits ?? 0) + 1);
   * ```
   */
  async update(
    key: Json,
    change: (current: Json | undefined) => Json,
    options: RpcOptions = {},
  ): Promise<Json> {
    const backoff = new Backoff(UPDATE_BACKOFF, () => this.#node.random());
    for (;;) {
      options.signal?.throwIfAborted();
      try {
        return await this.#updateOnce(key, change, options);
      } catch (error) {
        const raced = hasCode(error, ErrorCode.preconditionFailed) ||
          hasCode(error, ErrorCode.keyDoesNotExist);
        if (!raced) throw error;
      }
      await this.#node.sleep(backoff.next());
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

/** A client of the timestamp oracle `lin-tso`. */
export class TimestampOracle {
  readonly #rpc: Rpc;

  /** Creates a client of `lin-tso` that calls with `rpc`; nodes use `node.tso`. */
  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  /** Resolves to the next timestamp: an integer from 0, higher than all earlier ones. */
  async next(options?: RpcOptions): Promise<number> {
    const reply = await this.#rpc("lin-tso", { type: "ts" }, options);
    if (typeof reply.ts !== "number") {
      throw new RpcError(ErrorCode.crash, `expected an integer ts from lin-tso, got ${reply.ts}`);
    }
    return reply.ts;
  }
}

/** Returns whether a thrown value is an {@link RpcError} with this code. */
export function hasCode(error: unknown, code: number): boolean {
  return error instanceof RpcError && error.code === code;
}
