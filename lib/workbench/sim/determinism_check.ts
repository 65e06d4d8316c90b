/**
 * Checks that a simulation is what it promises to be: the same for the same seed, byte for byte.
 *
 * The test is run twice and its history, its journal and its logs are compared as they would stand
 * in files. A node that asks the real world for time or randomness is named besides: such a call is
 * caught even where both runs happen to come out the same.
 *
 * @module
 */

import { encodeOperationJson } from "../../history/mod.ts";
import type { NodeProblem } from "../cluster.ts";
import { encodeJournalEvent } from "../journal.ts";
import { simulate, type Simulation, type SimulationResult } from "./simulate.ts";

/** What a run is compared by. */
export interface Transcript {
  readonly history: readonly string[];
  readonly journal: readonly string[];
  readonly logs: readonly string[];
}

/** The first line in which two runs differ. */
export interface Difference {
  readonly part: keyof Transcript;
  /** From 1. */
  readonly line: number;
  /** The line in each run; undefined where the run has ended before. */
  readonly first: string | undefined;
  readonly second: string | undefined;
}

/** What the check found. */
export interface DeterminismResult {
  /** Whether both runs were the same and no node called what it must not. */
  readonly deterministic: boolean;
  readonly differences: readonly Difference[];
  /** The calls by which nodes reached past their context, with the places in their code. */
  readonly nondeterministicCalls: readonly NodeProblem[];
}

/** Runs a simulation twice and says in what the runs differ. */
export async function checkDeterminism(simulation: Simulation): Promise<DeterminismResult> {
  const first = await simulate(simulation);
  const second = await simulate(simulation);
  const differences = compareTranscripts(transcriptOf(first), transcriptOf(second));
  const ambientCalls = first.record.problems.filter(({ type }) => type === "ambient-call");
  return {
    differences,
    nondeterministicCalls: ambientCalls,
    deterministic: differences.length === 0 && ambientCalls.length === 0,
  };
}

/** A run as the lines of its files. */
export function transcriptOf({ record, journal, log }: SimulationResult): Transcript {
  return {
    history: record.history.map(encodeOperationJson),
    journal: journal.map(encodeJournalEvent),
    logs: log.map(({ node, timeMs: time, line }) => `${time} ${node} ${line}`),
  };
}

/** The first difference of each part, none for equal ones. */
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
