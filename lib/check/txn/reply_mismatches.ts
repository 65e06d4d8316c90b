/**
 * Compares each transaction's reply with its request. A reply must repeat the micro-operations of the
 * request in their order, with the same keys and the same written values; only the values of reads
 * are the node's. Maelstrom and Elle examine the reply alone, so an empty reply passes there.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { describeValue } from "../explanation.ts";
import type { AnomalyLog } from "./anomaly_log.ts";
import { COMMITTED, equalityKey, type Transactions } from "./transactions.ts";

/** Records the committed transactions whose reply does not match their request. */
export function recordReplyMismatches(transactions: Transactions, log: AnomalyLog): void {
  const { count, outcome, operations, invocations } = transactions;
  for (let transaction = 0; transaction < count; transaction++) {
    if (outcome[transaction] !== COMMITTED) continue;
    const reply = operations[transaction] as Operation;
    const request = (invocations[transaction] as Operation).value;
    const problem = mismatch(request, reply.value as readonly (readonly unknown[])[]);
    if (problem === undefined) continue;
    log.record("reply-mismatch", () => ({
      operation: reply.index,
      request,
      reply: reply.value,
      message: `operation ${reply.index} answers another transaction than was requested: ` +
        `${problem}; requested ${describeValue(request)}, replied ${describeValue(reply.value)}`,
    }));
  }
}

/** Describes the first difference; undefined if the reply matches or the request is unknown. */
function mismatch(
  request: unknown,
  reply: readonly (readonly unknown[])[],
): string | undefined {
  if (!Array.isArray(request)) return undefined;
  for (let at = 0; at < request.length; at++) {
    const requested: unknown = request[at];
    const replied = reply[at];
    if (replied === undefined || !Array.isArray(requested) || isAnswer(requested, replied)) {
      continue;
    }
    return `micro-operation ${at + 1} is ${describeValue(replied)}, expected ` +
      (requested[0] === "r"
        ? `["r", ${describeValue(requested[1])}, …]`
        : describeValue(requested));
  }
  if (reply.length === request.length) return undefined;
  return `it has ${reply.length} micro-operations, expected ${request.length}`;
}

function isAnswer(requested: readonly unknown[], replied: readonly unknown[]): boolean {
  return requested[0] === replied[0] && isSame(requested[1], replied[1]) &&
    (requested[0] === "r" || isSame(requested[2], replied[2]));
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || equalityKey(a) === equalityKey(b);
}
