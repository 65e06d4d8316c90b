/**
 * An isolation level as a problem of orders: edges that every order contains, and choices of which
 * an order contains at least one edge each. Without choices the problem is a polygraph without
 * undecided edges (Papadimitriou, "The Serializability of Concurrent Database Updates", J. ACM 1979).
 *
 * A vertex is a transaction, or, where a transaction reads a state that is older than its writes, one
 * of its two halves: its reads or its writes.
 *
 * @module
 */

import { INDETERMINATE } from "../transactions.ts";
import { addRealtimeOrder } from "../time_order.ts";
import { EdgeList } from "../dependency_graph.ts";
import { type ExternalHistory, INITIAL, NEVER, writes } from "./external_history.ts";
import type { IsolationLevel } from "./isolation_level.ts";
import { reachability } from "./reachability.ts";

/** A problem of orders. */
export interface OrderProblem {
  /** The number of vertices. */
  readonly size: number;
  /** Edges that every order contains, as pairs of vertices. */
  readonly edges: number[];
  /** Four vertices a choice: an order contains the first edge or the second one. */
  readonly choices: readonly number[];
  /** Four vertices each: an order that leads from the first to the second has the other edge. */
  readonly implications: readonly number[];
}

/** The part of a history that a problem is made from. */
export interface Excerpt {
  readonly history: ExternalHistory;
  /** The transactions, in ascending order. */
  readonly members: readonly number[];
}

/** Makes the problem whose solutions are the orders that a level demands. */
export function orderProblem(excerpt: Excerpt, level: IsolationLevel): OrderProblem {
  const builder = new ProblemBuilder(excerpt, level);
  return builder.build();
}

class ProblemBuilder {
  readonly #history: ExternalHistory;
  readonly #members: readonly number[];
  readonly #level: IsolationLevel;
  /** The number of each transaction among the members. */
  readonly #numberOf = new Map<number, number>();
  /** Whether reads and writes of a transaction are two vertices. */
  readonly #isSplit: boolean;
  readonly #edges: number[] = [];
  readonly #choices: number[] = [];
  readonly #implications: number[] = [];

  constructor({ history, members }: Excerpt, level: IsolationLevel) {
    this.#history = history;
    this.#members = members;
    this.#level = level;
    this.#isSplit = level.rule === "prefix" || level.rule === "snapshot";
    members.forEach((member, number) => this.#numberOf.set(member, number));
  }

  build(): OrderProblem {
    const { rule } = this.#level;
    this.#addCertainEdges();
    if (rule === "monotonic" || rule === "atomic") this.#addDirectlySeen();
    if (rule === "causal") this.#addCausallySeen();
    this.#addKnownOrder();
    if (rule === "parallel" || rule === "prefix" || rule === "snapshot" || rule === "serial") {
      this.#addReadRules();
    }
    if (rule === "parallel" || rule === "snapshot") this.#addConflicts();
    return {
      size: this.#members.length * (this.#isSplit ? 2 : 1),
      edges: this.#edges,
      choices: this.#choices,
      implications: this.#implications,
    };
  }

  #readVertex(number: number): number {
    return this.#isSplit ? number * 2 : number;
  }

  #writeVertex(number: number): number {
    return this.#isSplit ? number * 2 + 1 : number;
  }

  #addCertainEdges(): void {
    if (this.#isSplit) {
      this.#members.forEach((_, number) => this.#edges.push(number * 2, number * 2 + 1));
    }
    this.#forEachRead((reader, _key, from) => {
      if (from >= 0) this.#edges.push(this.#writeVertex(from), this.#readVertex(reader));
    });
    this.#addTimeOrder();
  }

  #addKnownOrder(): void {
    const { knownOrder } = this.#history;
    for (let edge = 0; edge < knownOrder.count; edge++) {
      const from = this.#numberOf.get(knownOrder.from(edge));
      const to = this.#numberOf.get(knownOrder.to(edge));
      if (from === undefined || to === undefined) continue;
      this.#edges.push(this.#writeVertex(from), this.#writeVertex(to));
    }
  }

  #addTimeOrder(): void {
    const { time } = this.#level;
    const precede = (from: number, to: number) =>
      this.#edges.push(this.#writeVertex(from), this.#readVertex(to));
    if (time === "process") {
      const last = new Map<unknown, number>();
      this.#members.forEach((member, number) => {
        if (this.#history.completedAt[member] === NEVER) return;
        const process = this.#history.process[member];
        const before = last.get(process);
        if (before !== undefined) precede(before, number);
        last.set(process, number);
      });
    }
    if (time === "realtime") {
      const order = realtimeOrder(this.#history, this.#members);
      for (let edge = 0; edge < order.count; edge++) precede(order.from(edge), order.to(edge));
    }
  }

  /** For reads that see all writes of the transactions which their transaction reads from. */
  #addDirectlySeen(): void {
    for (const [number, member] of this.#members.entries()) {
      const reads = this.#readsOf(member);
      for (const [at, { from: seen }] of reads.entries()) {
        if (seen < 0) continue;
        const later = this.#level.rule === "monotonic" ? reads.slice(at + 1) : reads;
        for (const { key, from } of later) this.#addSeen(number, seen, key, from);
      }
    }
  }

  /** For reads that see all writes of transactions from which a path leads to their transaction. */
  #addCausallySeen(): void {
    const reaches = reachability(this.#members.length, this.#edges);
    if (reaches === undefined) return;
    this.#forEachOtherWriter((reader, key, from, other) => {
      if (reaches(other, reader)) this.#addSeen(reader, other, key, from);
    });
  }

  /** A read of a key saw the writes of a transaction and returned the version of another one. */
  #addSeen(reader: number, seen: number, key: number, from: number): void {
    if (seen === from || seen === reader) return;
    if (!writes(this.#history, this.#members[seen] as number, key)) return;
    this.#edges.push(seen, from === INITIAL ? seen : from);
  }

  /** No other write of a key lies between a version's write and its reads. */
  #addReadRules(): void {
    const isParallel = this.#level.rule === "parallel";
    this.#forEachOtherWriter((reader, _key, from, other) => {
      const read = this.#readVertex(reader);
      const write = this.#writeVertex(other);
      if (isParallel) this.#implications.push(write, read, write, from === INITIAL ? write : from);
      else if (from === INITIAL) this.#edges.push(read, write);
      else this.#choices.push(write, this.#writeVertex(from), read, write);
    });
  }

  /** Of two transactions that write a key, one reads after the other wrote. */
  #addConflicts(): void {
    for (const writers of this.#writersByKey().values()) {
      for (const [at, first] of writers.entries()) {
        for (const second of writers.slice(at + 1)) {
          this.#choices.push(
            this.#writeVertex(first),
            this.#readVertex(second),
            this.#writeVertex(second),
            this.#readVertex(first),
          );
        }
      }
    }
  }

  #readsOf(member: number): { readonly key: number; readonly from: number }[] {
    const { readStart, readKey, readFrom } = this.#history;
    const reads = [];
    const end = readStart[member + 1] as number;
    for (let read = readStart[member] as number; read < end; read++) {
      const writer = readFrom[read] as number;
      const from = writer === INITIAL ? INITIAL : this.#numberOf.get(writer);
      if (from !== undefined) reads.push({ key: readKey[read] as number, from });
    }
    return reads;
  }

  #forEachRead(callback: (reader: number, key: number, from: number) => void): void {
    for (const [number, member] of this.#members.entries()) {
      for (const { key, from } of this.#readsOf(member)) callback(number, key, from);
    }
  }

  /** Calls `callback` with each read and each writer of its key but the reader and its version's. */
  #forEachOtherWriter(
    callback: (reader: number, key: number, from: number, other: number) => void,
  ): void {
    const writersByKey = this.#writersByKey();
    this.#forEachRead((reader, key, from) => {
      for (const other of writersByKey.get(key) ?? []) {
        if (other !== reader && other !== from) callback(reader, key, from, other);
      }
    });
  }

  #writersByKey(): Map<number, number[]> {
    const { writeStart, writeKey } = this.#history;
    const writersByKey = new Map<number, number[]>();
    for (const [number, member] of this.#members.entries()) {
      const end = writeStart[member + 1] as number;
      for (let write = writeStart[member] as number; write < end; write++) {
        const key = writeKey[write] as number;
        const writers = writersByKey.get(key);
        if (writers === undefined) writersByKey.set(key, [number]);
        else writers.push(number);
      }
    }
    return writersByKey;
  }
}

/** Returns edges whose transitive closure is the real-time order of the members' numbers. */
function realtimeOrder(history: ExternalHistory, members: readonly number[]): EdgeList {
  const events = members.flatMap((member, number) => {
    const completed = history.completedAt[member] as number;
    const invocation = { at: history.invokedAt[member] as number, event: number * 2 };
    return completed === NEVER
      ? [invocation]
      : [invocation, { at: completed, event: number * 2 + 1 }];
  }).sort((a, b) => a.at - b.at);
  const edges = new EdgeList();
  addRealtimeOrder({
    count: members.length,
    events: Int32Array.from(events, ({ event }) => event),
    outcome: Uint8Array.from(
      members,
      (member) => history.completedAt[member] === NEVER ? INDETERMINATE : 0,
    ),
  }, edges);
  return edges;
}
