/**
 * The anomalies of registers that are detected without a dependency graph, in a single read or a
 * single transaction.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import type { AnomalyLog } from "./anomaly_log.ts";
import { completionIndex, describeTransaction } from "./cycle_explanation.ts";
import type { RegisterVersions } from "./register_versions.ts";
import { COMMITTED, equalityKey, type Transactions } from "./transactions.ts";

/**
 * Records the anomalies of single reads by committed transactions: aborted reads (G1a),
 * intermediate reads (G1b), and reads of values that no transaction wrote (phantom-read).
 */
export function recordReadAnomalies(
  transactions: Transactions,
  versions: RegisterVersions,
  log: AnomalyLog,
): void {
  versions.forEachRead((_micro, version, transaction) => {
    const record = (type: string, finding: string, writer?: number) =>
      log.record(type, () => {
        const operation = completionIndex(transactions, transaction);
        const key = transactions.keys[versions.keyOf(version)];
        const value = versions.valueOf(version);
        const writerText = writer === undefined ? "" : describeTransaction(transactions, writer);
        return {
          operation,
          key,
          value,
          ...(writer === undefined ? {} : { writer: completionIndex(transactions, writer) }),
          message: `operation ${operation} read key ${describeValue(key)} as ` +
            `${describeValue(value)}, ${finding}${writerText}`,
        };
      });
    const aborted = versions.abortedWriter[version] as number;
    if (aborted >= 0) record("G1a", "which was written by the aborted ", aborted);
    const writer = versions.intermediateWriter[version] as number;
    if (writer >= 0 && writer !== transaction) {
      record("G1b", "an intermediate version of ", writer);
    }
    if (versions.isWritten[version] !== 1) record("phantom-read", "which no transaction wrote");
  });
}

/** Records the first read of each transaction that contradicts its previous read or write. */
export function recordInternalAnomalies(transactions: Transactions, log: AnomalyLog): void {
  const { count, outcome, start, isRead, key, keys, value } = transactions;
  const usedBy = new Int32Array(keys.length).fill(-1);
  const lastUse = new Int32Array(keys.length);
  for (let transaction = 0; transaction < count; transaction++) {
    if (outcome[transaction] !== COMMITTED) continue;
    const end = start[transaction + 1] as number;
    for (let micro = start[transaction] as number; micro < end; micro++) {
      const keyIndex = key[micro] as number;
      const expected = usedBy[keyIndex] === transaction
        ? value[lastUse[keyIndex] as number] ?? null
        : null;
      usedBy[keyIndex] = transaction;
      lastUse[keyIndex] = micro;
      // Elle accepts any read after a read of the initial version.
      if (isRead[micro] !== 1 || expected === null) continue;
      if (equalityKey(value[micro] ?? null) === equalityKey(expected)) continue;
      log.record("internal", () => {
        const operation = completionIndex(transactions, transaction);
        const read = { key: keys[keyIndex], value: value[micro] };
        return {
          operation,
          ...read,
          expected,
          message: `operation ${operation} read key ${describeValue(read.key)} as ` +
            `${describeValue(read.value)}; the transaction's previous micro-operation on this ` +
            `key implies ${describeValue(expected)}`,
        };
      });
      break;
    }
  }
}
