/**
 * Lost updates: several committed transactions read the same version of a key and went on to write
 * the key. Whatever the order of their writes, one of them was made in ignorance of another. This
 * needs no order of versions, so it is found where no cycle can be inferred.
 *
 * @module
 */

import { describeValue } from "../explanation.ts";
import type { AnomalyLog, Evidence } from "./anomaly_log.ts";
import { completionIndex } from "./cycle_explanation.ts";
import { COMMITTED, type Transactions } from "./transactions.ts";

/** A transaction that wrote a key after reading it. */
interface Update {
  readonly transaction: number;
  /** The micro-operation that read the key first. */
  readonly read: number;
}

/**
 * Notes all groups of transactions that wrote a key after they read the same version of it.
 * `versionOf` tells the versions of a key apart, given the micro-operation that read it.
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
  /** Of each key: its first read in the transaction at hand, or −1 when it was written since. */
  const firstRead = new Int32Array(keys.length);
  const readBy = new Int32Array(keys.length).fill(-1);
  for (let transaction = 0; transaction < count; transaction++) {
    if (outcome[transaction] !== COMMITTED) continue;
    const end = start[transaction + 1] as number;
    for (let micro = start[transaction] as number; micro < end; micro++) {
      const keyNumber = key[micro] as number;
      const wasRead = readBy[keyNumber] === transaction;
      if (isRead[micro] === 1) {
        if (wasRead) continue;
        readBy[keyNumber] = transaction;
        firstRead[keyNumber] = micro;
      } else if (wasRead && (firstRead[keyNumber] as number) >= 0) {
        callback(keyNumber, { transaction, read: firstRead[keyNumber] as number });
        firstRead[keyNumber] = -1;
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
      `${describeValue(value)} and then wrote it: all these updates but one are lost`,
  };
}
