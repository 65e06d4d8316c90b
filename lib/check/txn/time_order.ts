/**
 * Process order and real-time order: edges that follow from the times of transactions rather than
 * from the versions that they read and wrote.
 *
 * @module
 */

import type { EdgeList } from "./dependency_graph.ts";
import { PROCESS, REALTIME } from "./relations.ts";
import { COMMITTED, type Transactions } from "./transactions.ts";

/** Adds an edge from each committed transaction to the next committed one of the same process. */
export function addProcessOrder(transactions: Transactions, edges: EdgeList): void {
  const last = new Map<unknown, number>();
  for (const [transaction, { process }] of transactions.operations.entries()) {
    if (transactions.outcome[transaction] !== COMMITTED) continue;
    const before = last.get(process);
    if (before !== undefined) edges.add(before, transaction, PROCESS);
    last.set(process, transaction);
  }
}

/**
 * Adds edges whose transitive closure is the real-time order; all edges of this order would be
 * quadratic in number. A transaction enters a buffer when it commits. When a transaction is
 * invoked, it gets an edge from each transaction in the buffer. When it commits, these leave the
 * buffer: their edges to later transactions are implied. The buffer is never larger than the number
 * of processes.
 */
export function addRealtimeOrder(
  transactions: Pick<Transactions, "count" | "events" | "outcome">,
  edges: EdgeList,
): void {
  const firstEdge = new Int32Array(transactions.count);
  const edgeCount = new Int32Array(transactions.count);
  const isBuffered = new Uint8Array(transactions.count);
  let buffer: number[] = [];
  for (const event of transactions.events) {
    const transaction = event >> 1;
    if ((event & 1) === 0) {
      firstEdge[transaction] = edges.count;
      edgeCount[transaction] = buffer.length;
      for (const before of buffer) edges.add(before, transaction, REALTIME);
    } else if (transactions.outcome[transaction] === COMMITTED) {
      const first = firstEdge[transaction] as number;
      const end = first + (edgeCount[transaction] as number);
      for (let edge = first; edge < end; edge++) isBuffered[edges.from(edge)] = 0;
      buffer = buffer.filter((committed) => isBuffered[committed] === 1);
      isBuffered[transaction] = 1;
      buffer.push(transaction);
    }
  }
}
