/**
 * What a node knows of the database, and how it learns the rest and adds to it.
 *
 * Invariant: the history is what the last known root says. A root that was replaced by somebody
 * else is noticed only when this node reads the root, or fails to replace it.
 *
 * @module
 */

import type { Node } from "../../../node/mod.ts";
import type { Write } from "../transaction.ts";
import type { DoneJob, Fold } from "./root_record.ts";
import { Root } from "./root_record.ts";
import { RootStore, type ThunkStore } from "./root_store.ts";
import { type ApplyWrite, type Draft, WriteHistory } from "./write_history.ts";

/** A node's copy of the database. */
export class Database {
  readonly #node: Node;
  readonly #store: RootStore;
  readonly #history: WriteHistory;
  readonly #thunkPrefix: string;
  readonly #mostInRoot: number;
  #root: Root | undefined;
  #fold: Fold | undefined;
  #isFolding = false;
  #lastThunk = 0;

  /**
   * `life` is a name that no other life of any node has; when the root holds `mostInRoot` writes
   * they are put away.
   */
  constructor(
    node: Node,
    apply: ApplyWrite,
    life: string,
    options: { readonly thunks: ThunkStore; readonly mostInRoot: number },
  ) {
    this.#node = node;
    this.#store = new RootStore(node, options.thunks);
    this.#history = new WriteHistory(apply);
    this.#thunkPrefix = life;
    this.#mostInRoot = options.mostInRoot;
  }

  /** What a round trip to the stores takes, in milliseconds; 0 as long as that is unknown. */
  get roundTrip(): number {
    return this.#store.roundTrip;
  }

  /** Whether this node has ever read the root. */
  get isKnown(): boolean {
    return this.#root !== undefined;
  }

  /** How many writes the known history has. */
  get length(): number {
    return this.#history.length;
  }

  /** The last known job of a stream that was committed. */
  lastOf(stream: string): DoneJob | undefined {
    return this.#root?.lastOf(stream);
  }

  /** Room to try transactions on the state that this node knows, or on an earlier one. */
  draft(length = this.length): Draft {
    return length === this.length ? this.#history.draft() : this.#history.upTo(length).draft();
  }

  /** Learns the newest state. Throws an `RpcError` when the stores do not answer. */
  async refresh(): Promise<void> {
    const root = await this.#store.read();
    await this.#learn(root);
    this.#root = root;
  }

  /**
   * Adds writes, and the jobs that they are of, to the history, if it is still the one that this
   * node knows; false when it is not, or when this node knows none yet. Throws an `RpcError` when
   * nobody knows what came of it.
   */
  async append(writes: readonly Write[], jobs: readonly DoneJob[]): Promise<boolean> {
    const root = this.#root;
    if (root === undefined) return false;
    const isFoldReady = this.#fold !== undefined && this.#fold.base === root.base;
    const next = (isFoldReady ? root.folded(this.#fold as Fold) : root).after(writes, jobs);
    if (!await this.#store.replace(root, next)) return false;
    this.#root = next;
    this.#history.append(writes);
    this.#considerFold(next);
    return true;
  }

  async #learn(root: Root): Promise<void> {
    const history = this.#history;
    let end = 0;
    const unknown: { readonly start: number; readonly thunk: string }[] = [];
    for (const { thunk, length } of root.segments) {
      const start = end;
      end += length;
      if (end > history.length) unknown.push({ start, thunk });
    }
    const thunks = await Promise.all(unknown.map(({ thunk }) => this.#store.readThunk(thunk)));
    unknown.forEach(({ start }, index) => {
      history.append((thunks[index] as Write[]).slice(history.length - start));
    });
    history.append(root.log.slice(history.length - root.base));
  }

  /** Puts the writes in the root away when they are many; the next commit then names the thunk. */
  #considerFold(root: Root): void {
    if (root.log.length < this.#mostInRoot || this.#isFolding) return;
    if (this.#fold?.base === root.base) return;
    this.#isFolding = true;
    const fold = root.planFold(`${this.#thunkPrefix}/${++this.#lastThunk}`);
    const writes = this.#history.slice(fold.to - fold.segment.length, fold.to);
    this.#store.writeThunk(fold.segment.thunk, writes)
      .then(() => this.#fold = fold)
      .catch(() => this.#node.sometimes("nobody knows whether a thunk was written"))
      .finally(() => this.#isFolding = false);
  }
}
