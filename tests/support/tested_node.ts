/**
 * Nodes that tests run on both engines: as processes, and simulated.
 *
 * @module
 */

import type { Verdict } from "../../lib/check/mod.ts";
import type { NodeFunction } from "../../lib/node/mod.ts";
import { simulate } from "../../lib/workbench/sim/mod.ts";
import { findWorkload, type TestOptions, type Workload } from "../../lib/workload/mod.ts";
import { runProcessTest } from "./run_process_test.ts";

/** A node, and how to test it. */
export interface TestedNode {
  readonly workload: string;
  /** The path of the program's file, which the process engine starts. */
  readonly file: string;
  readonly program: NodeFunction;
  readonly args: readonly string[];
  readonly nodeCount: number;
  /** Overrides of the default options. */
  readonly options: Partial<TestOptions>;
}

/** The result of a run: all verdicts, and the lines of the nodes' logs, each after its node. */
export interface Outcome {
  readonly results: Verdict;
  readonly logs: readonly string[];
}

/** Overrides of a node's own test. */
export interface Differences {
  readonly options?: Partial<TestOptions>;
  /**
   * Milliseconds between healing all faults and the final operations; 1,000 by default. Maelstrom's
   * 10,000 would be most of a short test, and without faults there is nothing to recover from.
   */
  readonly quiescenceMs?: number;
}

const QUIESCENCE_MS = 1000;

/** Runs a node as processes. */
export async function runAsProcesses(
  { file, args, nodeCount, workload, options }: TestedNode,
  seed: number,
  { options: more, quiescenceMs = QUIESCENCE_MS }: Differences = {},
): Promise<Outcome> {
  const { results, logs } = await runProcessTest({
    args,
    nodeCount,
    quiescenceMs,
    bin: file,
    options: { ...options, ...more, workload, seed: String(seed) },
  });
  return { results, logs };
}

/** Runs a node in a simulation. */
export async function runSimulated(
  { program, args, nodeCount, workload, options }: TestedNode,
  seed: number,
  { options: more, quiescenceMs = QUIESCENCE_MS }: Differences = {},
): Promise<Outcome> {
  const { nemesis: faults = [], ...others } = { ...options, ...more };
  const { results, log } = await simulate(program, findWorkload(workload) as Workload, {
    timeLimitSeconds: 10,
    ratePerSecond: 10,
    ...others,
    faults,
    nodes: nodeCount,
    args,
    seed,
    quiescenceMs,
  });
  return { results, logs: log.map(({ node, line }) => `${node}: ${line}`) };
}

/** Returns the names of the anomalies that a workload's checker found. */
export function anomaliesOf(verdict: Verdict): Set<string> {
  const named = ["anomaly-types", "error-types"].flatMap((key) => verdict[key] as string[] ?? []);
  const explained = verdict["explanations"] as { readonly type: string }[] | undefined ?? [];
  const failures = verdict["failures"] as unknown[] | undefined ?? [];
  return new Set([
    ...named,
    ...explained.map(({ type }) => type),
    ...(failures.length > 0 ? ["nonlinearizable"] : []),
  ]);
}
