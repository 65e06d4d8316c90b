/**
 * Explores on a fleet of workers instead of this process.
 *
 * @module
 */

import { relative } from "node:path";
import { UsageError } from "../../lib/base/mod.ts";
import {
  type Exploration,
  type ExploreSetup,
  type FoundFailure,
  generateCase,
  type SeedReport,
  type ShrunkCase,
} from "../../lib/workbench/explore/mod.ts";
import { isModulePath } from "../../lib/workbench/import_module.ts";
import type { Workload } from "../../lib/workload/mod.ts";
import { print, printText, showStatusLine } from "../cli/console.ts";
import { describeProgress } from "../cli/explore_report.ts";
import { PROJECT } from "../cli/users_folder.ts";
import { type Extent, seedsOfShard } from "../explore/extent_flags.ts";
import type { End } from "../explore/report_lines.ts";
import { revisionOf } from "../explore/run_records.ts";
import { describeAddress, type FleetAddress } from "./address.ts";
import { connectFleet } from "./connect.ts";
import { type JobSpec, modulePathProblem } from "./job.ts";
import { FleetJob } from "./starter.ts";

/** What is explored. */
export interface FleetSettings {
  readonly address: FleetAddress;
  readonly setup: ExploreSetup;
  readonly extent: Extent;
  readonly shrinkRuns: number;
  readonly exploration: Exploration;
  readonly signal: AbortSignal;
  /** Called with the reports in ascending order of seeds. */
  addSeed(report: SeedReport): void;
  /** Returns the time since the run began. */
  seconds(): number;
}

/**
 * The number of seeds in a range: some tenths of a second of work. The results of a range are one
 * message, so the number bounds its size as well.
 */
const RANGE_SEEDS = 16;

/** An exploration on a fleet. */
export class FleetExploration {
  readonly #settings: FleetSettings;
  readonly #spec: JobSpec;
  #close: () => Promise<void> = () => Promise.resolve();
  #job: FleetJob | undefined;

  /** Throws a {@link UsageError} for a node that workers do not have. */
  constructor(settings: FleetSettings) {
    this.#settings = settings;
    const { setup, extent, shrinkRuns } = settings;
    const inProject = {
      ...setup,
      bin: pathInProject(setup.bin),
      workload: isModulePath(setup.workload) ? pathInProject(setup.workload) : setup.workload,
    };
    this.#spec = {
      ...{ revision: revisionOf(setup), setup: inProject, shrinkRuns, rangeSeeds: RANGE_SEEDS },
      ...seedsOfShard(extent),
    };
  }

  /** Explores the seeds, and returns why that ended. Throws a `StartError`. */
  async explore(): Promise<End> {
    const { address, extent, exploration, signal, seconds } = this.#settings;
    print(`  on the fleet at ${describeAddress(address)}`);
    const connection = await connectFleet(address, "explore");
    this.#close = () => connection.close();
    const ordered = new InOrder(this.#settings.addSeed);
    const job = await FleetJob.start(connection, this.#spec, {
      onEvent: printText,
      onResult(range, reports) {
        for (const report of reports) exploration.add(report);
        ordered.add(range, reports);
      },
    }, signal);
    this.#job = job;
    const { count } = this.#spec;
    const shown = extent.seeds === undefined ? Infinity : count;
    const stop = showStatusLine(() =>
      `${describeProgress(exploration, shown, seconds())} · ${workersOf(job)}`
    );
    try {
      await job.run(() => seconds() * 1000 >= (extent.timeLimitMs ?? Infinity));
    } catch (error) {
      if (!signal.aborted) throw error;
      print("The job stays on the server for a day; the same command continues it.");
      return "interrupted";
    } finally {
      stop();
    }
    const { malformed, repeated } = job.ignored;
    if (malformed > 0) print(`${malformed} messages were not valid and were refused`);
    if (repeated > 0) print(`${repeated} ranges were run more than once and counted once`);
    return exploration.totals.seeds < count ? "time limit" : "complete";
  }

  /** Returns the case that a worker has shrunk, or undefined, with the paths of this process. */
  async shrunkCase(
    { failure }: FoundFailure,
    workload: Workload,
  ): Promise<ShrunkCase | undefined> {
    const { setup } = this.#settings;
    const done = await this.#job?.shrunkCase(failure);
    if (done === undefined) return undefined;
    const module = isModulePath(setup.workload) ? { workloadModule: setup.workload } : {};
    const found = generateCase({ ...setup, ...module, workload }, String(done.seed));
    const { runs, shrunk } = done;
    return {
      runs,
      found: { case: found, failure },
      shrunk: { ...shrunk, case: { ...shrunk.case, ...module, bin: setup.bin } },
    };
  }

  /** Deletes the job from the server. */
  async end(): Promise<void> {
    await this.#job?.end();
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    await this.#close();
  }
}

/** Passes on the reports of ranges in the order of the ranges. */
class InOrder {
  readonly #addSeed: (report: SeedReport) => void;
  readonly #waiting = new Map<number, readonly SeedReport[]>();
  #next = 0;

  constructor(addSeed: (report: SeedReport) => void) {
    this.#addSeed = addSeed;
  }

  add(range: number, reports: readonly SeedReport[]): void {
    this.#waiting.set(range, reports);
    for (let next = this.#waiting.get(this.#next); next; next = this.#waiting.get(this.#next)) {
      for (const report of next) this.#addSeed(report);
      this.#waiting.delete(this.#next++);
    }
  }
}

function workersOf({ workers }: FleetJob): string {
  return `${workers} ${workers === 1 ? "worker" : "workers"}`;
}

/** Returns a module's path from the project's folder. */
function pathInProject(path: string): string {
  const inside = relative(PROJECT, Deno.realPathSync(path)).replaceAll("\\", "/");
  const problem = modulePathProblem(inside);
  if (problem === undefined) return inside;
  throw new UsageError(
    `--fleet: ${path} is outside of ${PROJECT}; workers run only nodes of their own checkout`,
  );
}
