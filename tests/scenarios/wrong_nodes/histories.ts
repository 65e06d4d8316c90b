/**
 * Histories with an anomaly that a checker must find, and one that takes long to decide.
 *
 * @module
 */

import {
  checkLinearizableRegisters,
  checkListAppend,
  checkRwRegister,
  type Verdict,
} from "../../../lib/check/mod.ts";
import type { History, Operation } from "../../../lib/history/mod.ts";
import { parseHistory, parseTransactions } from "../../../lib/testing/mod.ts";

/** A history and its check. */
export interface JudgedHistory {
  readonly name: string;
  /** The history in words or in the notation of `lib/testing`. */
  readonly text: string;
  readonly check: () => Verdict;
  /** The expected verdict; invalid by default. */
  readonly valid?: boolean;
}

const STRICTEST = { consistencyModels: ["strict-serializable"] };

function transactions(name: string, kind: "append" | "w", text: string): JudgedHistory {
  const check = kind === "append" ? checkListAppend : checkRwRegister;
  return { name, text, check: () => check(parseTransactions(text, kind), STRICTEST) };
}

/** A register with `writes` crashed writes, whose values are read one after the other. */
function crashedWrites(writes: number): History {
  const history: Operation[] = [];
  const add = (process: number, type: Operation["type"], f: string, value: number | null) =>
    history.push({
      index: history.length,
      time: history.length,
      process,
      type,
      f,
      value: [0, value],
    });
  for (let write = 0; write < writes; write++) add(write, "invoke", "write", write);
  for (let write = 0; write < writes; write++) add(write, "info", "write", write);
  for (let write = writes - 1; write >= 0; write--) {
    add(writes, "invoke", "read", null);
    add(writes, "ok", "read", write);
  }
  return history;
}

const keyed = (text: string): History =>
  parseHistory(text).map((operation) => ({ ...operation, value: [0, operation.value ?? null] }));

/** A compare-and-set that fails with an error after a write of the value that it expects. */
function failedCas(error: string): History {
  return keyed("0 write 1; 0 ok 1; 1 cas [1, 2]; 1 fail [1, 2]").map((operation) =>
    operation.type === "fail" ? { ...operation, error: [error, "no"] } : operation
  );
}

/** The histories. */
export const HISTORIES: readonly JudgedHistory[] = [
  transactions("null, then a value, in one transaction", "append", "ax1 | rx_ rx1"),
  transactions("null, then a value, in one transaction", "w", "wx1 | rx_ rx1"),
  transactions("half of a transaction", "append", "ax1 ay1 | rx1 ry_"),
  transactions("halves of two transactions", "w", "wx1 wy1 | wx2 wy2 | rx1 ry2"),
  transactions("an effect without its cause", "append", "ax1 ; rx1 ax2 ; rx12 ay1 ; ry1 rx1"),
  transactions("an effect without its cause", "w", "rx_ wx1 ; rx1 wy1 ; ry1 rx_"),
  transactions("write skew", "w", "wx1 wy1 ; rx1 wy2 | ry1 wx2"),
  {
    name: "null after an acknowledged write",
    text: "write 1; read null",
    check: () => checkLinearizableRegisters(keyed("0 write 1; 0 ok 1; 1 read; 1 ok")),
  },
  {
    name: "no such key after an acknowledged write",
    text: "write 1; read fails with error 20",
    check: () =>
      checkLinearizableRegisters(
        keyed("0 write 1; 0 ok 1; 1 read; 1 fail").map((operation) =>
          operation.type === "fail"
            ? { ...operation, error: ["key-does-not-exist", "no such key"] }
            : operation
        ),
      ),
  },
  {
    name: "a compare-and-set that fails although it finds its value",
    text: "write 1; cas 1 2 fails with error 22",
    check: () => checkLinearizableRegisters(failedCas("precondition-failed")),
  },
  {
    name: "a compare-and-set that finds no such key after an acknowledged write",
    text: "write 1; cas 1 2 fails with error 20",
    check: () => checkLinearizableRegisters(failedCas("key-does-not-exist")),
  },
  {
    name: "100 crashed writes, read in reverse order",
    text: "100 writes of distinct values without a reply, then 100 reads",
    check: () => checkLinearizableRegisters(crashedWrites(100)),
    valid: true,
  },
];
