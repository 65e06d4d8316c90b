/**
 * Puts a history together from the records of a file, one a line, and refuses what no run can have
 * written: a field missing or of the wrong type, an operation missing, a completion that nothing
 * invoked, a process that does two things at once.
 *
 * Invariant: what `finish` returns is a history in which `operation.index` is its place and every
 * client completion follows its invocation.
 *
 * @module
 */

import { isJsonObject, stringifyJson } from "../base/mod.ts";
import { DamagedHistoryError } from "./damaged_history.ts";
import { type History, NEMESIS, type Operation, type OperationType } from "./operation.ts";

const operationTypes: readonly string[] = ["invoke", "ok", "fail", "info"];
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

/** Collects operations and watches over their order. */
export class HistoryBuilder {
  readonly #file: string;
  readonly #operations: Operation[] = [];
  readonly #open = new Map<number, Operation>();
  readonly #retired = new Map<number, Operation>();

  /** `file` is what errors call the history. */
  constructor(file: string) {
    this.#file = file;
  }

  /** Adds the record of one line (from 1). Throws a {@link DamagedHistoryError}. */
  add(record: unknown, line: number): void {
    const problem = this.#append(record);
    if (problem !== undefined) throw new DamagedHistoryError(this.#file, line, problem);
  }

  /** The history. Operations that were never completed stay so: their clients never heard back. */
  finish(): History {
    return this.#operations;
  }

  #append(record: unknown): string | undefined {
    if (!isJsonObject(record)) return `an operation is a map, not ${describe(record)}`;
    const problem = fieldProblem(record) ?? this.#indexProblem(record["index"] as number);
    if (problem !== undefined) return problem;
    const operation = operationFrom(record);
    const misplaced = this.#orderProblem(operation);
    if (misplaced !== undefined) return misplaced;
    this.#operations.push(operation);
    return undefined;
  }

  #indexProblem(index: number): string | undefined {
    const expected = this.#operations.length;
    if (index === expected) return undefined;
    const reason = index > expected ? `${index - expected} missing` : "out of order";
    return `index ${expected} was expected, not ${index} (${reason})`;
  }

  /** What makes it impossible after the operations before it; notes it where nothing does. */
  #orderProblem(operation: Operation): string | undefined {
    const { process, type, f } = operation;
    if (process === NEMESIS) return undefined;
    const invocation = this.#open.get(process);
    if (type === "invoke") {
      const retired = this.#retired.get(process);
      if (retired !== undefined) {
        return `process ${process} goes on although its operation ${retired.index} ended info`;
      }
      if (invocation !== undefined) {
        return `process ${process} invokes while its operation ${invocation.index} is unfinished`;
      }
      this.#open.set(process, operation);
      return undefined;
    }
    if (invocation === undefined) return `process ${process} completes what it never invoked`;
    if (invocation.f !== f) {
      return `process ${process} completes ${f}, but had invoked ${invocation.f} ` +
        `(operation ${invocation.index})`;
    }
    this.#open.delete(process);
    if (type === "info") this.#retired.set(process, operation);
    return undefined;
  }
}

function fieldProblem(record: Record<string, unknown>): string | undefined {
  for (const name of ["index", "time", "type", "process", "f", "value"]) {
    if (!Object.hasOwn(record, name)) return `the operation has no ${name}`;
  }
  const { index, time, type, process, f, ["final?"]: final } = record;
  if (!isCount(index)) return `index must be a whole number from 0, not ${describe(index)}`;
  if (!isCount(time)) return `time must be a whole number of nanoseconds, not ${describe(time)}`;
  if (typeof type !== "string" || !operationTypes.includes(type)) {
    return `type must be invoke, ok, fail or info, not ${describe(type)}`;
  }
  if (process !== NEMESIS && !isCount(process)) {
    return `process must be a whole number or nemesis, not ${describe(process)}`;
  }
  if (typeof f !== "string") return `f must be a name, not ${describe(f)}`;
  if (final !== undefined && final !== null && typeof final !== "boolean") {
    return `final? must be true or false, not ${describe(final)}`;
  }
  return undefined;
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
