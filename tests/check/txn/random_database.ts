/**
 * Small random histories of databases that isolate transactions well, badly, or not at all.
 *
 * @module
 */

import type { Random } from "../../../lib/base/mod.ts";
import type { History, Operation, OperationType } from "../../../lib/history/mod.ts";
import type { Kind } from "./notation.ts";

type MicroOperation = [f: string, key: number, value: unknown];

interface Running {
  readonly process: number;
  readonly asked: readonly MicroOperation[];
  readonly done: MicroOperation[];
  /** Whether its writes show only in the end. All or none: Elle overlooks reordered appends. */
  readonly buffers: boolean;
  readonly snapshot: ReadonlyMap<number, unknown>;
  readonly buffered: MicroOperation[];
}

/** How a database runs. */
export interface DatabaseOptions {
  readonly kind: Kind;
  readonly transactions: number;
  readonly keys: number;
  readonly processes: number;
  /** How likely a transaction is to run all at once. */
  readonly atomicity: number;
  /** How likely one that does not is to write only in the end, and a read to be of a snapshot. */
  readonly snapshots: number;
  /** How likely one is to end with unknown outcome, and how likely to abort. */
  readonly unknown: number;
  readonly aborted: number;
}

/** A history; it ends with a transaction that reads all keys. */
export function randomHistory(random: Random, options: DatabaseOptions): History {
  return new Database(random, options).run();
}

class Database {
  readonly #random: Random;
  readonly #options: DatabaseOptions;
  readonly #history: Operation[] = [];
  readonly #state = new Map<number, unknown>();
  readonly #written = new Map<number, number>();
  readonly #running: Running[] = [];
  readonly #free: number[] = [];
  #nextProcess: number;
  #begun = 0;

  constructor(random: Random, options: DatabaseOptions) {
    this.#random = random;
    this.#options = options;
    this.#nextProcess = options.processes;
    for (let process = 0; process < options.processes; process++) this.#free.push(process);
  }

  run(): History {
    const { transactions, keys } = this.#options;
    while (this.#begun < transactions || this.#running.length > 0) {
      const mayBegin = this.#begun < transactions && this.#free.length > 0;
      if (mayBegin && (this.#running.length === 0 || this.#random.chance(0.4))) this.#begin();
      else this.#advance(this.#random.pick(this.#running));
    }
    const reads = Array.from({ length: keys }, (_, key): MicroOperation => ["r", key, null]);
    const process = this.#nextProcess;
    this.#add(process, "invoke", reads);
    this.#add(process, "ok", reads.map(([f, key]) => [f, key, this.#state.get(key) ?? null]));
    return this.#history;
  }

  #begin(): void {
    const process = this.#free.shift() as number;
    const asked = Array.from({ length: 1 + this.#random.integer(3) }, () => this.#micro());
    this.#begun++;
    this.#add(process, "invoke", asked);
    const running: Running = {
      process,
      asked,
      done: [],
      buffers: this.#random.chance(this.#options.snapshots),
      snapshot: new Map(this.#state),
      buffered: [],
    };
    this.#running.push(running);
    if (this.#random.chance(this.#options.atomicity)) {
      for (const micro of asked) this.#perform({ ...running, buffers: false }, micro, false);
    }
  }

  #micro(): MicroOperation {
    const key = this.#random.integer(this.#options.keys);
    if (this.#random.chance(0.5)) return ["r", key, null];
    const value = (this.#written.get(key) ?? 0) + 1;
    this.#written.set(key, value);
    return [this.#options.kind, key, value];
  }

  #advance(running: Running): void {
    const next = running.asked[running.done.length];
    if (next === undefined) return this.#end(running);
    this.#perform(running, next, this.#random.chance(this.#options.snapshots));
  }

  #perform(running: Running, [f, key, value]: MicroOperation, onSnapshot: boolean): void {
    const state = onSnapshot ? running.snapshot : this.#state;
    if (f === "r") running.done.push([f, key, state.get(key) ?? null]);
    else {
      running.done.push([f, key, value]);
      if (running.buffers) running.buffered.push([f, key, value]);
      else this.#write(key, value);
    }
  }

  #write(key: number, value: unknown): void {
    const before = this.#state.get(key) ?? [];
    this.#state.set(key, this.#options.kind === "w" ? value : [...before as unknown[], value]);
  }

  #end(running: Running): void {
    for (const [, key, value] of running.buffered) this.#write(key, value);
    this.#running.splice(this.#running.indexOf(running), 1);
    const type = this.#random.chance(this.#options.unknown)
      ? "info"
      : this.#random.chance(this.#options.aborted)
      ? "fail"
      : "ok";
    this.#add(running.process, type, type === "ok" ? running.done : running.asked);
    this.#free.push(type === "info" ? this.#nextProcess++ : running.process);
  }

  #add(process: number, type: OperationType, value: unknown): void {
    const index = this.#history.length;
    this.#history.push({ index, time: index * 1e6, type, process, f: "txn", value });
  }
}
