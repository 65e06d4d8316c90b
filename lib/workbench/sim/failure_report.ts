/**
 * What a test shows when a simulated run is not as it should be: what the checkers found, what the
 * nodes logged last, and the messages as a Lamport diagram.
 *
 * @module
 */

import { isJsonObject, stringifyJson } from "../../base/mod.ts";
import type { Valid } from "../../check/mod.ts";
import { type LamportRange, lamportSvg, lamportText } from "../../report/mod.ts";
import type { SimulationResult } from "./simulate.ts";

const MAX_LOG_LINES = 20;

/** Thrown by {@link expectValid}. */
export class UnexpectedVerdictError extends Error {
  override readonly name = "UnexpectedVerdictError";
}

/**
 * Throws an {@link UnexpectedVerdictError} with a {@link describeRun} unless all checks of a run
 * together say `valid`.
 */
export function expectValid(
  run: SimulationResult,
  valid: Valid = true,
  range?: LamportRange,
): void {
  const seen = run.results["valid?"];
  if (seen === valid) return;
  throw new UnexpectedVerdictError(
    `the run was to be ${valid}, but is ${seen}.\n${describeRun(run, range)}`,
  );
}

/**
 * A run in words and as a diagram: 100 messages from its beginning, or the range. The diagram is also
 * written as SVG to a temporary file, if that is allowed; the text says where it is.
 */
export function describeRun(run: SimulationResult, range: LamportRange = {}): string {
  const { results, options, record, log, journal } = run;
  const { seed, nodes, concurrency, timeLimit, rate, latency, nemesis } = options;
  const lines = [
    `seed ${seed}: ${options.workload}, ${nodes.length} nodes, ${concurrency} workers, ` +
    `${timeLimit} s at rate ${rate}, latency ${latency.mean} ms ${latency.distribution}` +
    (nemesis.length === 0 ? "" : `, nemesis ${nemesis.join(", ")}`),
    ...explanationsIn(results).map((message) => `- ${message}`),
    ...record.crashes.map(({ node, exit }) => `- ${node} ended with ${stringifyJson(exit)}`),
  ];
  if (log.length > 0) {
    lines.push("", "The last lines of the nodes' logs:");
    for (const { timeMs: time, node, line } of log.slice(-MAX_LOG_LINES)) {
      lines.push(`${time.toFixed(3).padStart(11)}  ${node}: ${line}`);
    }
  }
  lines.push("", lamportText(journal, range), diagramFile(run, range));
  return lines.join("\n");
}

function diagramFile({ journal }: SimulationResult, range: LamportRange): string {
  try {
    const path = Deno.makeTempFileSync({ prefix: "messages-", suffix: ".svg" });
    Deno.writeTextFileSync(path, lamportSvg(journal, { ...range, maxEvents: 10_000 }));
    return `The messages as a diagram: ${path}`;
  } catch (error) {
    return `(The diagram could not be written: ${(error as Error).message})`;
  }
}

/** All explanations in a verdict and in the verdicts it consists of. */
function explanationsIn(verdict: unknown): string[] {
  if (!isJsonObject(verdict)) return [];
  const { explanations } = verdict;
  const own = Array.isArray(explanations)
    ? explanations.flatMap((one) => isJsonObject(one) ? String(one.message) : [])
    : [];
  return [...own, ...Object.values(verdict).flatMap(explanationsIn)];
}
