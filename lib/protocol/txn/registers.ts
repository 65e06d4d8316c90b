/**
 * Registers that are replicated without coordination: each keeps the value with the highest stamp.
 *
 * A stamp is a Lamport timestamp, a counter above all that the replica has met, and the name of the
 * replica's life, which breaks ties. All writes of a transaction get one stamp. So there is one
 * order of all transactions that write, it agrees with cause and effect, and on every key they take
 * effect in that order: nobody's writes are mixed with another's.
 *
 * A replica's state is passed on by deltas, each of which is joined in one go, and begins where the
 * receiver's knowledge ends (see `crdt/delta_gossip.ts`). From that follows, by induction:
 *
 * - Whoever knows a write knows everything that its transaction had seen, or something later in its
 *   place. (Causal consistency.)
 * - Whoever knows one write of a transaction knows all of them, or something later in their place.
 *   (Atomic visibility.) What was overwritten need not travel for that.
 *
 * Joining takes the higher stamp of each register and is so commutative, associative and
 * idempotent: replicas that have heard the same are equal.
 *
 * @module
 */

import type { DeltaState } from "../crdt/mod.ts";
import type { Json } from "../../node/mod.ts";
import { textOfKey, type Write } from "./transaction.ts";

interface Register {
  readonly key: Json;
  readonly value: Json;
  readonly counter: number;
  readonly writer: string;
  /** The version of this replica that brought it. */
  readonly changed: number;
  /** The neighbour from whom it came; undefined when it was written here. */
  readonly source: string | undefined;
}

/** `[writer, [counter, key, value, key, value, …], …]`: what one life wrote, by transaction. */
type WriterDelta = [string, ...Json[][]];

/** When so many changes have been superseded, the record of changes is cleared of them. */
const SUPERSEDED_MOST = 1000;

/** One replica. */
export class Registers implements DeltaState {
  readonly #writer: string;
  readonly #registers = new Map<string, Register>();
  /** What changed, oldest first; a register that changed again is in it more than once. */
  #changes: Register[] = [];
  #counter = 0;
  #version = 0;

  /** `writer` is a name that no other life of any node has. */
  constructor(writer: string) {
    this.#writer = writer;
  }

  get version(): number {
    return this.#version;
  }

  /** All keys that have a value. */
  get keys(): Json[] {
    return [...this.#registers.values()].map(({ key }) => key);
  }

  /** The value of a key; null when nothing was written to it. */
  read(key: Json): Json {
    return this.#registers.get(textOfKey(key))?.value ?? null;
  }

  /** Makes all writes of one transaction, at once. No two are to the same key. */
  commit(writes: Iterable<Write>): void {
    const counter = this.#counter + 1;
    for (const [key, value] of writes) {
      this.#counter = counter;
      this.#set(key, value, counter, this.#writer, undefined);
    }
  }

  deltaSince(version: number, neighbour: string): Json {
    const byWriter = new Map<string, Map<number, Json[]>>();
    for (let index = this.#firstAfter(version); index < this.#changes.length; index++) {
      const register = this.#changes[index] as Register;
      if (!this.#isCurrent(register)) continue;
      // It has what it told us itself, unless it has lost its memory and wants everything (from 0).
      if (version > 0 && register.source === neighbour) continue;
      const { writer, counter, key, value } = register;
      let transactions = byWriter.get(writer);
      if (transactions === undefined) byWriter.set(writer, transactions = new Map());
      const transaction = transactions.get(counter);
      if (transaction === undefined) transactions.set(counter, [counter, key, value]);
      else transaction.push(key, value);
    }
    return [...byWriter].map(([writer, transactions]) => [writer, ...transactions.values()]);
  }

  join(delta: Json, neighbour: string): void {
    // Looked at as a whole first: a delta that is wrong must not be joined in part.
    if (!isDelta(delta)) throw new TypeError("a delta of registers is [[writer, [counter, …]]]");
    for (const [writer, ...transactions] of delta) {
      for (const [counter, ...writes] of transactions as [number, ...Json[]][]) {
        this.#counter = Math.max(this.#counter, counter);
        for (let at = 0; at < writes.length; at += 2) {
          this.#set(writes[at] as Json, writes[at + 1] as Json, counter, writer, neighbour);
        }
      }
    }
  }

  #set(key: Json, value: Json, counter: number, writer: string, source: string | undefined): void {
    const text = textOfKey(key);
    const known = this.#registers.get(text);
    if (known !== undefined && !isLater(counter, writer, known)) return;
    const register = { key, value, counter, writer, source, changed: ++this.#version };
    this.#registers.set(text, register);
    this.#changes.push(register);
    if (this.#changes.length > 2 * this.#registers.size + SUPERSEDED_MOST) {
      this.#changes = this.#changes.filter((change) => this.#isCurrent(change));
    }
  }

  #isCurrent(register: Register): boolean {
    return this.#registers.get(textOfKey(register.key)) === register;
  }

  /** The place of the first change after a version. */
  #firstAfter(version: number): number {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes[middle] as Register).changed > version) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Whether a stamp is higher than a register's; the same one is not. */
function isLater(counter: number, writer: string, known: Register): boolean {
  return counter > known.counter || (counter === known.counter && writer > known.writer);
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
