/**
 * A node as tests of both engines see it: a program to start, the function inside it to simulate,
 * and the work to give it; and the one way of doing so on either engine.
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
  /** Its program, as a path. */
  readonly file: string;
  readonly program: NodeFunction;
  readonly args: readonly string[];
  readonly nodeCount: number;
  /** What is to differ from the default options. */
  readonly options: Partial<TestOptions>;
}

/** What came of a run: the whole results, and what the nodes logged, each line after its node. */
export interface Outcome {
  readonly results: Verdict;
  readonly logs: readonly string[];
}

/**
 * Milliseconds of rest before the final operations. Maelstrom's ten seconds would be most of a
 * short test; with no fault to recover from, one is enough.
 */
const QUIESCENCE_MS = 1000;

/** What both engines are to be told alike. */
function sharedOptions({ options }: TestedNode, seed: number, more: Partial<TestOptions>) {
  return { ...options, ...more, seed: String(seed) };
}

/** Runs a node as processes. */
export async function runAsProcesses(
  node: TestedNode,
  seed: number,
  more: Partial<TestOptions> = {},
): Promise<Outcome> {
  const { results, logs } = await runProcessTest({
    bin: node.file,
    args: node.args,
    nodeCount: node.nodeCount,
    options: { ...sharedOptions(node, seed, more), workload: node.workload },
    quiescence: QUIESCENCE_MS,
  });
  return { results, logs };
}

/** Runs a node simulated. */
export async function runSimulated(
  node: TestedNode,
  seed: number,
  more: Partial<TestOptions> = {},
): Promise<Outcome> {
  const { seed: _, ...options } = sharedOptions(node, seed, more);
  const { results, log } = await simulate({
    program: node.program,
    args: node.args,
    workload: findWorkload(node.workload) as Workload,
    options: { ...options, nodes: node.nodeCount },
    quiescence: QUIESCENCE_MS,
    seed,
  });
  return { results, logs: log.map(({ node, line }) => `${node}: ${line}`) };
}

/** The names of the anomalies that a workload's checker found. */
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
