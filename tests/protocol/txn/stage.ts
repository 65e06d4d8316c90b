/**
 * Nodes with registers on which a test lets transactions take steps, one by one in an order of its
 * choice, and the history that clients would have recorded.
 *
 * @module
 */

import { checkRwRegister, type TransactionalVerdict } from "../../../lib/check/txn/mod.ts";
import type { Operation, OperationType } from "../../../lib/history/mod.ts";
import {
  type MicroOperation,
  Registers,
  runAtOnce,
  runReadCommitted,
  runReadUncommitted,
  type Steps,
  type Transaction,
  UncommittedWrites,
} from "../../../lib/protocol/txn/mod.ts";

/** A strategy whose transactions are run by steps. */
export type Stepwise = "read-committed" | "read-uncommitted";

/** `r x, w x 1`: micro-operations by their texts. */
export function transaction(text: string): Transaction {
  return text.split(",").map((part): MicroOperation => {
    const [f, key, value] = part.trim().split(" ");
    return [f as string, key as string, value === undefined ? null : Number(value)];
  });
}

/** Micro-operations as text; a read shows its value. */
export function textOf(done: readonly MicroOperation[]): string {
  return done.map(([f, key, value]) => `${f} ${key} ${value}`).join(", ");
}

interface StageNode {
  readonly registers: Registers;
  readonly uncommitted: UncommittedWrites;
}

/** A cluster without a network: one node tells another when the test says so. */
export class Stage {
  readonly history: Operation[] = [];
  readonly #nodes: readonly StageNode[];

  constructor(nodes: number) {
    this.#nodes = Array.from({ length: nodes }, (_, index) => ({
      registers: new Registers(`n${index}`),
      uncommitted: new UncommittedWrites(),
    }));
  }

  /** The registers of a node. */
  registers(node: number): Registers {
    return (this.#nodes[node] as StageNode).registers;
  }

  /** A node tells another everything. */
  tell(from: number, to: number): void {
    const delta = this.registers(from).deltaSince(0, `n${to}`);
    this.registers(to).join(JSON.parse(JSON.stringify(delta)), `n${from}`);
  }

  /** A client, whose process this is, runs a transaction in one go. Returns it as text. */
  atOnce(process: number, node: number, text: string): string {
    const asked = transaction(text);
    this.#record("invoke", process, asked);
    const done = runAtOnce(this.registers(node), asked);
    this.#record("ok", process, done);
    return textOf(done);
  }

  /** A client runs a transaction from beginning to end, with nothing in between. */
  run(process: number, node: number, strategy: "causal" | Stepwise, text: string): string {
    if (strategy === "causal") return this.atOnce(process, node, text);
    const step = this.begin(process, node, strategy, text);
    for (;;) {
      const done = step();
      if (done !== undefined) return done;
    }
  }

  /** A client begins a transaction; each call of what this returns makes a step. */
  begin(process: number, node: number, strategy: Stepwise, text: string): () => string | undefined {
    const { registers, uncommitted } = this.#nodes[node] as StageNode;
    const asked = transaction(text);
    const steps: Steps = strategy === "read-committed"
      ? runReadCommitted(registers, asked)
      : runReadUncommitted(registers, uncommitted, asked);
    this.#record("invoke", process, asked);
    return () => {
      const step = steps.next();
      if (!step.done) return undefined;
      this.#record("ok", process, step.value);
      return textOf(step.value);
    };
  }

  /** What the checker says of the history. */
  judge(...consistencyModels: string[]): TransactionalVerdict {
    return checkRwRegister(this.history, { consistencyModels });
  }

  #record(type: OperationType, process: number, value: unknown): void {
    const index = this.history.length;
    this.history.push({ index, type, process, value, f: "txn", time: index * 1_000_000 });
  }
}
