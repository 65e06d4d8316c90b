/**
 * What an exploration found, for people.
 *
 * @module
 */

import type { Palette } from "../../lib/report/mod.ts";
import type { Exploration, FeatureCoverage } from "../../lib/workbench/explore/mod.ts";
import { FAULT_NAMES } from "../../lib/workbench/mod.ts";

/** How an exploration goes on, in one line. */
export function describeProgress(exploration: Exploration, seeds: number, seconds: number): string {
  const { seeds: done, elapsed } = exploration.totals;
  const failures = exploration.failures.reduce((sum, failure) => sum + failure.seeds, 0);
  const pace = seconds > 0 ? (done / seconds).toFixed(1) : "0";
  const speed = seconds > 0 ? Math.round(elapsed / 1000 / seconds) : 0;
  return `  ${done} of ${seeds} seeds · ${pace} seeds/s · ${speed} × real time · ` +
    `${failures} failed`;
}

/** What was run, how fast, and which seeds failed. */
export function describeResult(exploration: Exploration, seconds: number, paint: Palette): string {
  const { seeds, operations, messages, elapsed } = exploration.totals;
  const pace = `${(seeds / seconds).toFixed(1)} seeds/s, ` +
    `${Math.round(elapsed / 1000 / seconds)} × real time`;
  const lines = [
    `${seeds} ${seeds === 1 ? "seed" : "seeds"} in ${seconds.toFixed(1)} s (${pace}): ` +
    `${operations} operations, ${messages} messages`,
  ];
  for (const { failure, seed, seeds } of exploration.failures) {
    const others = seeds === 1 ? "" : ` and ${seeds - 1} more`;
    lines.push(paint.bad(`  seed ${seed}${others} failed: ${failure.join(", ")}`));
  }
  const { undecided } = exploration;
  if (undecided.length > 0) {
    const some = undecided.slice(0, 5).join(", ") + (undecided.length > 5 ? ", …" : "");
    lines.push(paint.unsure(`  ${undecided.length} could not be decided: seed ${some}`));
  }
  if (exploration.failures.length === 0) lines.push(paint.good("  no seed failed"));
  return lines.join("\n");
}

/**
 * What was covered, a line a feature, and what was not: features that no seed reached, and faults
 * that were not allowed.
 */
export function describeCoverage(
  exploration: Exploration,
  faults: readonly string[],
  paint: Palette,
): string {
  const reached = exploration.features.filter(({ seeds }) => seeds > 0);
  const missed = exploration.features.filter(({ seeds }) => seeds === 0);
  const refused = FAULT_NAMES.filter((name) => !faults.includes(name));
  const lines = ["", "What really happened, in how many seeds, and how often:"];
  lines.push(...reached.map((feature) => row(feature, exploration.totals.seeds)));
  if (reached.length === 0) lines.push("  nothing worth a word");
  if (missed.length > 0) {
    lines.push("", paint.unsure("Not tested, since no seed reached it:"));
    lines.push(...missed.map(({ name }) => paint.unsure(`  ${name}`)));
  }
  if (refused.length > 0) {
    lines.push("", paint.dim(`Not tested, since --nemesis leaves it out: ${refused.join(", ")}`));
  }
  return lines.join("\n");
}

function row({ name, seeds, times }: FeatureCoverage, all: number): string {
  const share = `${seeds} of ${all}`.padStart(14);
  return `  ${name.padEnd(60)} ${share} ${String(times).padStart(10)}`;
}
