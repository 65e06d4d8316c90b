/**
 * Simulated runs of each workload's correct reference node under all faults, reduced to hashes of
 * history, journal and logs. As a program it prints the hashes, to compare runs in different
 * processes: `deno run -A tests/support/transcripts.ts SEED`.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { FAULT_NAMES } from "../../lib/workbench/fault/mod.ts";
import { simulate, transcriptOf } from "../../lib/workbench/sim/mod.ts";
import { findWorkload, nodeIds, type Workload } from "../../lib/workload/mod.ts";
import { REFERENCE_NODES } from "./reference_nodes.ts";

/** The workloads that have a reference node. */
export const REFERENCES = REFERENCE_NODES.filter(({ fault }) => fault === "none");

/** Returns the simulation of a workload. */
export function simulationOf(name: string, seed: string): Parameters<typeof simulate> {
  const reference = REFERENCES.find(({ workload }) => workload === name);
  if (reference === undefined) {
    throw new RangeError(`unknown workload "${name}"; no reference node serves it`);
  }
  const { program, nodeCount, options } = reference;
  const nodes = nodeIds(nodeCount);
  return [program, findWorkload(name) as Workload, {
    concurrency: nodes.length,
    latency: { meanMs: 20, distribution: "exponential" },
    ...options,
    nodes,
    timeLimitSeconds: 2,
    ratePerSecond: 40,
    faults: FAULT_NAMES,
    nemesisIntervalSeconds: 0.5,
    seed,
  }];
}

/** Runs the simulation of a workload; returns hashes of its history, journal and logs. */
export async function hashesOf(workload: string, seed: string): Promise<string> {
  const transcript = transcriptOf(await simulate(...simulationOf(workload, seed)));
  return Object.entries(transcript).map(([part, lines]: [string, readonly string[]]) =>
    `${part} ${lines.length} ${createHash("sha256").update(lines.join("\n")).digest("hex")}`
  ).join(" ");
}

if (import.meta.main) {
  for (const { workload } of REFERENCES) {
    const line = `${workload} ${await hashesOf(workload, Deno.args[0] ?? "1")}\n`;
    Deno.stdout.writeSync(new TextEncoder().encode(line));
  }
}
