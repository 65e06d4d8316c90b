/**
 * Histories of transactions in a notation that can be read at a glance.
 *
 * `ax1 rx12` appends 1 to list x and then reads x as [1, 2]; `wx1 rx1` writes and reads a register;
 * `rx_` reads null, `rx[]` an empty list. Transactions between `|` run at the same time, `;` waits
 * for all of them. A transaction ends ok, or with `!` aborted, or with `?` unknown. `0:` before it
 * names its process; without, it has one of its own. `0(` only begins a transaction of process 0,
 * which then lasts until `0:` completes it.
 *
 * @module
 */

import type { History, Operation, OperationType } from "../../../lib/history/mod.ts";

/** What the notation calls registers is `w`, what it calls lists is `append`. */
export type Kind = "append" | "w";

type MicroOperation = [f: string, key: string, value: unknown];

/** Reads a history. */
export function parseTransactions(text: string, kind: Kind): History {
  const builder = new Builder(kind);
  for (const group of text.split(";")) builder.addGroup(group.split("|").map((one) => one.trim()));
  return builder.history;
}

class Builder {
  readonly history: Operation[] = [];
  readonly #kind: Kind;
  readonly #open = new Map<number, number>();
  #ownProcess = 100;

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  addGroup(texts: readonly string[]): void {
    const completions: (() => void)[] = [];
    for (const text of texts) {
      const begun = /^([0-9]+)\($/.exec(text);
      if (begun !== null) {
        const process = Number(begun[1]);
        this.#open.set(process, this.history.length);
        this.#add(process, "invoke", []);
        continue;
      }
      const [, named, micros = "", mark = ""] = /^(?:([0-9]+):)?\s*([^!?]*)([!?]?)$/.exec(text) ??
        [];
      const process = named === undefined ? this.#ownProcess++ : Number(named);
      const done = micros.trim().split(/\s+/).map((micro) => this.#micro(micro));
      this.#begin(process, done);
      completions.push(() => {
        const type = mark === "!" ? "fail" : mark === "?" ? "info" : "ok";
        this.#add(process, type, type === "ok" ? done : asked(done));
      });
    }
    for (const complete of completions) complete();
  }

  #begin(process: number, done: readonly MicroOperation[]): void {
    const index = this.#open.get(process);
    if (index === undefined) return this.#add(process, "invoke", asked(done));
    this.#open.delete(process);
    this.history[index] = { ...this.history[index] as Operation, value: asked(done) };
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

function asked(micros: readonly MicroOperation[]): MicroOperation[] {
  return micros.map(([f, key, value]) => [f, key, f === "r" ? null : value]);
}
