/**
 * A concise notation for histories of transactions.
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

import type { History, Operation, OperationType } from "../../../lib/history/mod.ts";

/** The writing micro-operation of the history: `append` for lists, `w` for registers. */
export type Kind = "append" | "w";

type MicroOperation = [f: string, key: string, value: unknown];

/** Parses a history. */
export function parseTransactions(text: string, kind: Kind): History {
  const builder = new Builder(kind);
  for (const group of text.split(";")) {
    builder.addGroup(group.split("|").map((transaction) => transaction.trim()));
  }
  return builder.history;
}

class Builder {
  readonly history: Operation[] = [];
  readonly #kind: Kind;
  readonly #open = new Map<number, number>();
  #nextProcess = 100;

  constructor(kind: Kind) {
    this.#kind = kind;
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
      const [, prefix, micros = "", suffix = ""] =
        /^(?:([0-9]+):)?\s*([^!?]*)([!?]?)$/.exec(text) ??
          [];
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
    const [f = "", key = "", ...rest] = text;
    const argument = rest.join("");
    if (f !== "r") return [this.#kind, key, Number(argument)];
    if (argument === "_") return ["r", key, null];
    if (this.#kind === "w") return ["r", key, Number(argument)];
    return ["r", key, argument === "[]" ? [] : rest.map(Number)];
  }
}

/** Returns micro-operations as they are invoked: reads have no result yet. */
function withoutResults(micros: readonly MicroOperation[]): MicroOperation[] {
  return micros.map(([f, key, value]) => [f, key, f === "r" ? null : value]);
}
