/**
 * A node's copy of the database: how the node reads the newest state, and how it appends to the
 * log.
 *
 * Invariant: the log is that of the last root that this node has read or written. The node detects
 * a commit of another node only when it reads the root, or fails to replace it.
 *
 * @module
 */

import { invariant } from "../../../base/mod.ts";
import type { Node } from "../../../node/mod.ts";
import type { Write } from "../transaction.ts";
import type { CommittedBatch, Compaction, Segment } from "./root_record.ts";
import { Root } from "./root_record.ts";
import { RootStore, type ThunkStore } from "./root_store.ts";
import { type ApplyWrite, type Workspace, WriteLog } from "./write_log.ts";

/** Where a database keeps its writes. */
export interface DatabaseOptions {
  /** The store that holds thunks. */
  readonly thunks: ThunkStore;
  /** The number of writes in the root at which compaction starts. */
  readonly compactAfter: number;
}

/** A node's copy of the database. */
export class Database {
  readonly #node: Node;
  readonly #store: RootStore;
  readonly #log: WriteLog;
  readonly #thunkPrefix: string;
  readonly #compactAfter: number;
  #root: Root | undefined;
  /** A compaction whose thunk is written. */
  #compaction: Compaction | undefined;
  #isCompacting = false;
  #lastThunk = 0;

  /** `incarnation` is a name that no other incarnation of any node has. */
  constructor(node: Node, apply: ApplyWrite, incarnation: string, options: DatabaseOptions) {
    this.#node = node;
    this.#store = new RootStore(node, options.thunks);
    this.#log = new WriteLog(apply);
    this.#thunkPrefix = incarnation;
    this.#compactAfter = options.compactAfter;
  }

  /** The median round-trip time to the stores in milliseconds; 0 before the first reply. */
  get roundTripMs(): number {
    return this.#store.roundTripMs;
  }

  /** Whether this node has ever read the root. */
  get isLoaded(): boolean {
    return this.#root !== undefined;
  }

  /** The number of writes in the log. */
  get length(): number {
    return this.#log.length;
  }

  /** Returns the last committed batch of a session, as of the last root. */
  lastOf(session: string): CommittedBatch | undefined {
    return this.#root?.lastOf(session);
  }

  /** Returns a workspace on the current state, or on the state at an earlier length of the log. */
  workspace(length = this.length): Workspace {
    return length === this.length ? this.#log.workspace() : this.#log.prefix(length).workspace();
  }

  /**
   * Reads the newest state. Throws an `RpcError` when the stores do not reply, and another Error
   * when they hold no valid database.
   */
  async refresh(): Promise<void> {
    const root = await this.#store.read();
    if (root.length < this.length) {
      throw new RangeError(
        `the root must have at least the ${this.length} writes read before, got ${root.length}`,
      );
    }
    await this.#load(root);
    this.#setRoot(root);
  }

  /**
   * Appends writes, which belong to these batches, if no other node has committed since the last
   * root. Returns false if one has, or if this node has not read the root yet. Throws an `RpcError`
   * when the outcome is unknown.
   */
  async append(
    writes: readonly Write[],
    batches: readonly CommittedBatch[],
  ): Promise<boolean> {
    const root = this.#root;
    if (root === undefined) return false;
    const compaction = this.#compaction;
    const isCompacted = compaction !== undefined && compaction.base === root.base;
    const next = (isCompacted ? root.compact(compaction) : root).append(writes, batches);
    if (!await this.#store.replace(root, next)) return false;
    this.#log.append(writes);
    this.#setRoot(next);
    this.#startCompaction(next);
    return true;
  }

  #setRoot(root: Root): void {
    this.#root = root;
    invariant(this.#log.length === root.length, "the log is that of the last root");
  }

  /** Appends the writes of a newer root to the log, and reads the thunks that it needs for that. */
  async #load(root: Root): Promise<void> {
    const log = this.#log;
    let end = 0;
    const missing: { readonly start: number; readonly segment: Segment }[] = [];
    for (const segment of root.segments) {
      const start = end;
      end += segment.length;
      if (end > log.length) missing.push({ start, segment });
    }
    const thunks = await Promise.all(missing.map(({ segment }) => this.#store.readThunk(segment)));
    missing.forEach(({ start }, index) => {
      log.append((thunks[index] as Write[]).slice(log.length - start));
    });
    log.append(root.log.slice(log.length - root.base));
  }

  /** Writes a thunk if the root holds many writes. The next commit then names the thunk. */
  #startCompaction(root: Root): void {
    if (root.log.length < this.#compactAfter || this.#isCompacting) return;
    if (this.#compaction?.base === root.base) return;
    this.#isCompacting = true;
    const compaction = root.planCompaction(`${this.#thunkPrefix}/${++this.#lastThunk}`);
    const { segment: { thunk, length }, end } = compaction;
    this.#store.writeThunk(thunk, this.#log.slice(end - length, end))
      .then(() => this.#compaction = compaction)
      .catch(() => this.#node.sometimes("a write of a thunk was indeterminate"))
      .finally(() => this.#isCompacting = false);
  }
}
