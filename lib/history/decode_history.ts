/**
 * Decodes the history of any tool: as EDN or JSON, one operation a line or all in one list, or as
 * the lines of Jepsen's log.
 *
 * A history of one's own run must be complete, see {@link decodeHistoryJsonl}. Published histories
 * lack fields or operations that a checker does not need. These are accepted here, and completed:
 *
 * - without `f`, an operation is of the given function;
 * - without `value`, it is null;
 * - an `index` may begin anywhere, but must not skip any: a missing operation may be the anomaly;
 * - a process that goes on after an `info` is a new process from then on, as in Jepsen.
 *
 * @module
 */

import { isJsonObject, parseJsonWithDoubles } from "../base/mod.ts";
import type { HistoryText } from "./decode_lines.ts";
import { EdnError, parseEdn, parseEdnAll } from "./edn_reader.ts";
import { HistoryBuilder } from "./history_builder.ts";
import { MalformedHistoryError } from "./malformed_history.ts";
import type { History } from "./operation.ts";

/** A record of an operation, and the number of its line or entry. */
type NumberedRecord = readonly [record: unknown, number: number];

/** The records of a file, and what their numbers count. */
interface Records {
  readonly unit: MalformedHistoryError["unit"];
  readonly records: readonly NumberedRecord[];
}

/** `INFO  jepsen.util - 3	:invoke	:write	4`: process, type, function, value. */
const LOG_LINE = /\bjepsen\.util\s+-\s+(\S+)\s+:(invoke|ok|fail|info)\s+:(\S+)\s*(\S.*)?$/;

/**
 * Decodes a history in any of the formats. `fileName` names it in errors, and `f` is the function of
 * operations that do not name theirs.
 *
 * @throws {MalformedHistoryError} The text is in none of the formats, or no run can have made it.
 *
 * @example A history of transactions in Elle's form
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { checkListAppend, decodeHistory } from "@gossip/workbench/check";
 *
 * const text = `
 *   {:type :invoke, :process 0, :value [[:append :x 1]]}
 *   {:type :ok,     :process 0, :value [[:append :x 1]]}
 *   {:type :invoke, :process 1, :value [[:r :x nil]]}
 *   {:type :ok,     :process 1, :value [[:r :x []]]}`;
 * const history = decodeHistory(text, "history.edn", "txn");
 * const verdict = checkListAppend(history, { consistencyModels: ["strict-serializable"] });
 * deepEqual(verdict["anomaly-types"], ["G-single-item-realtime"]);
 * ```
 */
export function decodeHistory(text: HistoryText, fileName: string, f?: string): History {
  const whole = typeof text === "string" ? text : [...text].join("");
  const { unit, records } = recordsOf(whole, fileName);
  const builder = new HistoryBuilder(fileName, unit);
  const completion = new Completion(records, f);
  for (const [record, number] of records) {
    if (isJsonObject(record)) completion.complete(record);
    builder.add(record, number);
  }
  return builder.finish();
}

function recordsOf(text: string, file: string): Records {
  const start = /^(?:\s|;.*\n)*/.exec(text)?.[0].length ?? 0;
  const first = text.charAt(start);
  if (first === "") return inLines([]);
  if (/[[({]/.test(first)) {
    const isJson = /^(?:\[\s*\{\s*["}]|\{\s*["}]|\[\s*\]\s*$)/.test(
      text.slice(start, start + 1000),
    );
    return isJson ? jsonRecords(text, file) : ednRecords(text, file);
  }
  if (LOG_LINE.test(text.slice(0, text.indexOf("\n", start)))) return inLines(logRecords(text));
  const found = [...logRecords(text)];
  if (found.length > 0) return inLines(found);
  throw new MalformedHistoryError(
    file,
    1,
    "expected operations as EDN or JSON maps, one a line or in a list, or the lines of jepsen.log; " +
      `found ${JSON.stringify(text.slice(start, start + 40))}`,
  );
}

function jsonRecords(text: string, file: string): Records {
  const lines = text.split("\n");
  const isList = text.trimStart().startsWith("[");
  const parse = (part: string, line: number) => {
    try {
      return parseJsonWithDoubles(part);
    } catch (error) {
      throw new MalformedHistoryError(file, line, `malformed JSON: ${(error as Error).message}`);
    }
  };
  if (isList) return inList(parse(text, 1) as unknown[]);
  return inLines(
    lines.flatMap((line, index): NumberedRecord[] =>
      line.trim() === "" ? [] : [[parse(line, index + 1), index + 1]]
    ),
  );
}

function ednRecords(text: string, file: string): Records {
  let values: unknown[];
  try {
    values = parseEdnAll(text, { doubles: true });
  } catch (error) {
    if (!(error instanceof EdnError)) throw error;
    throw new MalformedHistoryError(file, error.line, `malformed EDN: ${error.problem}`);
  }
  return inList(values.length === 1 && Array.isArray(values[0]) ? values[0] : values);
}

function inLines(records: Iterable<NumberedRecord>): Records {
  return { unit: "line", records: [...records] };
}

function inList(records: readonly unknown[]): Records {
  return { unit: "entry", records: records.map((record, index) => [record, index + 1]) };
}

function* logRecords(text: string): Generator<NumberedRecord> {
  let number = 0;
  for (const line of text.split("\n")) {
    number++;
    const [, process, type, f, value = "nil"] = LOG_LINE.exec(line.trimEnd()) ?? [];
    if (process === undefined) continue;
    yield [
      { process: atom(process), type, f, value: atom(value.split("\t")[0] as string) },
      number,
    ];
  }
}

/** Returns a value of a log line; text that is not EDN stays text. */
function atom(text: string): unknown {
  try {
    return parseEdn(text, { doubles: true });
  } catch {
    return text;
  }
}

/** Completes the records of one history, in order. */
class Completion {
  readonly #f: string | undefined;
  /** The current number of each process that went on after an `info`. */
  readonly #renamed = new Map<number, number>();
  readonly #ended = new Set<number>();
  #firstIndex: number | undefined;
  #nextProcess = 0;

  /** `f` is the function of operations that do not name theirs. */
  constructor(records: readonly NumberedRecord[], f: string | undefined) {
    this.#f = f;
    for (const [record] of records) {
      const { process } = isJsonObject(record) ? record : {};
      if (typeof process === "number") {
        this.#nextProcess = Math.max(this.#nextProcess, process + 1);
      }
    }
  }

  /** Completes a record in place. */
  complete(record: Record<string, unknown>): void {
    record.value ??= null;
    if (this.#f !== undefined) record.f ??= this.#f;
    if (typeof record.index === "number") {
      this.#firstIndex ??= record.index;
      record.index -= this.#firstIndex;
    }
    if (typeof record.process === "number") {
      record.process = this.#renumber(record.process, record.type);
    }
  }

  #renumber(process: number, type: unknown): number {
    if (type === "invoke" && this.#ended.delete(process)) {
      this.#renamed.set(process, this.#nextProcess++);
    }
    if (type === "info") this.#ended.add(process);
    return this.#renamed.get(process) ?? process;
  }
}
