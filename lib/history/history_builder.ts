/**
 * Builds a history from the records of a file, one a line, and validates it. Rejected are histories
 * that no run can produce: with a missing field or one of the wrong type, a missing operation, a
 * completion without an invocation, or a process with two pending operations.
 *
 * Invariant: in the history that `finish` returns, `operation.index` is the operation's position,
 * and every client completion follows its invocation.
 *
 * @module
 */

import { isJsonObject, stringifyJson } from "../base/mod.ts";
import { CompactOperations, sharedValueOf } from "./compact_operations.ts";
import type { Beginning } from "./continuations.ts";
import { MalformedHistoryError } from "./malformed_history.ts";
import { MissingFields } from "./missing_fields.ts";
import { type History, NEMESIS, type Operation, type OperationType } from "./operation.ts";
import { SharedPairs } from "./shared_pairs.ts";

const OPERATION_TYPES: readonly string[] = ["invoke", "ok", "fail", "info"];
const REQUIRED_FIELDS = ["index", "time", "type", "process", "f", "value"] as const;
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  "index",
  "time",
  "type",
  "process",
  "f",
  "value",
  "error",
  "final?",
  "exception",
]);

/** Functions of operations on logs. */
const LOG_FUNCTIONS: ReadonlySet<string> = new Set(["send", "poll", "txn"]);

/** What a process has done last. */
interface ProcessState {
  /** Its invocation without a completion. */
  pending: Operation | undefined;
  /** Its indeterminate completion, which is its last operation. */
  crashed: Operation | undefined;
}

/** Collects operations and validates their order. */
export class HistoryBuilder {
  readonly #file: string;
  readonly #unit: MalformedHistoryError["unit"];
  readonly #operations: Operation[] = [];
  readonly #compact = new CompactOperations();
  readonly #defaults = new MissingFields();
  readonly #names = new Map<string, string>();
  readonly #pairs = new SharedPairs();
  readonly #processes = new Map<number, ProcessState>();

  /** `file` is the history's name in errors, and `unit` what their numbers count. */
  constructor(file: string, unit: MalformedHistoryError["unit"] = "line") {
    this.#file = file;
    this.#unit = unit;
  }

  /** Adds a record; its `number` counts from 1. Throws a {@link MalformedHistoryError}. */
  add(record: unknown, number: number): void {
    const problem = this.#append(record);
    if (problem === undefined) return;
    throw new MalformedHistoryError(this.#file, number, problem, this.#unit);
  }

  /** Returns the history. Operations without a completion are allowed: their outcome is unknown. */
  finish(): History {
    return this.#operations;
  }

  #append(record: unknown): string | undefined {
    if (!isJsonObject(record)) return `an operation must be a map, got ${describe(record)}`;
    const problem = this.#defaults.add(record, this.#operations.length) ?? fieldProblem(record) ??
      this.#indexProblem(record["index"] as number);
    if (problem !== undefined) return problem;
    const beginning = beginningOf(record);
    const unknown = beginning && this.#beginningProblem(beginning, record["value"]);
    if (unknown !== undefined) return unknown;
    const operation = this.#operationOf(record, beginning);
    const misplaced = this.#orderProblem(operation);
    if (misplaced !== undefined) return misplaced;
    this.#defaults.advance(operation);
    this.#operations.push(operation);
    return undefined;
  }

  #operationOf(record: Record<string, unknown>, beginning: Beginning | undefined): Operation {
    if (beginning === undefined) return this.#compact.compact(this.#operationFrom(record));
    const { continues: _, ...own } = record;
    const earlier = this.#operations[beginning.of] as Operation;
    return this.#compact.continue(this.#operationFrom(own), earlier, beginning.first);
  }

  #beginningProblem({ first, of }: Beginning, value: unknown): string | undefined {
    if (!Array.isArray(value)) {
      return `value must be a list in an operation that continues another, got ${describe(value)}`;
    }
    const earlier = this.#operations[of];
    if (earlier === undefined) {
      return `continues.of must be the index of an earlier operation, got ${of}`;
    }
    const count = sharedValueOf(earlier)?.length ??
      (Array.isArray(earlier.value) ? earlier.value.length : 0);
    if (first <= count) return undefined;
    return `continues.first must be at most ${count}, the elements of operation ${of}, got ${first}`;
  }

  /** Returns a record as an operation: the record itself if it has the same fields. */
  #operationFrom(record: Record<string, unknown>): Operation {
    record["type"] = this.#intern(record["type"] as string);
    const f = this.#intern(record["f"] as string);
    record["f"] = f;
    if (LOG_FUNCTIONS.has(f)) record["value"] = this.#pairs.share(record["value"]);
    return isOperationRecord(record) ? record as unknown as Operation : operationFrom(record);
  }

  /** A parsed text has a string for each occurrence of a name; a history keeps one. */
  #intern(name: string): string {
    const known = this.#names.get(name);
    if (known === undefined) this.#names.set(name, name);
    return known ?? name;
  }

  #indexProblem(index: number): string | undefined {
    const expected = this.#operations.length;
    if (index === expected) return undefined;
    const reason = index > expected ? `${index - expected} missing` : "out of order";
    return `expected index ${expected}, got ${index} (${reason})`;
  }

  /** Returns why an operation is impossible after those before it; if it is not, records it. */
  #orderProblem(operation: Operation): string | undefined {
    const { process, type, f } = operation;
    if (process === NEMESIS) return undefined;
    let state = this.#processes.get(process);
    if (state === undefined) {
      this.#processes.set(process, state = { pending: undefined, crashed: undefined });
    }
    const invocation = state.pending;
    if (type === "invoke") {
      if (state.crashed !== undefined) {
        return `process ${process} continues after operation ${state.crashed.index} completed as info`;
      }
      if (invocation !== undefined) {
        return `process ${process} invokes while its operation ${invocation.index} is pending`;
      }
      state.pending = operation;
      return undefined;
    }
    if (invocation === undefined) return `process ${process} completes without an invocation`;
    if (invocation.f !== f) {
      return `process ${process} completes ${f}, but its pending operation ` +
        `${invocation.index} is ${invocation.f}`;
    }
    state.pending = undefined;
    if (type === "info") state.crashed = operation;
    return undefined;
  }
}

/** Returns the beginning of a record that continues another. */
function beginningOf({ continues }: Record<string, unknown>): Beginning | undefined {
  if (!isJsonObject(continues)) return undefined;
  const { first, of } = continues;
  return isCount(first) && isCount(of) ? { first, of } : undefined;
}

function fieldProblem(record: Record<string, unknown>): string | undefined {
  const { index, time, type, process, f, value, ["final?"]: final } = record;
  // Each of the fields is searched for by its name only if one is missing.
  if ([index, time, type, process, f, value].includes(undefined)) {
    const missing = REQUIRED_FIELDS.find((name) => !Object.hasOwn(record, name));
    if (missing !== undefined) return `the operation has no ${missing}`;
  }
  if (!isCount(index)) return `index must be an integer from 0, got ${describe(index)}`;
  if (!isCount(time)) return `time must be an integer from 0 (ns), got ${describe(time)}`;
  if (typeof type !== "string" || !OPERATION_TYPES.includes(type)) {
    return `type must be invoke, ok, fail or info, got ${describe(type)}`;
  }
  if (process !== NEMESIS && !isCount(process)) {
    return `process must be an integer from 0 or nemesis, got ${describe(process)}`;
  }
  if (typeof f !== "string") return `f must be a string or a keyword, got ${describe(f)}`;
  if (final !== undefined && final !== null && typeof final !== "boolean") {
    return `final? must be true or false, got ${describe(final)}`;
  }
  return undefined;
}

/** Whether a record has the fields of an operation with only the required ones. */
function isOperationRecord(record: Record<string, unknown>): boolean {
  let count = 0;
  for (const _ in record) count++;
  return count === REQUIRED_FIELDS.length;
}

function operationFrom(record: Record<string, unknown>): Operation {
  const extra = Object.fromEntries(
    Object.entries(record).filter(([key]) => !KNOWN_FIELDS.has(key)),
  );
  return {
    index: record["index"] as number,
    time: record["time"] as number,
    type: record["type"] as OperationType,
    process: record["process"] as number | typeof NEMESIS,
    f: record["f"] as string,
    value: record["value"],
    ...(isPresent(record["error"]) ? { error: record["error"] } : {}),
    ...(record["final?"] === true ? { final: true } : {}),
    ...(isPresent(record["exception"]) ? { exception: record["exception"] } : {}),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function describe(value: unknown): string {
  const text = stringifyJson(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
