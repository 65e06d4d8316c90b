/**
 * Small random histories of a simulated database with a random degree of isolation.
 *
 * @module
 */

import type { Random } from "../../../lib/base/mod.ts";
import type { History, Operation, OperationType } from "../../../lib/history/mod.ts";
import type { WriteFunction } from "../../../lib/testing/mod.ts";

type MicroOperation = [f: string, key: number, value: unknown];

interface RunningTransaction {
  readonly process: number;
  readonly requested: readonly MicroOperation[];
  /** The micro-operations executed so far, with the values that the reads returned. */
  readonly executed: MicroOperation[];
  /**
   * Whether it buffers all its writes until it completes. It never buffers only some of them,
   * because Elle does not detect reordered appends within a transaction.
   */
  readonly buffersWrites: boolean;
  /** The state when it began. */
  readonly snapshot: ReadonlyMap<number, unknown>;
  readonly bufferedWrites: MicroOperation[];
}

/** Options of the database; probabilities are from 0 to 1. */
export interface DatabaseOptions {
  readonly kind: WriteFunction;
  readonly transactions: number;
  readonly keys: number;
  readonly processes: number;
  /** The probability that a transaction executes all its micro-operations in one step. */
  readonly serialChance: number;
  /**
   * The probability that another transaction buffers its writes, and that a read uses a snapshot.
   */
  readonly snapshotChance: number;
  /** The probability that a transaction completes with `info`. */
  readonly infoChance: number;
  /** The probability that a transaction aborts if it does not complete with `info`. */
  readonly abortChance: number;
}

/** Generates a history that ends with a transaction that reads all keys. */
export function randomHistory(random: Random, options: DatabaseOptions): History {
  return new Database(random, options).run();
}

class Database {
  readonly #random: Random;
  readonly #options: DatabaseOptions;
  readonly #history: Operation[] = [];
  readonly #state = new Map<number, unknown>();
  readonly #written = new Map<number, number>();
  readonly #running: RunningTransaction[] = [];
  readonly #idleProcesses: number[] = [];
  #nextProcess: number;
  #begunCount = 0;

  constructor(random: Random, options: DatabaseOptions) {
    this.#random = random;
    this.#options = options;
    this.#nextProcess = options.processes;
    for (let process = 0; process < options.processes; process++) this.#idleProcesses.push(process);
  }

  run(): History {
    const { transactions, keys } = this.#options;
    while (this.#begunCount < transactions || this.#running.length > 0) {
      const mayBegin = this.#begunCount < transactions && this.#idleProcesses.length > 0;
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
    const process = this.#idleProcesses.shift() as number;
    const requested = Array.from({ length: 1 + this.#random.integer(3) }, () => this.#micro());
    this.#begunCount++;
    this.#add(process, "invoke", requested);
    const transaction: RunningTransaction = {
      process,
      requested,
      executed: [],
      buffersWrites: this.#random.chance(this.#options.snapshotChance),
      snapshot: new Map(this.#state),
      bufferedWrites: [],
    };
    this.#running.push(transaction);
    if (this.#random.chance(this.#options.serialChance)) {
      const unbuffered = { ...transaction, buffersWrites: false };
      for (const micro of requested) this.#execute(unbuffered, micro, false);
    }
  }

  #micro(): MicroOperation {
    const key = this.#random.integer(this.#options.keys);
    if (this.#random.chance(0.5)) return ["r", key, null];
    const value = (this.#written.get(key) ?? 0) + 1;
    this.#written.set(key, value);
    return [this.#options.kind, key, value];
  }

  #advance(transaction: RunningTransaction): void {
    const next = transaction.requested[transaction.executed.length];
    if (next === undefined) return this.#complete(transaction);
    this.#execute(transaction, next, this.#random.chance(this.#options.snapshotChance));
  }

  #execute(
    transaction: RunningTransaction,
    [f, key, value]: MicroOperation,
    onSnapshot: boolean,
  ): void {
    const state = onSnapshot ? transaction.snapshot : this.#state;
    if (f === "r") transaction.executed.push([f, key, state.get(key) ?? null]);
    else {
      transaction.executed.push([f, key, value]);
      if (transaction.buffersWrites) transaction.bufferedWrites.push([f, key, value]);
      else this.#write(key, value);
    }
  }

  #write(key: number, value: unknown): void {
    const before = this.#state.get(key) ?? [];
    this.#state.set(key, this.#options.kind === "w" ? value : [...before as unknown[], value]);
  }

  #complete(transaction: RunningTransaction): void {
    const { process, requested, executed } = transaction;
    for (const [, key, value] of transaction.bufferedWrites) this.#write(key, value);
    this.#running.splice(this.#running.indexOf(transaction), 1);
    const type = this.#random.chance(this.#options.infoChance)
      ? "info"
      : this.#random.chance(this.#options.abortChance)
      ? "fail"
      : "ok";
    this.#add(process, type, type === "ok" ? executed : requested);
    this.#idleProcesses.push(type === "info" ? this.#nextProcess++ : process);
  }

  #add(process: number, type: OperationType, value: unknown): void {
    const index = this.#history.length;
    this.#history.push({ index, time: index * 1e6, type, process, f: "txn", value });
  }
}
