/**
 * The orders that come from when transactions ran rather than from what they read and wrote.
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
 * Adds edges from transactions that committed to those that began later: not all of these (that
 * would be quadratic), but enough that the others follow. A committed transaction waits in a buffer
 * and gets an edge to each one that begins, until one of those commits: from then on every new one
 * follows that one, and so the earlier one too. The buffer is never larger than the number of
 * processes.
 */
export function addRealtimeOrder(
  transactions: Pick<Transactions, "count" | "events" | "outcome">,
  edges: EdgeList,
): void {
  const firstEdge = new Int32Array(transactions.count);
  const edgeCount = new Int32Array(transactions.count);
  const waits = new Uint8Array(transactions.count);
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
      for (let edge = first; edge < end; edge++) waits[edges.from(edge)] = 0;
      buffer = buffer.filter((waiting) => waits[waiting] === 1);
      waits[transaction] = 1;
      buffer.push(transaction);
    }
  }
}
