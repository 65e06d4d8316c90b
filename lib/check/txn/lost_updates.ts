/**
 * Lost updates: two or more committed transactions read the same version of a key and then wrote
 * the key. In every order of these writes, one overwrites another that its transaction did not
 * observe. The detection requires no version order, so it also works where no cycle can be
 * inferred.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import type { AnomalyLog, Evidence } from "./anomaly_log.ts";
import { completionIndex } from "./cycle_explanation.ts";
import { COMMITTED, type Transactions } from "./transactions.ts";

/** A write of a key by a transaction that read the key before. */
interface Update {
  readonly transaction: number;
  /** The transaction's first micro-operation that read the key. */
  readonly read: number;
}

/**
 * Records each group of transactions that read the same version of a key and then wrote the key.
 * `versionOf` returns a value that identifies the version that a micro-operation read.
 */
export function recordLostUpdates(
  transactions: Transactions,
  versionOf: (micro: number) => unknown,
  log: AnomalyLog,
): void {
  const byVersion = transactions.keys.map(() => new Map<unknown, Update[]>());
  forEachUpdate(transactions, (key, update) => {
    const groups = byVersion[key] as Map<unknown, Update[]>;
    const version = versionOf(update.read);
    const group = groups.get(version);
    if (group === undefined) groups.set(version, [update]);
    else group.push(update);
  });
  byVersion.forEach((groups, key) => {
    for (const group of groups.values()) {
      if (group.length > 1) {
        log.record("lost-update", () => lostUpdateEvidence(transactions, key, group));
      }
    }
  });
}

function forEachUpdate(
  transactions: Transactions,
  callback: (key: number, update: Update) => void,
): void {
  const { count, outcome, start, isRead, key, keys } = transactions;
  // Per key: its first read in the current transaction, or −1 if the transaction wrote it since.
  const firstRead = new Int32Array(keys.length);
  const readBy = new Int32Array(keys.length).fill(-1);
  for (let transaction = 0; transaction < count; transaction++) {
    if (outcome[transaction] !== COMMITTED) continue;
    const end = start[transaction + 1] as number;
    for (let micro = start[transaction] as number; micro < end; micro++) {
      const keyIndex = key[micro] as number;
      const wasRead = readBy[keyIndex] === transaction;
      if (isRead[micro] === 1) {
        if (wasRead) continue;
        readBy[keyIndex] = transaction;
        firstRead[keyIndex] = micro;
      } else if (wasRead && (firstRead[keyIndex] as number) >= 0) {
        callback(keyIndex, { transaction, read: firstRead[keyIndex] as number });
        firstRead[keyIndex] = -1;
      }
    }
  }
}

function lostUpdateEvidence(
  transactions: Transactions,
  key: number,
  updates: readonly Update[],
): Evidence {
  const keyValue = transactions.keys[key];
  const value = transactions.value[(updates[0] as Update).read];
  const operations = updates.map(({ transaction }) => completionIndex(transactions, transaction));
  return {
    key: keyValue,
    value,
    operations,
    message: `operations ${describeValue(operations)} all read key ${describeValue(keyValue)} as ` +
      `${describeValue(value)} and then wrote it: at most one of these updates is not lost`,
  };
}
