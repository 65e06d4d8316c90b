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
  versions.forEachRead((micro, version, transaction) => {
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
    const isOwn = versions.externalWriter[version] === transaction || writer === transaction;
    if (isOwn && isWrittenLater(transactions, versions, micro, transaction)) {
      record("future-read", "which the transaction wrote later");
    }
  });
}

/** Returns whether a transaction writes the version that it read first, and not before the read. */
function isWrittenLater(
  { start, isRead }: Transactions,
  versions: RegisterVersions,
  read: number,
  transaction: number,
): boolean {
  const version = versions.versionOf(read);
  const writes = (micro: number) => isRead[micro] === 0 && versions.versionOf(micro) === version;
  for (let micro = start[transaction] as number; micro < read; micro++) {
    if (writes(micro)) return false;
  }
  const end = start[transaction + 1] as number;
  for (let micro = read + 1; micro < end; micro++) if (writes(micro)) return true;
  return false;
}

/**
 * Records the first read of each transaction that contradicts its previous read or write. Elle
 * accepts any read after a read of the initial version; such a case is an `internal-after-null`.
 */
export function recordInternalAnomalies(transactions: Transactions, log: AnomalyLog): void {
  const { count, outcome, start, isRead, key, keys, value } = transactions;
  const usedBy = new Int32Array(keys.length).fill(-1);
  const lastUse = new Int32Array(keys.length);
  for (let transaction = 0; transaction < count; transaction++) {
    if (outcome[transaction] !== COMMITTED) continue;
    const end = start[transaction + 1] as number;
    for (let micro = start[transaction] as number; micro < end; micro++) {
      const keyIndex = key[micro] as number;
      const isRepeated = usedBy[keyIndex] === transaction;
      const expected = value[lastUse[keyIndex] as number] ?? null;
      usedBy[keyIndex] = transaction;
      lastUse[keyIndex] = micro;
      if (!isRepeated || isRead[micro] !== 1) continue;
      const read = value[micro] ?? null;
      if (read === expected || equalityKey(read) === equalityKey(expected)) continue;
      const type = expected === null ? "internal-after-null" : "internal";
      log.record(type, () => {
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
      if (type === "internal") break;
    }
  }
}
