/**
 * What a run of explore records for other runs: its report file and the ledger.
 *
 * @module
 */

import type {
  Exploration,
  ExploreSetup,
  FoundFailure,
  SeedReport,
} from "../../lib/workbench/explore/mod.ts";
import { isModulePath } from "../../lib/workbench/import_module.ts";
import type { ProgramFile } from "../../lib/workbench/mod.ts";
import type { Workload } from "../../lib/workload/mod.ts";
import { StoreError } from "../cli/file_problem.ts";
import type { Extent } from "./extent_flags.ts";
import { LedgerFile, runKnownCases } from "./ledger_file.ts";
import type { End, KnownCase, ShrunkFailure } from "./report_lines.ts";
import { ReportWriter } from "./report_writer.ts";
import { readRevision, type Revision } from "./revision.ts";

/** Which files a run writes. */
export interface RecordSettings {
  readonly setup: ExploreSetup;
  readonly program: ProgramFile;
  readonly extent: Extent;
  readonly report?: string;
  readonly ledger?: string;
}

/** Returns the revision of what a setup runs. */
export function revisionOf(
  { bin, workload }: ExploreSetup,
  { path }: ProgramFile = { path: bin },
): Revision {
  return readRevision(isModulePath(workload) ? [path, workload] : [path]);
}

/** The files that a run writes, if any. */
export class RunRecords {
  readonly #setup: ExploreSetup;
  readonly #program: ProgramFile;
  readonly #revision: Revision | undefined;
  readonly #report: ReportWriter | undefined;
  readonly #ledger: LedgerFile | undefined;

  /** Reads the ledger and creates the report. Throws a `UsageError` for a file that is not a ledger. */
  constructor(
    { setup, program, extent, report, ledger }: RecordSettings,
    expected: readonly string[],
  ) {
    this.#setup = setup;
    this.#program = program;
    const isNeeded = report !== undefined || ledger !== undefined;
    const revision = isNeeded ? revisionOf(setup, program) : undefined;
    this.#revision = revision;
    this.#ledger = ledger === undefined ? undefined : new LedgerFile(ledger);
    if (report === undefined || revision === undefined) return;
    const { from, seeds = null, shard } = extent;
    this.#report = new ReportWriter(report, { revision, setup, from, seeds, shard, expected });
  }

  /** Whether there is a report. */
  get hasReport(): boolean {
    return this.#report !== undefined;
  }

  /** Runs the ledger's cases of the node, and records what they show. */
  async runKnown(workload: Workload, signal: AbortSignal): Promise<readonly KnownCase[]> {
    if (this.#ledger === undefined) return [];
    const cases = this.#ledger.casesAbout(this.#setup);
    const known = await runKnownCases(cases, this.#program, workload, signal);
    this.#ledger.addKnown(this.#setup, known, this.#commit);
    this.#ledger.save();
    for (const run of known) this.#report?.write({ kind: "known", known: run });
    return known;
  }

  /** Records the report of a seed. */
  addSeed(report: SeedReport): void {
    this.#report?.write({ kind: "seed", report });
  }

  /** Records how many seeds passed. */
  addPasses({ totals, failures }: Exploration): void {
    const failed = failures.reduce((sum, { seeds }) => sum + seeds, 0);
    this.#ledger?.addPasses(this.#setup, totals.seeds - failed, this.#commit);
    this.#ledger?.save();
  }

  /** Records the shrunk case of a failure. */
  addShrunk(found: FoundFailure, shrunk: ShrunkFailure): void {
    this.#report?.write({ kind: "shrunk", shrunk });
    this.#ledger?.addFailure(this.#setup, found, shrunk, this.#commit);
    this.#ledger?.save();
  }

  /** Ends the report. Throws a {@link StoreError} if a line of it could not be written. */
  end(end: End, seconds: number): void {
    const problem = this.#report?.end(end, seconds);
    if (problem !== undefined) throw new StoreError(undefined, problem);
  }

  get #commit(): string {
    return this.#revision?.commit ?? "unknown";
  }
}
