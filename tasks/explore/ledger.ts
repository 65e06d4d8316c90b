/**
 * The ledger of explorations: failing cases that were found, and how many seeds passed, kept in git
 * as a file with one entry per line.
 *
 * Two ledgers merge by the rules of TigerBeetle's fuzzing orchestrator (src/scripts/cfo.zig): a
 * failing case is kept before one that passes now, then the one that fails sooner, then the older
 * one, and at most a few for each failure. The set of known failures is thus stable and small.
 *
 * @module
 */

import { isJsonObject, parseJson, stringifyJson, UsageError } from "../../lib/base/mod.ts";
import { type Schema, schema } from "../../lib/wire/mod.ts";
import {
  CaseError,
  type CaseFile,
  decodeCase,
  encodeCase,
  type ExploreSetup,
  type Failure,
} from "../../lib/workbench/explore/mod.ts";
import { failureKey } from "./merge_reports.ts";

/** What an entry is about. */
interface Subject {
  readonly workload: string;
  /** The path of the node's module. */
  readonly node: string;
  /** The node's arguments. */
  readonly strategy: readonly string[];
}

/** A case that failed, now or earlier. */
export interface LedgerCase extends Subject {
  /** Whether the case passed when it was last run. */
  readonly ok: boolean;
  /** The commit at which the case was last run. */
  readonly commit: string;
  readonly failure: Failure;
  /** What happened when it was found, a line for each entry of the failure. */
  readonly signature: readonly string[];
  /** The seed that found it. */
  readonly seed: string;
  /** The duration of the shrunk case in virtual time. */
  readonly seconds: number;
  /** The number of seeds that showed the failure in the run that found it. */
  readonly count: number;
  /** When it was found, and when it was last run: times in ISO 8601. */
  readonly found: string;
  readonly at: string;
  readonly shrunk: CaseFile;
}

/** How many seeds passed at a commit. */
export interface LedgerPasses extends Subject {
  readonly ok: true;
  readonly commit: string;
  /** The number of seeds that passed. */
  readonly count: number;
  readonly at: string;
}

/** An entry of the ledger. */
export type LedgerEntry = LedgerCase | LedgerPasses;

/** How many cases of one failure are kept. */
export const MAX_CASES_PER_FAILURE = 3;
/** For how many commits the number of passed seeds is kept, for each node and strategy. */
export const MAX_COMMITS = 20;

const strings = schema.array(schema.string);
const subjectFields = { workload: schema.string, node: schema.string, strategy: strings };
const passesSchema = schema.object({
  ...subjectFields,
  ok: schema.literal(true),
  commit: schema.string,
  count: schema.natural,
  at: schema.string,
});
const caseSchema = schema.object({
  ...subjectFields,
  ok: schema.boolean,
  commit: schema.string,
  failure: strings,
  signature: strings,
  seed: schema.string,
  seconds: schema.number,
  count: schema.natural,
  found: schema.string,
  at: schema.string,
  case: schema.json,
});

/** Whether an entry is a case. */
export function isCase(entry: LedgerEntry): entry is LedgerCase {
  return "shrunk" in entry;
}

/** Whether an entry is about a node with its arguments. */
export function isAbout(entry: Subject, { workload, bin, args }: ExploreSetup): boolean {
  return subjectOf(entry) === stringifyJson([workload, bin, args]);
}

function subjectOf({ workload, node, strategy }: Subject): string {
  return stringifyJson([workload, node, strategy]);
}

/**
 * Parses a ledger.
 *
 * @param name The file's name, for error texts.
 * @throws {UsageError} A line is not an entry.
 */
export function decodeLedger(text: string, name: string): LedgerEntry[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const fail = (why: string) => new UsageError(`${name}:${index + 1} is not an entry: ${why}`);
    if (/^(<{7}|={7}|>{7}|\|{7})/.test(line)) {
      throw fail(
        "it is a conflict marker of git; remove the markers, keep the entries of both sides",
      );
    }
    let value: unknown;
    try {
      value = parseJson(line);
    } catch (error) {
      throw fail(`it is not valid JSON: ${(error as Error).message}`);
    }
    try {
      return [decodeEntry(value)];
    } catch (error) {
      if (error instanceof CaseError) throw fail(error.message);
      throw error;
    }
  });
}

/** Throws a {@link CaseError} for a value that is not an entry. */
function decodeEntry(value: unknown): LedgerEntry {
  if (!isJsonObject(value) || !("case" in value)) return valid<LedgerPasses>(value, passesSchema);
  const { case: file, ...rest } = valid<Omit<LedgerCase, "shrunk"> & { readonly case: unknown }>(
    value,
    caseSchema,
  );
  const shrunk = decodeCase(stringifyJson(file));
  const { bin, args, workloadModule } = shrunk.case;
  const expected = subjectOf(rest);
  const found = stringifyJson([workloadModule ?? shrunk.case.options.workload, bin, args]);
  // Else a case could run another program than its entry names.
  if (found !== expected) throw new CaseError(`its case runs ${found}, expected ${expected}`);
  return { ...rest, shrunk };
}

function valid<T>(value: unknown, schema: Schema<unknown>): T {
  const found = schema.problem(value, "the entry");
  if (found !== undefined) throw new CaseError(found);
  return value as T;
}

/** Writes a ledger: sorted entries, one per line, so that git merges it by lines. */
export function encodeLedger(entries: readonly LedgerEntry[]): string {
  return mergeEntries(entries).map((entry) => {
    if (!isCase(entry)) return `${stringifyJson(entry)}\n`;
    const { shrunk, ...rest } = entry;
    return `${stringifyJson({ ...rest, case: parseJson(encodeCase(shrunk)) })}\n`;
  }).join("");
}

/** Merges entries by the rules above; the order of the entries is insignificant. */
export function mergeEntries(entries: readonly LedgerEntry[]): LedgerEntry[] {
  const cases = new Map<string, LedgerCase>();
  const passes = new Map<string, LedgerPasses>();
  for (const entry of entries) {
    if (isCase(entry)) {
      const key = subjectOf(entry) + failureKey(entry.failure) + entry.seed;
      const other = cases.get(key);
      cases.set(key, other === undefined ? entry : mergeCase(entry, other));
    } else {
      const key = subjectOf(entry) + entry.commit;
      const other = passes.get(key);
      passes.set(key, other === undefined || isGreater(entry, other) ? entry : other);
    }
  }
  return [
    ...keepFirst(
      [...cases.values()],
      (entry) => subjectOf(entry) + failureKey(entry.failure),
      compareCases,
      MAX_CASES_PER_FAILURE,
    ),
    ...keepFirst(
      [...passes.values()],
      subjectOf,
      (a, b) => compare(b.at, a.at) || compare(a.commit, b.commit),
      MAX_COMMITS,
    ),
  ];
}

/** Returns the first entries of each group, ordered by group. */
function keepFirst<E>(
  entries: readonly E[],
  groupOf: (entry: E) => string,
  order: (a: E, b: E) => number,
  max: number,
): E[] {
  const groups = Map.groupBy(entries, groupOf);
  return [...groups].sort(([a], [b]) => compare(a, b)).flatMap(([, group]) =>
    group.sort(order).slice(0, max)
  );
}

/** Merges two entries of the same seed: the later run decides whether it passes. */
function mergeCase(one: LedgerCase, other: LedgerCase): LedgerCase {
  // The last three only make the order of the entries insignificant.
  const order = compare(other.at, one.at) || Number(one.ok) - Number(other.ok) ||
    compare(one.commit, other.commit) || one.seconds - other.seconds ||
    compare(encodeCase(one.shrunk), encodeCase(other.shrunk));
  const [latest, earlier] = order <= 0 ? [one, other] : [other, one];
  return {
    ...latest,
    found: latest.found < earlier.found ? latest.found : earlier.found,
    count: Math.max(latest.count, earlier.count),
  };
}

function isGreater(one: LedgerPasses, other: LedgerPasses): boolean {
  return (one.count - other.count || compare(one.at, other.at)) > 0;
}

function compareCases(a: LedgerCase, b: LedgerCase): number {
  return Number(a.ok) - Number(b.ok) || a.seconds - b.seconds || compare(a.found, b.found) ||
    compare(a.seed, b.seed);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
