/**
 * Anomalies of registers that need no graph: they show in one read or one transaction.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import type { AnomalyLog } from "./anomaly_log.ts";
import { completionIndex, describeTransaction } from "./cycle_explanation.ts";
import type { RegisterVersions } from "./register_versions.ts";
import { COMMITTED, equalityKey, type Transactions } from "./transactions.ts";

/**
 * Notes what single reads of committed transactions show: values of aborted transactions (G1a),
 * values that their transaction overwrote itself (G1b), values that nobody wrote.
 */
export function recordReadAnomalies(
  transactions: Transactions,
  versions: RegisterVersions,
  log: AnomalyLog,
): void {
  versions.forEachRead((_micro, version, transaction) => {
    const note = (type: string, what: string, writer?: number) =>
      log.record(type, () => {
        const operation = completionIndex(transactions, transaction);
        const key = transactions.keys[versions.keyOf(version)];
        const value = versions.valueOf(version);
        const whose = writer === undefined ? "" : describeTransaction(transactions, writer);
        return {
          operation,
          key,
          value,
          ...(writer === undefined ? {} : { writer: completionIndex(transactions, writer) }),
          message: `operation ${operation} read key ${describeValue(key)} as ` +
            `${describeValue(value)}, ${what}${whose}`,
        };
      });
    const aborted = versions.abortedWriter[version] as number;
    if (aborted >= 0) note("G1a", "written by the aborted ", aborted);
    const overwriter = versions.intermediateWriter[version] as number;
    if (overwriter >= 0 && overwriter !== transaction) {
      note("G1b", "which was only an intermediate state of ", overwriter);
    }
    if (versions.isWritten[version] !== 1) note("phantom-read", "which nobody wrote");
  });
}

/** Notes reads that contradict earlier steps of their own transaction; one a transaction. */
export function recordInternalAnomalies(transactions: Transactions, log: AnomalyLog): void {
  const { count, outcome, start, isRead, key, keys, value } = transactions;
  const usedBy = new Int32Array(keys.length).fill(-1);
  const lastUse = new Int32Array(keys.length);
  for (let transaction = 0; transaction < count; transaction++) {
    if (outcome[transaction] !== COMMITTED) continue;
    const end = start[transaction + 1] as number;
    for (let micro = start[transaction] as number; micro < end; micro++) {
      const keyNumber = key[micro] as number;
      const known = usedBy[keyNumber] === transaction
        ? value[lastUse[keyNumber] as number] ?? null
        : null;
      usedBy[keyNumber] = transaction;
      lastUse[keyNumber] = micro;
      // Elle holds nothing against a read that follows one of the initial state.
      if (isRead[micro] !== 1 || known === null) continue;
      if (equalityKey(value[micro] ?? null) === equalityKey(known)) continue;
      log.record("internal", () => {
        const operation = completionIndex(transactions, transaction);
        const read = { key: keys[keyNumber], value: value[micro] };
        return {
          operation,
          ...read,
          expected: known,
          message: `operation ${operation} read key ${describeValue(read.key)} as ` +
            `${describeValue(read.value)}, though it had just read or written ` +
            describeValue(known),
        };
      });
      break;
    }
  }
}
