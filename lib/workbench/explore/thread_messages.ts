/**
 * The messages between a thread pool and its threads.
 *
 * @module
 */

import type { ExploredFlags } from "../../node/mod.ts";
import type { Failure } from "./failure.ts";
import type { ProgramFile } from "../sim/mod.ts";
import type { SeedReport } from "./explore_seed.ts";
import type { FixedOptions } from "./swarm.ts";
import type { CaseFile } from "./test_case.ts";

/** The subject of an exploration as data, which threads receive by structured clone. */
export interface ExploreSetup {
  /** The workload's name, or the path of the module that exports it. */
  readonly workload: string;
  /** The path of the program that runs one node. */
  readonly bin: string;
  /** The file to load, if it was built from {@link bin} or needs a glue. */
  readonly program?: ProgramFile;
  readonly args: readonly string[];
  /** The names of the faults that a case may have. */
  readonly faults: readonly string[];
  readonly fixedOptions: FixedOptions;
  /** Whether nodes claim to agree in the end where the workload leaves that to them. */
  readonly agreement?: boolean;
  /** Whether nodes claim that they never show less than before, see `monotonic_reads.ts`. */
  readonly monotonicReads?: boolean;
  /** The time after the heal in which nodes claim to converge, in milliseconds; Maelstrom's by default. */
  readonly convergenceMs?: number;
  /** Whether faults begin when nodes reach coverage points, if they can, in all cases. */
  readonly triggered?: boolean;
  /** The values of the node's flags from which a case may have some. */
  readonly exploredFlags?: ExploredFlags;
}

/** A request to a thread. A thread executes one request at a time. */
export type ThreadRequest =
  | { readonly kind: "setup"; readonly setup: ExploreSetup }
  | { readonly kind: "explore"; readonly seed: number }
  | {
    readonly kind: "shrink";
    readonly seed: number;
    readonly failure: Failure;
    readonly maxRuns: number;
  };

/** A failing case as generated, and the case that it was shrunk to. */
export interface ShrunkCase {
  readonly found: CaseFile;
  readonly shrunk: CaseFile;
  /** The number of runs that shrinking took. */
  readonly runs: number;
}

/** A reply of a thread. */
export type ThreadReply =
  | { readonly kind: "ready" }
  | { readonly kind: "explored"; readonly report: SeedReport }
  /** A seed runs and has come to further messages; another reply follows. */
  | { readonly kind: "running" }
  /** Shrinking has come to this case and continues; another reply follows. */
  | { readonly kind: "shrinking"; readonly result: ShrunkCase }
  | { readonly kind: "shrunk"; readonly result: ShrunkCase }
  | { readonly kind: "failed"; readonly name: string; readonly message: string };
