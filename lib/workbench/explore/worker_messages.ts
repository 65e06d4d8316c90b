/**
 * What the workers of an exploration and those who set them to work say to each other.
 *
 * @module
 */

import type { Failure } from "./failure.ts";
import type { SeedReport } from "./explore_seed.ts";
import type { Pinned } from "./swarm.ts";
import type { CaseFile } from "./test_case.ts";

/** What is explored, as data. */
export interface ExploreSetup {
  /** The workload's name. */
  readonly workload: string;
  /** The module of the node function. */
  readonly bin: string;
  readonly args: readonly string[];
  /** The faults that may be drawn. */
  readonly faults: readonly string[];
  readonly pinned: Pinned;
}

/** What a worker is asked to do; it does one thing at a time. */
export type WorkerRequest =
  | { readonly kind: "setup"; readonly setup: ExploreSetup }
  | { readonly kind: "explore"; readonly seed: number }
  | {
    readonly kind: "shrink";
    readonly seed: number;
    readonly failure: Failure;
    readonly mostRuns: number;
  };

/** A failing case as it was found and what it was shrunk to. */
export interface ShrunkCase {
  readonly found: CaseFile;
  readonly shrunk: CaseFile;
  /** How many runs that took. */
  readonly runs: number;
}

/** What a worker answers. */
export type WorkerAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "explored"; readonly report: SeedReport }
  /** A smaller case was found; it goes on. */
  | { readonly kind: "smaller"; readonly size: string; readonly runs: number }
  | { readonly kind: "shrunk"; readonly result: ShrunkCase }
  | { readonly kind: "failed"; readonly name: string; readonly message: string };
