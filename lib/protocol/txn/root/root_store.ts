/**
 * Access to the stores: the root in lin-kv, and thunks in a store of choice.
 *
 * A node writes a thunk before the root that names it, so a thunk exists when a node reads it. In
 * lin-kv the first read returns it. seq-kv may answer from a state before the write. In lww-kv the
 * thunk is on one of two replicas only, which never converge in Maelstrom, contrary to its
 * documentation. With these two a node repeats the read until it returns the thunk. A thunk costs
 * the same to write in all three; lin-kv is the cheapest to read.
 *
 * @module
 */

import { invariant, RoundTripEstimator } from "../../../base/mod.ts";
import { ErrorCode, hasCode, type Json, type Node } from "../../../node/mod.ts";
import type { Write } from "../transaction.ts";
import { flatten, Root, type Segment, unflatten } from "./root_record.ts";

/** The stores that can hold thunks. */
export type ThunkStore = "lin-kv" | "seq-kv" | "lww-kv";

const ROOT_KEY = "root";
/**
 * A request to a store times out after this, or after a number of round trips if these are long.
 * The outcome is then indefinite, and {@link Committer} tries the batch again.
 */
const MIN_TIMEOUT_MS = 2000;
const TIMEOUT_ROUND_TRIPS = 10;
/** The time between two reads of a thunk that is not visible yet. */
const THUNK_RETRY_MS = 10;
/** The median of an odd number of samples is one of them. */
const ROUND_TRIP_SAMPLES = 9;

/** The root and its thunks. */
export class RootStore {
  readonly #node: Node;
  readonly #thunks: ThunkStore;
  readonly #roundTrips = new RoundTripEstimator({ window: ROUND_TRIP_SAMPLES });

  constructor(node: Node, thunks: ThunkStore) {
    this.#node = node;
    this.#thunks = thunks;
  }

  /** The median round-trip time to the stores in milliseconds; 0 before the first reply. */
  get roundTripMs(): number {
    return this.#roundTrips.median ?? 0;
  }

  /**
   * Reads the root; returns the empty one if there is none. Throws an `RpcError` when the store
   * does not reply, and a TypeError when the value is not a root.
   */
  async read(): Promise<Root> {
    const json = await this.#timed((options) => this.#node.kv.lin.readOr(ROOT_KEY, null, options));
    return json === null ? Root.empty : Root.parse(json);
  }

  /**
   * Replaces the root by compare-and-set. Returns false when the root is not `from`. Throws an
   * `RpcError` when the outcome is unknown.
   */
  async replace(from: Root, to: Root): Promise<boolean> {
    invariant(to.length > from.length, "every root has a longer log than the one it replaces");
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

  /** Writes a thunk. Throws an `RpcError` when the outcome is unknown. */
  async writeThunk(thunk: string, writes: readonly Write[]): Promise<void> {
    const store = this.#store();
    await this.#timed((options) => store.write(thunk, flatten(writes), options));
  }

  /**
   * Reads the thunk of a segment, again and again until it is visible. Throws an `RpcError` when
   * the store does not reply, and a TypeError when the value is not the segment's thunk.
   */
  async readThunk({ thunk, length }: Segment): Promise<Write[]> {
    for (;;) {
      const json = await this.#timed((options) => this.#store().readOr(thunk, null, options));
      if (json !== null) return checkLength(thunk, unflatten(json), length);
      this.#node.sometimes("a thunk was read before it was visible");
      await this.#node.sleep(THUNK_RETRY_MS);
    }
  }

  #store() {
    const { lin, seq, lww } = this.#node.kv;
    return { "lin-kv": lin, "seq-kv": seq, "lww-kv": lww }[this.#thunks];
  }

  /** Calls a store with a timeout, and measures the round trip. */
  async #timed<T extends Json | void>(
    call: (options: { readonly timeoutMs: number }) => Promise<T>,
  ): Promise<T> {
    const startMs = this.#node.monotonic();
    const timeoutMs = Math.max(MIN_TIMEOUT_MS, TIMEOUT_ROUND_TRIPS * this.roundTripMs);
    try {
      return await call({ timeoutMs });
    } finally {
      this.#roundTrips.add(this.#node.monotonic() - startMs);
    }
  }
}

function checkLength(thunk: string, writes: Write[], length: number): Write[] {
  if (writes.length === length) return writes;
  throw new TypeError(
    `thunk ${thunk} must hold the ${length} writes of its segment, got ${writes.length}`,
  );
}
