/**
 * The report of a simulated run with an unexpected verdict: the checkers' explanations, the last
 * lines of the nodes' logs, and the messages as a Lamport diagram.
 *
 * @module
 */

import { isJsonObject, stringifyJson } from "../../base/mod.ts";
import type { Valid } from "../../check/mod.ts";
import {
  type LamportRange,
  lamportSvg,
  lamportText,
  type NetworkEvent,
  proofOf,
} from "../../report/mod.ts";
import type { SimulationResult } from "./simulation_result.ts";

const MAX_LOG_LINES = 20;

/** Thrown by {@link expectValid}. */
export class UnexpectedVerdictError extends Error {
  /** The name of the class. */
  override readonly name = "UnexpectedVerdictError";
}

/**
 * Throws an {@link UnexpectedVerdictError} with the text of {@link describeRun} unless the verdict
 * of all checkers together is `valid`.
 *
 * @example
 * ```ts
 * import { expectValid, simulate, workloads } from "@gossip/workbench/testing";
 *
 * const run = await simulate(
 *   (node) => node.on("echo", () => ({ type: "echo_ok", echo: "something else" })),
 *   workloads.echo,
 *   { nodes: 1, timeLimitSeconds: 2 },
 * );
 * expectValid(run, false);
 * ```
 */
export function expectValid(
  run: SimulationResult,
  valid: Valid = true,
  range?: LamportRange,
): void {
  const found = run.results["valid?"];
  if (found === valid) return;
  throw new UnexpectedVerdictError(
    `expected \`valid?\` ${valid}, got ${found}.\n${describeRun(run, range)}`,
  );
}

/**
 * Describes a run as text: its settings, the checkers' explanations, the last lines of the nodes'
 * logs, and a diagram of the messages in the range, by default those around the operations that
 * prove the verdict, at most 100 events. Also writes the
 * diagram to a temporary SVG file, if the process may, and names that file in the text.
 *
 * @example
 * ```ts
 * import { match } from "node:assert/strict";
 * import { describeRun, simulate, workloads } from "@gossip/workbench/testing";
 *
 * const run = await simulate(
 *   (node) => node.on("echo", ({ echo = null }) => ({ type: "echo_ok", echo })),
 *   workloads.echo,
 *   { nodes: 1, timeLimitSeconds: 2 },
 * );
 * match(describeRun(run, { maxEvents: 10 }), /^seed 0: echo, 1 nodes/);
 * ```
 */
export function describeRun(run: SimulationResult, range: LamportRange = {}): string {
  const { results, options, crashes, log, journal, history } = run;
  const {
    seed,
    nodes,
    concurrency,
    timeLimitSeconds,
    ratePerSecond: rate,
    latency,
    nemesis,
  } = options;
  const lines = [
    `seed ${seed}: ${options.workload}, ${nodes.length} nodes, ${concurrency} workers, ` +
    `${timeLimitSeconds} s at rate ${rate}, latency ${latency.meanMs} ms ${latency.distribution}` +
    (nemesis.length === 0 ? "" : `, nemesis ${nemesis.join(", ")}`),
    ...explanationsIn(results).map((message) => `- ${message}`),
    ...crashes.map(({ node, exit }) => `- ${node} ended with ${stringifyJson(exit)}`),
  ];
  if (log.length > 0) {
    lines.push("", "The last lines of the nodes' logs:");
    for (const { timeMs, node, line } of log.slice(-MAX_LOG_LINES)) {
      lines.push(`${timeMs.toFixed(3).padStart(11)}  ${node}: ${line}`);
    }
  }
  const isWhole = range.fromMs !== undefined;
  const { events, marks } = proofOf({ results, history, journal, nodes, concurrency });
  const shown = isWhole ? journal : events;
  if (shown.length < journal.length) {
    lines.push("", `Around the proof, ${shown.length} of ${journal.length} events of messages:`);
  }
  const marked = { ...range, marks };
  lines.push("", lamportText(shown, marked), diagramFile(shown, marked));
  return lines.join("\n");
}

function diagramFile(journal: readonly NetworkEvent[], range: LamportRange): string {
  try {
    const path = Deno.makeTempFileSync({ prefix: "messages-", suffix: ".svg" });
    Deno.writeTextFileSync(path, lamportSvg(journal, { ...range, maxEvents: 10_000 }));
    return `The messages as a diagram: ${path}`;
  } catch (error) {
    return `(The diagram could not be written: ${(error as Error).message})`;
  }
}

/** Returns all explanations in a verdict and in the verdicts that it contains. */
function explanationsIn(verdict: unknown): string[] {
  if (!isJsonObject(verdict)) return [];
  const { explanations } = verdict;
  const own = Array.isArray(explanations)
    ? explanations.flatMap((item) => isJsonObject(item) ? String(item.message) : [])
    : [];
  return [...own, ...Object.values(verdict).flatMap(explanationsIn)];
}
