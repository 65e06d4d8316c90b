/**
 * A brute-force oracle for isolation levels. It tries all orders of the transactions, and for each
 * transaction all sets of earlier transactions that it may see.
 *
 * A transaction writes a version of each of its keys; a version of a list contains the appends of
 * all earlier versions. A read of a key that its transaction wrote returns what the transaction sees,
 * and its own writes so far; the axioms of weaker levels say nothing about such a read.
 *
 * @module
 */

import { type History, type Operation, pairOperations } from "../../../lib/history/mod.ts";

/** The axioms of a level, by the names of Cerone, Bernardi & Gotsman. */
export interface Axioms {
  /**
   * A read sees all that its transaction sees (`one-set`), what the transaction read from so far
   * (`growing`), or only the transaction whose version it returns (`one-writer`). With `uncommitted`
   * it returns any written value of a register, or any beginning of a list, committed or not.
   */
  readonly reads: "uncommitted" | "one-writer" | "growing" | "one-set";
  /** A transaction sees what the transactions see that it sees. */
  readonly transitive?: boolean;
  /** A transaction sees all that precede a transaction that it sees. */
  readonly prefix?: boolean;
  /** Of two transactions that write a key, one sees the other. */
  readonly noConflict?: boolean;
  /** A transaction sees all that precede it. */
  readonly total?: boolean;
  /**
   * A transaction sees those that completed before it: of all processes, or, if it committed, of its
   * own process.
   */
  readonly time?: "process" | "realtime";
}

type Micro = readonly [f: string, key: unknown, value: unknown];

interface Transaction {
  readonly micros: readonly Micro[];
  readonly isCommitted: boolean;
  readonly process: unknown;
  readonly invokedAt: number;
  readonly completedAt: number;
}

/** A transaction in an order, and the indices of the earlier transactions that it sees. */
interface Placed extends Transaction {
  readonly seen: readonly number[];
}

/** Returns whether some order of a history's transactions satisfies the axioms. */
export function satisfies(history: History, axioms: Axioms): boolean {
  const transactions = pairOperations(history)
    .filter(({ completion }) => completion?.type !== "fail" || axioms.reads === "uncommitted")
    .map(({ invocation, completion }): Transaction => ({
      micros: (completion?.type === "ok" ? completion : invocation).value as Micro[],
      isCommitted: completion?.type === "ok",
      process: invocation.process,
      invokedAt: invocation.index,
      completedAt: completion?.type === "ok" ? (completion as Operation).index : Infinity,
    }));
  return hasOrder([], transactions, axioms);
}

/** Whether the rest can follow `order`. Transactions of unknown outcome may be left out. */
function hasOrder(
  order: readonly Placed[],
  rest: readonly Transaction[],
  axioms: Axioms,
): boolean {
  const isComplete = !rest.some(({ isCommitted }) => isCommitted);
  if (isComplete && (axioms.reads !== "uncommitted" || order.every((t) => readsParts(order, t)))) {
    return true;
  }
  return rest.some((next) => {
    const others = rest.filter((other) => other !== next);
    if (others.some((other) => precedes(other, next, axioms))) return false;
    return setsOf(order.length, axioms).some((seen) =>
      isAllowed(order, next, seen, axioms) && explains(order, next, seen, axioms) &&
      hasOrder([...order, { ...next, seen }], others, axioms)
    );
  });
}

/** All sets of the numbers below `size`; only the whole set if axioms demand or need no other. */
function setsOf(size: number, { reads, total }: Axioms): number[][] {
  const all = Array.from({ length: size }, (_, at) => at);
  if (total === true || reads !== "one-set") return [all];
  return Array.from({ length: 2 ** size }, (_, bits) => all.filter((at) => (bits >> at) % 2 === 1));
}

function isAllowed(
  order: readonly Placed[],
  next: Transaction,
  seen: readonly number[],
  axioms: Axioms,
): boolean {
  const sees = (at: number) => seen.includes(at);
  return order.every((earlier, at) => {
    if (axioms.transitive === true && sees(at) && !earlier.seen.every(sees)) return false;
    if (axioms.prefix === true && sees(at) && !order.slice(0, at).every((_, i) => sees(i))) {
      return false;
    }
    if (sees(at)) return true;
    const conflict = keysWritten(earlier).some((key) => keysWritten(next).includes(key));
    return !precedes(earlier, next, axioms) && !(axioms.noConflict === true && conflict);
  });
}

function precedes(earlier: Transaction, later: Transaction, { time }: Axioms): boolean {
  if (time === undefined || earlier.completedAt > later.invokedAt) return false;
  return time === "realtime" || (later.isCommitted && earlier.process === later.process);
}

function keysWritten({ micros }: Transaction): unknown[] {
  return micros.filter(([f]) => f !== "r").map(([, key]) => key);
}

function explains(
  order: readonly Placed[],
  { micros, isCommitted }: Transaction,
  seen: readonly number[],
  { reads }: Axioms,
): boolean {
  if (!isCommitted || reads === "uncommitted") return true;
  const readFrom: number[] = [];
  return micros.every(([f, key, value], micro) => {
    if (f !== "r") return true;
    const own = micros.slice(0, micro).filter(([g, other]) => g !== "r" && other === key);
    const isReturned = (at: number) => isEqual(value, withOwn(version(order, at, key), own));
    const last = latest(order, order.keys(), key);
    if (reads === "one-set") {
      const sees = latest(order, seen, key);
      // A transaction that reads its own append reads all elements before it.
      return isReturned(sees) && (own[0]?.[0] !== "append" || sees === last);
    }
    const isOwnVersion = own.some((_, at) =>
      isEqual(value, withOwn(version(order, last, key), own.slice(0, at + 1)))
    );
    if (isOwnVersion) return true;
    const writer = value === null
      ? -1
      : order.findIndex((_, at) => isEqual(value, version(order, at, key)));
    if (value !== null && writer < 0) return false;
    if (writer >= 0) readFrom.push(writer);
    return reads === "one-writer" || latest(order, readFrom, key) === writer;
  });
}

/** Whether the reads of a transaction return nothing but written values of registers, or parts of lists. */
function readsParts(order: readonly Transaction[], { micros, isCommitted }: Transaction): boolean {
  if (!isCommitted) return true;
  return micros.every(([f, key, value]) => {
    if (f !== "r" || value === null) return true;
    const written = order.flatMap((other) => other.micros)
      .filter(([g, other]) => g !== "r" && other === key).map(([, , element]) => element);
    return Array.isArray(value)
      ? isEqual(value, written.slice(0, value.length))
      : written.includes(value);
  });
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The version that a transaction's own writes make of another version. */
function withOwn(base: unknown, own: readonly Micro[]): unknown {
  const last = own.at(-1);
  if (last === undefined) return base;
  return last[0] === "w" ? last[2] : [...(base ?? []) as unknown[], ...own.map(([, , v]) => v)];
}

function latest(order: readonly Transaction[], among: Iterable<number>, key: unknown): number {
  return Math.max(
    -1,
    ...[...among].filter((at) => keysWritten(order[at] as Transaction).includes(key)),
  );
}

/** The version of a key that a transaction of the order wrote; null if there is none. */
function version(order: readonly Transaction[], at: number, key: unknown): unknown {
  const written = (order[at]?.micros ?? []).filter(([f, other]) => f !== "r" && other === key);
  if (written.length === 0) return null;
  if (written[0]?.[0] === "w") return written.at(-1)?.[2];
  return order.slice(0, at + 1).flatMap(({ micros }) => micros)
    .filter(([f, other]) => f !== "r" && other === key).map(([, , value]) => value);
}
