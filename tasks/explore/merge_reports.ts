/**
 * Adds up the reports of the shards of one exploration.
 *
 * The result is a function of the explored seeds: the reports of 16 shards give the same as the one
 * of a run without shards.
 *
 * @module
 */

import { stringifyJson, UsageError } from "../../lib/base/mod.ts";
import { Exploration } from "../../lib/workbench/explore/mod.ts";
import {
  decodeLine,
  type End,
  type KnownCase,
  type ReportHeader,
  type ReportLine,
  ReportLineError,
  type ShrunkFailure,
} from "./report_lines.ts";

/** A report file. */
export interface ReportFile {
  readonly name: string;
  readonly lines: Iterable<string>;
}

/** The sum of some reports. */
export interface MergedReports {
  /** The header of all reports; its shard is not significant. */
  readonly header: ReportHeader;
  readonly exploration: Exploration;
  /** Which seeds were explored, in words. */
  readonly explored: string;
  /** The cases of the ledger that were run, each once. */
  readonly known: readonly KnownCase[];
  /** The case with the lowest seed of each failure, by the failure's text. */
  readonly shrunk: ReadonlyMap<string, ShrunkFailure>;
  /** Why the reports are not of all seeds; empty if they are. */
  readonly gaps: readonly string[];
}

/** Returns the text by which failures are distinguished. */
export function failureKey(failure: readonly string[]): string {
  return failure.join(", ");
}

/**
 * Adds up reports.
 *
 * @throws {UsageError} The reports do not belong together, two are of the same shard, or a file is
 * not a report.
 */
export function mergeReports(files: readonly ReportFile[]): MergedReports {
  const merger = new Merger();
  for (const file of files) merger.add(file);
  return merger.result();
}

class Merger {
  #first: { readonly name: string; readonly header: ReportHeader } | undefined;
  #exploration = new Exploration([]);
  /** The names of the files and the numbers of their seeds, by shard. */
  readonly #shards = new Map<number, { readonly name: string; readonly seeds: number }>();
  readonly #known = new Map<string, KnownCase>();
  readonly #shrunk = new Map<string, ShrunkFailure>();
  readonly #gaps: string[] = [];

  add({ name, lines }: ReportFile): void {
    let number = 0;
    let shard: { readonly header: ReportHeader; readonly count: { seeds: number } } | undefined;
    let end: End | undefined;
    let unreadable: string | undefined;
    for (const text of lines) {
      if (unreadable !== undefined) throw new UsageError(unreadable);
      number++;
      const line = attempt(() => decodeLine(text));
      if (line instanceof ReportLineError) {
        // A file whose job was killed ends in the middle of a line.
        unreadable = `${name}:${number} is not a line of a report: ${line.message}`;
        continue;
      }
      if (end !== undefined) {
        throw new UsageError(`${name}:${number} follows the end of the report; is it two files?`);
      }
      if (shard === undefined) {
        shard = { header: this.#begin(name, number, line), count: { seeds: 0 } };
      } else if (line.kind === "header") {
        throw new UsageError(`${name}:${number} is a second header; give one file per report`);
      } else if (line.kind === "end") end = line.end;
      else this.#addLine(name, number, shard, line);
    }
    if (shard === undefined) {
      if (unreadable !== undefined) throw new UsageError(unreadable);
      this.#gaps.push(`${name} is empty: its job ended before it began`);
      return;
    }
    const { index, count } = shard.header.shard;
    this.#shards.set(index, { name, seeds: shard.count.seeds });
    const what = `${name} (shard ${index}/${count})`;
    const seeds = `${shard.count.seeds} seeds count`;
    if (unreadable !== undefined) this.#gaps.push(`${what} ends in the middle of a line: ${seeds}`);
    else if (end === undefined) {
      this.#gaps.push(`${what} has no end, so its job was killed: ${seeds}`);
    } else if (end === "interrupted") this.#gaps.push(`${what} was interrupted: ${seeds}`);
  }

  /** Returns the header of a file, which must be that of the files before it. */
  #begin(name: string, number: number, line: ReportLine): ReportHeader {
    if (line.kind !== "header") {
      throw new UsageError(
        `${name}:${number} must be the header of a report; expected a file that ` +
          "`deno task explore WORKLOAD --report FILE` wrote",
      );
    }
    const { header } = line;
    if (this.#first === undefined) {
      this.#first = { name, header };
      this.#exploration = new Exploration(header.expected);
    }
    const difference = differenceOf(this.#first.header, header);
    if (difference !== undefined) {
      throw new UsageError(
        `${this.#first.name} and ${name} are reports of different explorations: ${difference}`,
      );
    }
    const { index, count } = header.shard;
    const other = this.#shards.get(index);
    if (other !== undefined) {
      throw new UsageError(
        `${other.name} and ${name} are both of shard ${index}/${count}; give one of them`,
      );
    }
    return header;
  }

  #addLine(
    name: string,
    number: number,
    { header, count }: { readonly header: ReportHeader; readonly count: { seeds: number } },
    line: ReportLine,
  ): void {
    if (line.kind === "seed") {
      const expected = header.from + header.shard.index - 1 + header.shard.count * count.seeds;
      if (line.report.seed !== expected) {
        throw new UsageError(
          `${name}:${number} must be the report of seed ${expected}, got seed ${line.report.seed}`,
        );
      }
      count.seeds++;
      this.#exploration.add(line.report);
    } else if (line.kind === "known") {
      this.#known.set(stringifyJson(line.known), line.known);
    } else if (line.kind === "shrunk") {
      const key = failureKey(line.shrunk.failure);
      const other = this.#shrunk.get(key);
      if (other === undefined || line.shrunk.seed < other.seed) this.#shrunk.set(key, line.shrunk);
    }
  }

  result(): MergedReports {
    if (this.#first === undefined) {
      throw new UsageError("all files are empty; give the reports of the shards");
    }
    const { header } = this.#first;
    const indexes = Array.from({ length: header.shard.count }, (_, index) => index + 1);
    const missing = indexes.filter((index) => !this.#shards.has(index));
    if (missing.length > 0) {
      const noun = missing.length === 1 ? "shard" : "shards";
      this.#gaps.push(`no report of ${noun} ${missing.join(", ")} of ${header.shard.count}`);
    }
    return {
      header,
      exploration: this.#exploration,
      explored: describeExplored(
        header,
        indexes.map((index) => this.#shards.get(index)?.seeds ?? 0),
      ),
      known: [...this.#known.values()].sort((a, b) =>
        compareText(stringifyJson(a), stringifyJson(b))
      ),
      shrunk: this.#shrunk,
      gaps: this.#gaps,
    };
  }
}

/** Returns which seeds were explored, given their number for each shard. */
function describeExplored({ from }: ReportHeader, seeds: readonly number[]): string {
  const count = seeds.length;
  const total = seeds.reduce((sum, seeds) => sum + seeds, 0);
  if (total === 0) return "no seeds";
  const firstLeftOut = Math.min(...seeds.map((seeds, index) => from + index + count * seeds));
  const last = Math.max(
    ...seeds.map((seeds, index) => seeds === 0 ? from : from + index + count * (seeds - 1)),
  );
  const others = total - (firstLeftOut - from);
  if (firstLeftOut === from) return `${total} of the seeds ${from} to ${last}`;
  const all = firstLeftOut === from + 1 ? `seed ${from}` : `seeds ${from} to ${firstLeftOut - 1}`;
  return others === 0 ? all : `${all}, and ${others} others up to ${last}`;
}

/** Describes the first difference of two headers that must be equal; undefined without one. */
function differenceOf(one: ReportHeader, other: ReportHeader): string | undefined {
  const facts = ({ revision, setup, from, seeds, shard, expected }: ReportHeader) => ({
    ...revision,
    ...setup,
    from,
    seeds,
    "number of shards": shard.count,
    "coverage points": expected,
  });
  const [a, b]: Readonly<Record<string, unknown>>[] = [facts(one), facts(other)];
  for (const name of Object.keys(a ?? {})) {
    const [x, y] = [a?.[name], b?.[name]].map((value) => stringifyJson(value ?? null));
    if (x !== y) return `${name} ${x} and ${y}`;
  }
  return undefined;
}

function attempt(decode: () => ReportLine): ReportLine | ReportLineError {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ReportLineError) return error;
    throw error;
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
