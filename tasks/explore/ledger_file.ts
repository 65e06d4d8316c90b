/**
 * The ledger's file: what a run takes from it, and what it adds.
 *
 * @module
 */

import {
  type ExploreSetup,
  type FoundFailure,
  loadEngineFactory,
  runCase,
} from "../../lib/workbench/explore/mod.ts";
import type { ProgramFile } from "../../lib/workbench/mod.ts";
import type { Workload } from "../../lib/workload/mod.ts";
import {
  decodeLedger,
  encodeLedger,
  isAbout,
  isCase,
  type LedgerCase,
  type LedgerEntry,
  mergeEntries,
} from "./ledger.ts";
import { unlessMissing } from "../cli/file_problem.ts";
import { failureKey } from "./merge_reports.ts";
import type { KnownCase, ShrunkFailure } from "./report_lines.ts";

/** A ledger, as it is in a file. */
export class LedgerFile {
  readonly #path: string;
  #entries: readonly LedgerEntry[];

  /**
   * Reads the ledger; a file that does not exist is an empty one.
   *
   * @throws {UsageError} The file is not a ledger.
   */
  constructor(path: string) {
    this.#path = path;
    this.#entries = mergeEntries(decodeLedger(readIfThere(path), path));
  }

  /** All entries, merged. */
  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  /** The cases of a node. */
  casesAbout(setup: ExploreSetup): readonly LedgerCase[] {
    return this.#entries.filter(isCase).filter((entry) => isAbout(entry, setup));
  }

  /** Records what known cases show at a commit. */
  addKnown(setup: ExploreSetup, known: readonly KnownCase[], commit: string): void {
    const at = new Date().toISOString();
    const runs = this.casesAbout(setup).flatMap((entry) => {
      const run = known.find(({ seed, failure }) =>
        seed === entry.seed && failureKey(failure) === failureKey(entry.failure)
      );
      return run === undefined ? [] : [{ ...entry, ok: run.found.length === 0, commit, at }];
    });
    this.#entries = mergeEntries([...this.#entries, ...runs]);
  }

  /** Records the shrunk case of a failure that was found. */
  addFailure(
    { workload, bin, args }: ExploreSetup,
    { failure, signature, seeds }: FoundFailure,
    { seed, elapsedMs, shrunk }: ShrunkFailure,
    commit: string,
  ): void {
    const at = new Date().toISOString();
    const entry: LedgerCase = {
      ...{ ok: false, workload, node: bin, strategy: args, commit, failure, signature },
      ...{ seed: String(seed), seconds: Math.round(elapsedMs) / 1000, count: seeds },
      ...{ found: at, at, shrunk },
    };
    this.#entries = mergeEntries([...this.#entries, entry]);
  }

  /** Adds to the number of seeds that passed at a commit. */
  addPasses(setup: ExploreSetup, count: number, commit: string): void {
    if (count === 0) return;
    const subject = { workload: setup.workload, node: setup.bin, strategy: setup.args };
    const before = this.#entries.filter((entry) =>
      !isCase(entry) && entry.commit === commit && isAbout(entry, setup)
    ).reduce((sum, entry) => sum + entry.count, 0);
    const entry = {
      ...subject,
      ok: true,
      commit,
      count: before + count,
      at: new Date().toISOString(),
    } as const;
    this.#entries = mergeEntries([...this.#entries, entry]);
  }

  /** Writes the file. */
  save(): void {
    Deno.writeTextFileSync(this.#path, encodeLedger(this.#entries));
  }
}

/** Runs the cases of a ledger, one after the other, until the signal is aborted. */
export async function runKnownCases(
  cases: readonly LedgerCase[],
  program: ProgramFile,
  workload: Workload,
  signal: AbortSignal,
): Promise<KnownCase[]> {
  if (cases.length === 0) return [];
  const createEngine = await loadEngineFactory(program);
  const known: KnownCase[] = [];
  for (const { failure, seed, shrunk } of cases) {
    if (signal.aborted) break;
    const { failure: found } = await runCase(shrunk.case, createEngine, {}, workload);
    known.push({ failure, seed, found });
  }
  return known;
}

function readIfThere(path: string): string {
  return unlessMissing(() => Deno.readTextFileSync(path)) ?? "";
}
