/**
 * A notation for histories of transactions.
 *
 * - `ax1 rx12` appends 1 to list x, then reads x as [1, 2]. `wx1 rx1` writes and reads a register.
 *   `rx_` reads null, `rx[]` an empty list.
 * - `|` separates concurrent transactions. `;` waits for the completion of all previous ones.
 * - A transaction completes with `ok`; the suffix `!` makes it `fail`, `?` makes it `info`.
 * - The prefix `0:` names the transaction's process; without it, the process is a new one.
 * - `0(` only invokes a transaction of process 0; a later `0:` gives its micro-operations and
 *   completes it.
 *
 * @module
 */

import type { History, Operation, OperationType } from "../history/mod.ts";

/** The micro-operation that writes: `append` for lists, `w` for registers. */
export type WriteFunction = "append" | "w";

const microOperation: Readonly<Record<WriteFunction, RegExp>> = {
  append: /^(r(?=\w(?:_|\[\]|\d+)$)|a(?=\w\d+$))(\w)(.+)$/,
  w: /^(r(?=\w(?:_|\d+)$)|w(?=\w\d+$))(\w)(.+)$/,
};

type MicroOperation = [f: string, key: string, value: unknown];

/**
 * Parses a history in the notation of this module. Throws a SyntaxError for a malformed transaction.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { checkListAppend } from "@gossip/workbench/check";
 * import { parseTransactions } from "@gossip/workbench/testing";
 *
 * // Both transactions read before either appends: write skew.
 * const history = parseTransactions("rx_ ay1 | ry_ ax1; rx1 ry1", "append");
 * const verdict = checkListAppend(history, { consistencyModels: ["serializable"] });
 * deepEqual(verdict["anomaly-types"], ["G2-item"]);
 * ```
 */
export function parseTransactions(text: string, write: WriteFunction): History {
  const builder = new Builder(write);
  for (const group of text.split(";")) {
    builder.addGroup(group.split("|").map((transaction) => transaction.trim()));
  }
  return builder.history;
}

class Builder {
  readonly history: Operation[] = [];
  readonly #write: WriteFunction;
  readonly #open = new Map<number, number>();
  #nextProcess = 100;

  constructor(write: WriteFunction) {
    this.#write = write;
  }

  addGroup(texts: readonly string[]): void {
    const completions: (() => void)[] = [];
    for (const text of texts) {
      const invocation = /^([0-9]+)\($/.exec(text);
      if (invocation !== null) {
        const process = Number(invocation[1]);
        this.#open.set(process, this.history.length);
        this.#add(process, "invoke", []);
        continue;
      }
      const parts = /^(?:([0-9]+):)?\s*([^!?]*)([!?]?)$/.exec(text);
      if (parts === null) throw new SyntaxError(`malformed transaction "${text}"`);
      const [, prefix, micros = "", suffix = ""] = parts;
      const process = prefix === undefined ? this.#nextProcess++ : Number(prefix);
      const completed = micros.trim().split(/\s+/).map((micro) => this.#micro(micro));
      this.#invoke(process, completed);
      completions.push(() => {
        const type = suffix === "!" ? "fail" : suffix === "?" ? "info" : "ok";
        this.#add(process, type, type === "ok" ? completed : withoutResults(completed));
      });
    }
    for (const complete of completions) complete();
  }

  #invoke(process: number, completed: readonly MicroOperation[]): void {
    const value = withoutResults(completed);
    const index = this.#open.get(process);
    if (index === undefined) return this.#add(process, "invoke", value);
    this.#open.delete(process);
    this.history[index] = { ...this.history[index] as Operation, value };
  }

  #add(process: number, type: OperationType, value: unknown): void {
    const index = this.history.length;
    this.history.push({ index, time: index * 1e6, type, process, f: "txn", value });
  }

  #micro(text: string): MicroOperation {
    const [, f, key = "", argument = ""] = microOperation[this.#write].exec(text) ?? [];
    if (f === undefined) throw new SyntaxError(`malformed micro-operation "${text}"`);
    if (f !== "r") return [this.#write, key, Number(argument)];
    if (argument === "_") return ["r", key, null];
    if (this.#write === "w") return ["r", key, Number(argument)];
    return ["r", key, argument === "[]" ? [] : [...argument].map(Number)];
  }
}

/** Returns micro-operations as they are invoked: reads have no result yet. */
function withoutResults(micros: readonly MicroOperation[]): MicroOperation[] {
  return micros.map(([f, key, value]) => [f, key, f === "r" ? null : value]);
}
