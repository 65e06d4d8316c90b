/**
 * Last-write-wins registers that are replicated without coordination: each register keeps the value
 * with the highest timestamp.
 *
 * A timestamp is a Lamport timestamp (Lamport 1978): a counter above all that the replica has
 * received, and the name of the replica's incarnation, which breaks ties. All writes of a
 * transaction get the same timestamp. So there is one total order of all transactions that write.
 * It extends causality, and the transactions take effect in it on every key: writes of two
 * transactions are never mixed.
 *
 * Replicas exchange deltas. A replica joins each delta atomically, and a delta starts where the
 * receiver's state ends (see `crdt/delta_gossip.ts`). Two properties follow by induction:
 *
 * - Causal consistency: a replica that has a write has everything that its transaction had seen, or
 *   newer values in its place.
 * - Atomic visibility: a replica that has one write of a transaction has all of them, or newer
 *   values in their place. Overwritten values need not be sent for that.
 *
 * Joining takes the higher timestamp of each register, which is commutative, associative and
 * idempotent. So replicas that have received the same updates are equal.
 *
 * @module
 */

import { invariant, stringifyJson } from "../../base/mod.ts";
import type { Json } from "../../node/mod.ts";
import type { DeltaState } from "../crdt/mod.ts";
import { canonicalKey, type Write } from "./transaction.ts";

interface Register {
  readonly key: Json;
  readonly value: Json;
  readonly counter: number;
  readonly writer: string;
  /** The version of this replica that added the value. */
  readonly version: number;
  /** The incarnation that sent the value; undefined for a value that was written here. */
  readonly sender: string | undefined;
}

/** `[writer, [counter, key, value, key, value, …], …]`: an incarnation's writes by transaction. */
type WriterDelta = [string, ...Json[][]];

/** The list of changes is compacted when it has this many superseded ones. */
const MAX_SUPERSEDED_CHANGES = 1000;
/** The length to which an error text shortens the delta that it quotes. */
const MAX_QUOTED_CHARACTERS = 120;

/** One replica. */
export class Registers implements DeltaState {
  readonly #writer: string;
  readonly #registers = new Map<string, Register>();
  /** All changes, oldest first. It holds superseded values of a register, too. */
  #changes: Register[] = [];
  #counter = 0;
  #version = 0;

  /** `writer` is a name that no other incarnation of any node has. */
  constructor(writer: string) {
    this.#writer = writer;
  }

  get version(): number {
    return this.#version;
  }

  /** The keys that have a value. */
  get keys(): Json[] {
    return [...this.#registers.values()].map(({ key }) => key);
  }

  /** Returns the value of a key; null when it was never written. */
  read(key: Json): Json {
    return this.#registers.get(canonicalKey(key))?.value ?? null;
  }

  /** Applies the writes of one transaction atomically. Each key may be written once. */
  commit(writes: Iterable<Write>): void {
    const counter = this.#counter + 1;
    for (const [key, value] of writes) {
      this.#counter = counter;
      this.#set(key, value, counter, this.#writer, undefined);
    }
  }

  deltaSince(version: number, receiver: string): Json {
    const byWriter = new Map<string, Map<number, Json[]>>();
    for (let index = this.#firstAfter(version); index < this.#changes.length; index++) {
      const register = this.#changes[index] as Register;
      if (!this.#isCurrent(register)) continue;
      // The receiver has what it sent, but a delta of everything (from 0) must be complete.
      if (version > 0 && register.sender === receiver) continue;
      const { writer, counter, key, value } = register;
      let transactions = byWriter.get(writer);
      if (transactions === undefined) byWriter.set(writer, transactions = new Map());
      const transaction = transactions.get(counter);
      if (transaction === undefined) transactions.set(counter, [counter, key, value]);
      else transaction.push(key, value);
    }
    return [...byWriter].map(([writer, transactions]) => [writer, ...transactions.values()]);
  }

  join(delta: Json, sender: string): void {
    // Validated as a whole first: a malformed delta must not be joined in part.
    if (!isDelta(delta)) {
      throw new TypeError(
        "a delta of registers must be [[writer, [counter, key, value, …], …], …], " +
          `got ${stringifyJson(delta).slice(0, MAX_QUOTED_CHARACTERS)}`,
      );
    }
    for (const [writer, ...transactions] of delta) {
      for (const [counter, ...writes] of transactions as [number, ...Json[]][]) {
        this.#counter = Math.max(this.#counter, counter);
        for (let at = 0; at < writes.length; at += 2) {
          this.#set(writes[at] as Json, writes[at + 1] as Json, counter, writer, sender);
        }
      }
    }
  }

  #set(key: Json, value: Json, counter: number, writer: string, sender: string | undefined): void {
    invariant(counter <= this.#counter, "a replica's counter is at least that of every value");
    const canonical = canonicalKey(key);
    const current = this.#registers.get(canonical);
    if (current !== undefined && !isLater(counter, writer, current)) return;
    const register = { key, value, counter, writer, sender, version: ++this.#version };
    this.#registers.set(canonical, register);
    this.#changes.push(register);
    if (this.#changes.length > 2 * this.#registers.size + MAX_SUPERSEDED_CHANGES) {
      this.#changes = this.#changes.filter((change) => this.#isCurrent(change));
    }
  }

  #isCurrent(register: Register): boolean {
    return this.#registers.get(canonicalKey(register.key)) === register;
  }

  /** Returns the index of the first change after a version. */
  #firstAfter(version: number): number {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes[middle] as Register).version > version) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Whether a timestamp is above that of a register. */
function isLater(counter: number, writer: string, current: Register): boolean {
  return counter > current.counter || (counter === current.counter && writer > current.writer);
}

function isDelta(delta: Json): delta is Json & WriterDelta[] {
  return Array.isArray(delta) &&
    delta.every((part) =>
      Array.isArray(part) && typeof part[0] === "string" &&
      part.slice(1).every((transaction) =>
        Array.isArray(transaction) && transaction.length % 2 === 1 &&
        Number.isSafeInteger(transaction[0])
      )
    );
}
