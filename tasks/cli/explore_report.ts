/**
 * Formats the progress and the result of an exploration for the terminal.
 *
 * @module
 */

import { printable } from "../../lib/base/mod.ts";
import type { Palette } from "../../lib/report/mod.ts";
import {
  type Exploration,
  EXPLORED_FAULT_NAMES,
  type ExploreSetup,
  type PointCoverage,
} from "../../lib/workbench/explore/mod.ts";
import { isModulePath } from "../../lib/workbench/import_module.ts";
import { isOutside, taskCommand } from "./users_folder.ts";

/** Returns the command that replays the case in a folder. */
export function describeReplay(
  folder: string,
  { bin, workload }: ExploreSetup,
  glue?: string,
): string {
  const modules = isModulePath(workload) ? [bin, workload] : [bin];
  const allow = modules.some(isOutside) ? " --allow-outside" : "";
  return `${taskCommand("replay")} ${folder}/case.json${allow}${
    glue === undefined ? "" : ` --wasm-exec ${glue}`
  }`;
}

/** Returns the progress of an exploration of a number of seeds, or of infinitely many, in one line. */
export function describeProgress(exploration: Exploration, seeds: number, seconds: number): string {
  const { seeds: done, elapsedMs } = exploration.totals;
  const failures = exploration.failures.reduce((sum, failure) => sum + failure.seeds, 0);
  const seedsPerSecond = seconds > 0 ? (done / seconds).toFixed(1) : "0";
  const speed = seconds > 0 ? Math.round(elapsedMs / 1000 / seconds) : 0;
  const of = seeds === Infinity ? "" : `of ${seeds} `;
  const points = exploration.coveragePoints;
  const reached = points.filter(({ seeds }) => seeds > 0).length;
  return `  ${done} ${of}seeds · ${seedsPerSecond} seeds/s · ${speed} × real time · ` +
    `${reached} of ${points.length} coverage points · ${failures} failed`;
}

/** Returns totals, speed, and the seeds that failed. */
export function describeResult(exploration: Exploration, seconds: number, paint: Palette): string {
  const { seeds, operations, messages, elapsedMs } = exploration.totals;
  const speed = `${(seeds / seconds).toFixed(1)} seeds/s, ` +
    `${Math.round(elapsedMs / 1000 / seconds)} × real time`;
  return `${seeds} ${seeds === 1 ? "seed" : "seeds"} in ${seconds.toFixed(1)} s (${speed}): ` +
    `${operations} operations, ${messages} messages\n${describeFailures(exploration, paint)}`;
}

/** Returns the failures with their seeds, and the seeds without a verdict. */
export function describeFailures(exploration: Exploration, paint: Palette): string {
  const lines: string[] = [];
  for (const { failure, signature, seed, seeds } of exploration.failures) {
    const others = seeds === 1 ? "" : ` and ${seeds - 1} more`;
    lines.push(paint.bad(`  seed ${seed}${others} failed: ${failure.join(", ")}`));
    lines.push(...signature.map((line) => `    ${printable(line)}`));
  }
  const { undecided } = exploration;
  if (undecided.length > 0) {
    const some = undecided.slice(0, 5).join(", ") + (undecided.length > 5 ? ", …" : "");
    lines.push(
      paint.unsure(`  ${undecided.length} unknown (neither valid nor invalid): seed ${some}`),
    );
  }
  if (exploration.failures.length === 0) lines.push(paint.good("  no seed failed"));
  return lines.join("\n");
}

/**
 * Returns the coverage: a line per coverage point that a seed reached, then the points that no seed
 * reached and the faults that `--nemesis` excludes.
 */
export function describeCoverage(
  exploration: Exploration,
  faults: readonly string[],
  paint: Palette,
): string {
  const reached = exploration.coveragePoints.filter(({ seeds }) => seeds > 0);
  const missed = exploration.coveragePoints.filter(({ seeds }) => seeds === 0);
  const excluded = EXPLORED_FAULT_NAMES.filter((name) => !faults.includes(name));
  const lines = ["", "Coverage points reached, by number of seeds, and how often:"];
  lines.push(...reached.map((point) => row(point, exploration.totals.seeds)));
  if (reached.length === 0) lines.push("  none");
  if (missed.length > 0) {
    lines.push("", paint.unsure("Coverage points that no seed reached:"));
    lines.push(...missed.map(({ name }) => paint.unsure(`  ${printable(name)}`)));
  }
  if (excluded.length > 0) {
    lines.push("", paint.dim(`Faults excluded by --nemesis: ${excluded.join(", ")}`));
  }
  return lines.join("\n");
}

function row({ name, seeds, times }: PointCoverage, all: number): string {
  const share = `${seeds} of ${all}`.padStart(14);
  return `  ${printable(name).padEnd(60)} ${share} ${String(times).padStart(10)}`;
}
