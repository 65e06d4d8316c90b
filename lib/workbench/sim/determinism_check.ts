/**
 * Checks that a simulation is deterministic: the same seed gives the same run, byte for byte.
 *
 * The check runs the simulation twice and compares the histories, journals and logs as they would
 * stand in files. It also reports every call of a node to a source of non-determinism, which the
 * traps find even where both runs happen to agree.
 *
 * @module
 */

import { encodeOperationJson } from "../../history/mod.ts";
import type { NodeFunction } from "../../node/mod.ts";
import type { Workload } from "../../workload/mod.ts";
import type { NodeProblem } from "../cluster.ts";
import { encodeJournalEvent } from "../journal.ts";
import { simulate, type SimulationOptions } from "./simulate.ts";
import type { GuestProgram } from "./guest_program.ts";
import type { SimulationResult } from "./simulation_result.ts";

/** The lines by which two runs are compared. */
export interface Transcript {
  /** The operations, as JSON. */
  readonly history: readonly string[];
  /** The messages, as JSON. */
  readonly journal: readonly string[];
  /** The lines that nodes logged. */
  readonly logs: readonly string[];
}

/** The first line in which two runs differ. */
export interface Difference {
  /** Which lines differ. */
  readonly part: keyof Transcript;
  /** The number of the line, from 1. */
  readonly line: number;
  /** The line in the first run; undefined where that run has fewer lines. */
  readonly first: string | undefined;
  /** The line in the second run; undefined where that run has fewer lines. */
  readonly second: string | undefined;
}

/** The result of the check. */
export interface DeterminismResult {
  /** Whether both runs agree and no node called a source of non-determinism. */
  readonly deterministic: boolean;
  /** The first difference in each part; none if both runs agree. */
  readonly differences: readonly Difference[];
  /** The calls to sources of non-determinism, with their locations in the nodes' code. */
  readonly nondeterministicCalls: readonly NodeProblem[];
}

/**
 * Runs a simulation twice and compares the runs.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { checkDeterminism, workloads } from "@gossip/workbench/testing";
 *
 * const result = await checkDeterminism(
 *   (node) => node.on("generate", () => ({ type: "generate_ok", id: Math.random() })),
 *   workloads.uniqueIds,
 *   { nodes: 1, timeLimitSeconds: 2 },
 * );
 * deepEqual(result.nondeterministicCalls.map(({ problem }) => problem), [
 *   "it called Math.random()",
 * ]);
 * ```
 */
export async function checkDeterminism(
  program: NodeFunction | GuestProgram,
  workload: Workload,
  options: SimulationOptions = {},
): Promise<DeterminismResult> {
  const first = await simulate(program, workload, options);
  const second = await simulate(program, workload, options);
  const differences = compareTranscripts(transcriptOf(first), transcriptOf(second));
  const nondeterministicCalls = first.problems.filter(({ type }) => type === "ambient-call");
  return {
    differences,
    nondeterministicCalls,
    deterministic: differences.length === 0 && nondeterministicCalls.length === 0,
  };
}

/** Returns a run as the lines of its files. */
export function transcriptOf({ history, journal, log }: SimulationResult): Transcript {
  return {
    history: history.map(encodeOperationJson),
    journal: journal.map(encodeJournalEvent),
    logs: log.map(({ node, timeMs, line }) => `${timeMs} ${node} ${line}`),
  };
}

/** Returns the first difference in each part; no entry for a part that is equal. */
export function compareTranscripts(first: Transcript, second: Transcript): Difference[] {
  return (["history", "journal", "logs"] as const).flatMap((part) => {
    const [one, other] = [first[part], second[part]];
    const length = Math.max(one.length, other.length);
    for (let index = 0; index < length; index++) {
      if (one[index] !== other[index]) {
        return [{ part, line: index + 1, first: one[index], second: other[index] }];
      }
    }
    return [];
  });
}
