/**
 * A brute-force oracle for isolation levels. It tries all orders of the transactions, and for each
 * transaction all sets of earlier transactions that it may see.
 *
 * A transaction writes a version of each of its keys; a version of a list contains the appends of
 * all earlier versions. A transaction that writes a key must not read it afterwards.
 *
 * @module
 */

import { type History, type Operation, pairOperations } from "../../../lib/history/mod.ts";

/** The axioms of a level, by the names of Cerone, Bernardi & Gotsman. */
export interface Axioms {
  /**
   * A read sees all that its transaction sees (`one-set`), what the transaction read from so far
   * (`growing`), or only the transaction whose version it returns (`one-writer`).
   */
  readonly reads: "one-writer" | "growing" | "one-set";
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
    .filter(({ completion }) => completion?.type !== "fail")
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
  if (!rest.some(({ isCommitted }) => isCommitted)) return true;
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
  if (!isCommitted) return true;
  const readFrom: number[] = [];
  return micros.every(([f, key, value]) => {
    if (f !== "r") return true;
    const isReturned = (at: number) =>
      JSON.stringify(version(order, at, key)) === JSON.stringify(value);
    if (reads === "one-set") return isReturned(latest(order, seen, key));
    const writer = value === null ? -1 : order.findIndex((_, at) => isReturned(at));
    if (value !== null && writer < 0) return false;
    if (writer >= 0) readFrom.push(writer);
    return reads === "one-writer" || latest(order, readFrom, key) === writer;
  });
}

function latest(order: readonly Transaction[], among: readonly number[], key: unknown): number {
  return Math.max(
    -1,
    ...among.filter((at) => keysWritten(order[at] as Transaction).includes(key)),
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
