/**
 * Small histories of logs, good and bad, one or more for each anomaly, in the notation of
 * `log_notation.ts`.
 *
 * @module
 */

import type { KafkaOptions } from "../../../lib/check/kafka/mod.ts";

/** A history and what is wrong with it. */
export interface AnomalyRow {
  readonly name: string;
  readonly history: string;
  /** The types of errors, with the number of cases where it is not 1; empty: valid. */
  readonly errors: Readonly<Record<string, number>>;
  readonly valid?: boolean;
  readonly options?: KafkaOptions;
}

/**
 * Everything sent is polled too, where not seeing it is not the point, so that nothing else is
 * wrong.
 */
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
    name: "offsets far apart, with nothing in between",
    history: `
      0 send k:1@0
      0 send k:2@9007199254740991
      1 poll k:1@0 k:2@9007199254740991`,
    errors: {},
  },
  {
    name: "a send that failed and was never seen, one of unknown outcome that was",
    history: `
      0 send k:1@0
      0 send k:2 !
      0 send k:3 ?
      1 poll k:1@0 k:3@1`,
    errors: {},
  },
  {
    name: "a poll that starts over after an assignment that gave the key up",
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
    name: "G1a: a message whose send failed",
    history: `
      0 send k:1 !
      0 send k:2@1
      1 poll k:1@0 k:2@1`,
    errors: { G1a: 1 },
  },
  {
    name: "lost-write: a message before one that was polled never is",
    history: `
      0 send k:1@0
      0 send k:2@1
      1 poll k:2@1`,
    errors: { "lost-write": 1, unseen: 1 },
  },
  {
    name: "precommitted-read: a transaction polls what it sends",
    history: "0 txn send k:1@0 poll k:1@0",
    errors: { "precommitted-read": 1, "empty-transaction-graph": 1 },
  },
  {
    name: "int-poll-skip: a poll leaves a message out",
    history: `
      0 send k:1@0
      0 send k:2@1
      0 send k:3@2
      1 poll k:1@0 k:3@2
      2 poll k:2@1`,
    errors: { "int-poll-skip": 1 },
  },
  {
    name: "poll-skip: the next poll leaves messages out",
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
    name: "no poll-skip across an empty list: it is not known where the process is",
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
    name: "no poll-skip after an assignment that failed, for a key that it would have kept",
    history: `
      0 send k:1@0
      0 send k:2@1
      1 poll k:1@0
      1 assign j !
      1 poll k:2@1`,
    errors: {},
  },
  {
    name: "int-nonmonotonic-poll: a poll goes back",
    history: `
      0 send k:1@0
      0 send k:2@1
      1 poll k:2@1 k:1@0`,
    errors: { "int-nonmonotonic-poll": 1 },
  },
  {
    name: "nonmonotonic-poll: the next poll starts over",
    history: `
      0 send k:1@0
      0 send k:2@1
      1 poll k:1@0 k:2@1
      1 poll k:2@1`,
    errors: { "nonmonotonic-poll": 1 },
  },
  {
    name: "nonmonotonic-poll: even after an assignment, of the same key",
    history: `
      0 send k:1@0
      1 poll k:1@0
      1 assign k
      1 poll k:1@0`,
    errors: { "nonmonotonic-poll": 1 },
  },
  {
    name: "nonmonotonic-send: a later send stands before an earlier one",
    history: `
      0 send k:1@5
      0 send k:2@3
      1 poll k:2@3 k:1@5`,
    errors: { "nonmonotonic-send": 1 },
  },
  {
    name: "nonmonotonic-send: also with a send of unknown outcome",
    history: `
      0 send k:1@5
      0 send k:2 ?
      1 poll k:2@3 k:1@5`,
    errors: { "nonmonotonic-send": 1 },
  },
  {
    name: "int-nonmonotonic-send: a transaction's sends stand the other way round",
    history: `
      0 txn send k:1@1 send k:2@0
      1 poll k:2@0 k:1@1`,
    errors: { "int-nonmonotonic-send": 1 },
  },
  {
    name: "int-send-skip: another send stands between those of a transaction, which is allowed",
    history: `
      0 begin txn send k:1 send k:2
      1 send k:3@1
      0 end txn send k:1@0 send k:2@2
      1 poll k:1@0 k:3@1 k:2@2`,
    errors: { "int-send-skip": 1 },
    valid: true,
  },
  {
    name: "unseen: acknowledged and never polled",
    history: `
      0 send k:1@0
      0 send k:2@1
      1 poll k:1@0`,
    errors: { unseen: 1 },
  },
  {
    name:
      "unseen, to Maelstrom: a history that ends with the first poll of a key never acknowledged",
    history: `
      0 send j:1@0
      0 send k:1 ?
      1 poll j:1@0
      1 poll k:1@0`,
    errors: { unseen: 1 },
  },
  {
    name: "the same history, gone on with",
    history: `
      0 send j:1@0
      0 send k:1 ?
      1 poll j:1@0
      1 poll k:1@0
      1 poll`,
    errors: {},
  },
  {
    name: "phantom-poll: a message that nobody sent",
    history: `
      0 send k:1@0
      1 poll k:1@0 k:2@1`,
    errors: { "phantom-poll": 1 },
  },
  {
    name: "a message of a send that never came back is no phantom",
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
    name: "G1c is allowed where sends are ordered by their offsets",
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
    name: "G0: two transactions each send before the other, which is allowed",
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
    name: "G0-realtime: a later send stands before an earlier one of another process",
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
  { name: "no operations at all", history: "", errors: {} },
];
