/**
 * Small histories of logs, valid and invalid, at least one for each anomaly, in the notation of
 * `log_notation.ts`.
 *
 * @module
 */

import type { KafkaOptions } from "../../../lib/check/kafka/mod.ts";

/** A history and its anomalies. */
export interface AnomalyRow {
  readonly name: string;
  readonly history: string;
  /** The number of cases of each type of error. */
  readonly errors: Readonly<Record<string, number>>;
  readonly valid?: boolean;
  readonly options?: KafkaOptions;
}

/** The rows. Every message is polled, unless it must be unseen, so that no other anomaly occurs. */
export const anomalyTable: readonly AnomalyRow[] = [
  {
    name: "sends and polls in order",
    history: `
      0 send k:1@0
      0 send k:2@1
      1 poll k:1@0
      1 poll k:2@1`,
    errors: {},
  },
  {
    name: "sparse offsets",
    history: `
      0 send k:1@0
      0 send k:2@9007199254740991
      1 poll k:1@0 k:2@9007199254740991`,
    errors: {},
  },
  {
    name: "a failed send that is never polled, and an indeterminate send that is",
    history: `
      0 send k:1@0
      0 send k:2 !
      0 send k:3 ?
      1 poll k:1@0 k:3@1`,
    errors: {},
  },
  {
    name: "a poll that restarts after an assignment without the key",
    history: `
      0 send k:1@0
      0 send k:2@1
      1 poll k:1@0 k:2@1
      1 assign j
      1 assign k
      1 poll k:1@0 k:2@1`,
    errors: {},
  },
  {
    name: "duplicate: a message at two offsets",
    history: `
      0 send k:1@0
      1 poll k:1@0
      2 poll k:1@1`,
    errors: { duplicate: 1 },
  },
  {
    name: "inconsistent-offsets: two messages at one offset",
    history: `
      0 send k:1@0
      0 send k:2@0
      1 poll k:1@0
      2 poll k:2@0`,
    errors: { "inconsistent-offsets": 1 },
  },
  {
    name: "G1a: a poll of a message whose send failed",
    history: `
      0 send k:1 !
      0 send k:2@1
      1 poll k:1@0 k:2@1`,
    errors: { G1a: 1 },
  },
  {
    name: "lost-write: a message is never polled, but a later one is",
    history: `
      0 send k:1@0
      0 send k:2@1
      1 poll k:2@1`,
    errors: { "lost-write": 1, unseen: 1 },
  },
  {
    name: "precommitted-read: a transaction polls its own send",
    history: "0 txn send k:1@0 poll k:1@0",
    errors: { "precommitted-read": 1, "empty-transaction-graph": 1 },
  },
  {
    name: "int-poll-skip: a poll skips a message",
    history: `
      0 send k:1@0
      0 send k:2@1
      0 send k:3@2
      1 poll k:1@0 k:3@2
      2 poll k:2@1`,
    errors: { "int-poll-skip": 1 },
  },
  {
    name: "poll-skip: the next poll skips a message",
    history: `
      0 send k:1@0
      0 send k:2@1
      0 send k:3@2
      1 poll k:1@0
      1 poll k:3@2
      2 poll k:2@1`,
    errors: { "poll-skip": 1 },
  },
  {
    name: "no poll-skip after an empty list: the position is unknown",
    history: `
      0 send k:1@0
      0 send k:2@1
      0 send k:3@2
      1 poll k:1@0
      1 poll k:
      1 poll k:3@2
      2 poll k:2@1`,
    errors: {},
  },
  {
    name: "no poll-skip after a failed assignment: the position is kept",
    history: `
      0 send k:1@0
      0 send k:2@1
      1 poll k:1@0
      1 assign j !
      1 poll k:2@1`,
    errors: {},
  },
  {
    name: "int-nonmonotonic-poll: a poll returns messages in reverse",
    history: `
      0 send k:1@0
      0 send k:2@1
      1 poll k:2@1 k:1@0`,
    errors: { "int-nonmonotonic-poll": 1 },
  },
  {
    name: "nonmonotonic-poll: the next poll repeats a message",
    history: `
      0 send k:1@0
      0 send k:2@1
      1 poll k:1@0 k:2@1
      1 poll k:2@1`,
    errors: { "nonmonotonic-poll": 1 },
  },
  {
    name: "nonmonotonic-poll: after an assignment of the same key",
    history: `
      0 send k:1@0
      1 poll k:1@0
      1 assign k
      1 poll k:1@0`,
    errors: { "nonmonotonic-poll": 1 },
  },
  {
    name: "nonmonotonic-send: a later send has a lower offset",
    history: `
      0 send k:1@5
      0 send k:2@3
      1 poll k:2@3 k:1@5`,
    errors: { "nonmonotonic-send": 1 },
  },
  {
    name: "nonmonotonic-send: a later indeterminate send has a lower offset",
    history: `
      0 send k:1@5
      0 send k:2 ?
      1 poll k:2@3 k:1@5`,
    errors: { "nonmonotonic-send": 1 },
  },
  {
    name: "int-nonmonotonic-send: a transaction's second send has a lower offset",
    history: `
      0 txn send k:1@1 send k:2@0
      1 poll k:2@0 k:1@1`,
    errors: { "int-nonmonotonic-send": 1 },
  },
  {
    name: "int-send-skip: another send is between those of a transaction, which is allowed",
    history: `
      0 begin txn send k:1 send k:2
      1 send k:3@1
      0 end txn send k:1@0 send k:2@2
      1 poll k:1@0 k:3@1 k:2@2`,
    errors: { "int-send-skip": 1 },
    valid: true,
  },
  {
    name: "unseen: a message is acknowledged but never polled",
    history: `
      0 send k:1@0
      0 send k:2@1
      1 poll k:1@0`,
    errors: { unseen: 1 },
  },
  {
    name:
      "unseen, as Maelstrom counts: the history ends with a poll of a key without acknowledged sends",
    history: `
      0 send j:1@0
      0 send k:1 ?
      1 poll j:1@0
      1 poll k:1@0`,
    errors: { unseen: 1 },
  },
  {
    name: "the same history with a further poll",
    history: `
      0 send j:1@0
      0 send k:1 ?
      1 poll j:1@0
      1 poll k:1@0
      1 poll`,
    errors: {},
  },
  {
    name: "phantom-poll: a message that was never sent",
    history: `
      0 send k:1@0
      1 poll k:1@0 k:2@1`,
    errors: { "phantom-poll": 1 },
  },
  {
    name: "a message of a send without a completion is not a phantom",
    history: `
      0 begin send k:1
      1 send k:2@1
      1 poll k:1@0 k:2@1`,
    errors: {},
  },
  {
    name: "G1c-realtime: a message polled before its send was invoked",
    history: `
      1 poll k:1@0
      0 send k:1@0`,
    errors: { "G1c-realtime": 1, "strong-PL-2-cycle-exists": 1 },
  },
  {
    name: "G1c: two transactions poll each other's messages",
    history: `
      0 begin txn send k:1 poll
      1 begin txn send j:2 poll
      0 end txn send k:1@0 poll j:2@0
      1 end txn send j:2@0 poll k:1@0`,
    errors: { G1c: 1, "PL-2-cycle-exists": 1 },
  },
  {
    name: "G1c is allowed with write dependencies",
    history: `
      0 begin txn send k:1 poll
      1 begin txn send j:2 poll
      0 end txn send k:1@0 poll j:2@0
      1 end txn send j:2@0 poll k:1@0`,
    errors: { G1c: 1, "PL-2-cycle-exists": 1 },
    valid: true,
    options: { writeDependencies: true },
  },
  {
    name: "G0: of two transactions, each sends before the other, which is allowed",
    history: `
      0 begin txn send k:1 send j:1
      1 begin txn send k:2 send j:2
      0 end txn send k:1@0 send j:1@1
      1 end txn send k:2@1 send j:2@0
      2 poll k:1@0 k:2@1 j:2@0 j:1@1`,
    errors: { G0: 1, "PL-1-cycle-exists": 1 },
    valid: true,
    options: { writeDependencies: true },
  },
  {
    name: "G0-realtime: a later send has a lower offset than another process's, which is allowed",
    history: `
      0 send k:1@1
      1 send k:2@0
      2 poll k:2@0 k:1@1`,
    errors: { "G0-realtime": 1, "strong-PL-1-cycle-exists": 1 },
    valid: true,
    options: { writeDependencies: true },
  },
  {
    name: "empty-transaction-graph: nothing was acknowledged",
    history: `
      0 send k:1 !
      1 poll !`,
    errors: { "empty-transaction-graph": 1 },
  },
  { name: "an empty history", history: "", errors: {} },
];
