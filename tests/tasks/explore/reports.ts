/**
 * Reports of explorations for tests.
 *
 * @module
 */

import type { CaseFile, SeedReport } from "../../../lib/workbench/explore/mod.ts";
import { generateCase } from "../../../lib/workbench/explore/mod.ts";
import { workloads } from "../../../lib/workload/mod.ts";
import {
  encodeLine,
  type End,
  type ReportHeader,
  type Shard,
} from "../../../tasks/explore/report_lines.ts";

export const SETUP = {
  workload: "echo",
  bin: "nodes/echo.ts",
  args: ["--x"],
  faults: ["loss"],
  fixedOptions: { ratePerSecond: 5 },
};

export function caseOf(seed: number, failure: readonly string[] = ["workload: lost"]): CaseFile {
  return {
    case: generateCase({ ...SETUP, workload: workloads.echo }, String(seed)),
    failure,
  };
}

export function headerOf(shard: Shard, changes: Partial<ReportHeader> = {}): ReportHeader {
  return {
    revision: { commit: "c0ffee", code: "1234", deno: "2.9.6" },
    setup: SETUP,
    from: 10,
    seeds: 40,
    shard,
    expected: ["loss: a message was lost"],
    ...changes,
  };
}

/** Returns the report of a seed: every seventh fails, every eleventh has no verdict. */
export function reportOf(seed: number): SeedReport {
  const failure = seed % 7 !== 0 ? [] : seed % 2 === 0 ? ["workload: lost"] : ["crash: crashed"];
  return {
    seed,
    valid: failure.length > 0 ? false : seed % 11 === 0 ? "unknown" : true,
    failure,
    signature: failure.map((entry) => `${entry} <with> | seed ${seed}`),
    coverage: seed % 3 === 0 ? { "network: a message overtook another": seed } : {},
    faults: ["loss"],
    operations: seed,
    messages: 2 * seed,
    elapsedMs: 1.5 * seed,
  };
}

/** Returns the lines of a shard's report of a number of seeds, all by default. */
export function linesOf(
  shard: Shard,
  { seeds = Infinity, end = "complete", ...changes }:
    & { readonly seeds?: number; readonly end?: End | undefined }
    & { readonly header?: Partial<ReportHeader> } = {},
): string[] {
  const header = headerOf(shard, changes.header);
  const lines = [encodeLine({ kind: "header", header })];
  const shrunk = new Set<string>();
  const cases: string[] = [];
  for (let count = 0; count < seeds; count++) {
    const seed = header.from + shard.index - 1 + shard.count * count;
    if (seed >= header.from + (header.seeds ?? 0)) break;
    const report = reportOf(seed);
    lines.push(encodeLine({ kind: "seed", report }));
    const { failure } = report;
    if (failure.length === 0 || shrunk.has(failure.join())) continue;
    shrunk.add(failure.join());
    cases.push(encodeLine({
      kind: "shrunk",
      shrunk: { failure, seed, runs: seed, elapsedMs: 20, shrunk: caseOf(seed, failure) },
    }));
  }
  return [...lines, ...cases, encodeLine({ kind: "end", end }, shard.index)];
}
