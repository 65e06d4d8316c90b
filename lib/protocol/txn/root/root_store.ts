/**
 * The conversation with the stores: the root in lin-kv, thunks in a store of choice.
 *
 * A thunk is written before the root that names it, so it is there when it is looked for. In lin-kv
 * it is found at once. seq-kv may answer from before it was written, and in lww-kv it is on one of
 * two replicas only (they never meet in Maelstrom, though its documentation says so): there it is
 * looked for again until it is found. All three cost the same to write; lin-kv is cheapest to read.
 *
 * @module
 */

import { ErrorCode, hasCode, type Json, type Node } from "../../../node/mod.ts";
import type { Write } from "../transaction.ts";
import { ResponseTimes } from "./response_times.ts";
import { flatten, Root, unflatten } from "./root_record.ts";

/** The stores that can keep thunks. */
export type ThunkStore = "lin-kv" | "seq-kv" | "lww-kv";

const ROOT_KEY = "root";
/** A store always answers, but it may take long: several times what it usually takes. */
const TIMEOUT_MS = 2000;
const TIMEOUT_ROUND_TRIPS = 10;
/** Milliseconds between two looks for a thunk. */
const LOOK_AGAIN_MS = 10;

/** The root and its thunks. */
export class RootStore {
  readonly #node: Node;
  readonly #thunks: ThunkStore;
  readonly #times = new ResponseTimes();

  constructor(node: Node, thunks: ThunkStore) {
    this.#node = node;
    this.#thunks = thunks;
  }

  /** What a round trip to the stores takes, in milliseconds; 0 as long as that is unknown. */
  get roundTrip(): number {
    return this.#times.typical ?? 0;
  }

  /** The root; the empty one when there is none yet. Throws an `RpcError`. */
  async read(): Promise<Root> {
    const json = await this.#timed((options) => this.#node.kv.lin.readOr(ROOT_KEY, null, options));
    return json === null ? Root.empty : Root.parse(json);
  }

  /**
   * Replaces the root. False when it is another one than `from`. Throws an `RpcError` when nobody
   * knows whether it was replaced.
   */
  async replace(from: Root, to: Root): Promise<boolean> {
    try {
      await this.#timed((options) =>
        from === Root.empty
          ? this.#node.kv.lin.create(ROOT_KEY, to.toJson(), options)
          : this.#node.kv.lin.cas(ROOT_KEY, from.toJson(), to.toJson(), options)
      );
      return true;
    } catch (error) {
      if (hasCode(error, ErrorCode.preconditionFailed)) return false;
      throw error;
    }
  }

  /** Puts writes away. Throws an `RpcError`. */
  async writeThunk(thunk: string, writes: readonly Write[]): Promise<void> {
    const store = this.#store();
    await this.#timed((options) => store.write(thunk, flatten(writes), options));
  }

  /** What was put away; looks for it again until it is found. Throws an `RpcError`. */
  async readThunk(thunk: string): Promise<Write[]> {
    for (;;) {
      const found = await this.#timed((options) => this.#store().readOr(thunk, null, options));
      if (found !== null) return unflatten(found);
      this.#node.sometimes("a thunk was not found at once");
      await this.#node.sleep(LOOK_AGAIN_MS);
    }
  }

  #store() {
    const { lin, seq, lww } = this.#node.kv;
    return { "lin-kv": lin, "seq-kv": seq, "lww-kv": lww }[this.#thunks];
  }

  async #timed<T extends Json | void>(
    call: (options: { readonly timeoutMs: number }) => Promise<T>,
  ): Promise<T> {
    const began = this.#node.now();
    const timeoutMs = Math.max(TIMEOUT_MS, TIMEOUT_ROUND_TRIPS * this.roundTrip);
    try {
      return await call({ timeoutMs });
    } finally {
      this.#times.add(this.#node.now() - began);
    }
  }
}
