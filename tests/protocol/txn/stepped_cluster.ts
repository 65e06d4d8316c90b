/**
 * A cluster of registers without a network. A test runs the steps of transactions one by one, in an
 * order of its choice, and the cluster records the history that Jepsen's clients would record.
 *
 * @module
 */

import { checkRwRegister, type TransactionalVerdict } from "../../../lib/check/txn/mod.ts";
import type { Operation, OperationType } from "../../../lib/history/mod.ts";
import type { MicroOperation, Store, Transaction } from "../../../lib/protocol/txn/mod.ts";
import { runReadCommitted, type Steps } from "../../../lib/protocol/txn/read_committed.ts";
import {
  runReadUncommitted,
  UncommittedWrites,
} from "../../../lib/protocol/txn/read_uncommitted.ts";
import { atomically, Registers, storeOf } from "../../../nodes/txn_rw_register.ts";

/** A strategy whose transactions interleave. */
export type Interleaved = "read-committed" | "read-uncommitted";

/** Parses micro-operations, such as `r x, w x 1`. */
export function parseTransaction(text: string): Transaction {
  return text.split(",").map((part): MicroOperation => {
    const [f, key, value] = part.trim().split(" ");
    return [f as "r" | "w", key as string, value === undefined ? null : Number(value)];
  });
}

/** Returns micro-operations as text, with the values of reads: `r x null, w x 1`. */
export function textOf(results: readonly MicroOperation[]): string {
  return results.map(([f, key, value]) => `${f} ${key} ${value}`).join(", ");
}

interface SteppedNode {
  readonly registers: Registers;
  readonly store: Store;
  readonly uncommitted: UncommittedWrites;
}

/** A cluster in which the test delivers the updates. */
export class SteppedCluster {
  readonly history: Operation[] = [];
  readonly #nodes: readonly SteppedNode[];

  /** The nodes are numbered from 0. */
  constructor(nodes: number) {
    this.#nodes = Array.from({ length: nodes }, (_, index) => {
      const registers = new Registers({ id: `n${index}`, incarnation: "x" });
      const store = storeOf({ monotonic: () => 0 }, registers);
      return { registers, store, uncommitted: new UncommittedWrites() };
    });
  }

  /** Returns the registers of a node. */
  store(node: number): Store {
    return this.#node(node).store;
  }

  /** Delivers all updates of one node to another. */
  replicate(from: number, to: number): void {
    const receiver = { source: "", summary: undefined };
    const { delta } = this.#node(from).registers.delta(0, receiver);
    this.#node(to).registers.merge(JSON.parse(JSON.stringify(delta)), `n${from}`, 0);
  }

  /** Runs a transaction of a process atomically. Returns it with its reads filled in, as text. */
  runAtomically(process: number, node: number, text: string): string {
    const transaction = parseTransaction(text);
    this.#record("invoke", process, transaction);
    const results = atomically(this.store(node))(transaction);
    this.#record("ok", process, results);
    return textOf(results);
  }

  /** Runs all steps of a transaction of a process. Returns it with its reads filled in, as text. */
  run(process: number, node: number, strategy: "causal" | Interleaved, text: string): string {
    if (strategy === "causal") return this.runAtomically(process, node, text);
    const step = this.begin(process, node, strategy, text);
    for (;;) {
      const results = step();
      if (results !== undefined) return results;
    }
  }

  /**
   * Begins a transaction of a process. Each call of the returned function runs a step; the last one
   * returns the transaction with its reads filled in, as text.
   */
  begin(
    process: number,
    node: number,
    strategy: Interleaved,
    text: string,
  ): () => string | undefined {
    const { store, uncommitted } = this.#node(node);
    const transaction = parseTransaction(text);
    const steps: Steps = strategy === "read-committed"
      ? runReadCommitted(store, transaction)
      : runReadUncommitted(store, uncommitted, transaction);
    this.#record("invoke", process, transaction);
    return () => {
      const step = steps.next();
      if (!step.done) return undefined;
      this.#record("ok", process, step.value);
      return textOf(step.value);
    };
  }

  /** Checks the history against consistency models. */
  check(...consistencyModels: string[]): TransactionalVerdict {
    return checkRwRegister(this.history, { consistencyModels });
  }

  #node(node: number): SteppedNode {
    return this.#nodes[node] as SteppedNode;
  }

  #record(type: OperationType, process: number, value: unknown): void {
    const index = this.history.length;
    this.history.push({ index, type, process, value, f: "txn", time: index * 1_000_000 });
  }
}
