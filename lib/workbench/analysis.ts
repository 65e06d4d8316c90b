/**
 * Analyses a test that has run, or its recorded history: runs all checkers and merges their
 * verdicts.
 *
 * @module
 */

import {
  checkAll,
  checkAvailability,
  checkCrashes,
  type Checker,
  checkExceptions,
  checkStats,
  countInvocations,
  type Explanation,
  mergeVerdicts,
  type NetStatistics,
  type Verdict,
} from "../check/mod.ts";
import type { History } from "../history/mod.ts";
import type { TestOptions, Workload } from "../workload/mod.ts";
import type { NodeProblem, UnexpectedExit } from "./cluster.ts";

/** The history of a test, and what else its engine observed. */
export interface AnalysisInput {
  readonly options: TestOptions;
  readonly workload: Workload;
  readonly history: History;
  /** The message counts, if there is a journal. */
  readonly net?: NetStatistics;
  readonly problems?: readonly NodeProblem[];
  readonly crashes?: readonly UnexpectedExit[];
  /** The time in milliseconds, to measure the duration of the checks. */
  now(): number;
}

/** Returns the results of a test under Maelstrom's names, and those of our own checkers. */
export function analyse(input: AnalysisInput): Verdict {
  const { options, workload, history, net, problems, crashes, now } = input;
  const checkers: Record<string, Checker> = {
    stats: checkStats,
    availability: (history) => checkAvailability(history, options.availability),
    exceptions: checkExceptions,
  };
  if (net !== undefined) checkers.net = (history) => net.verdict(countInvocations(history));
  if (problems !== undefined) checkers.nodes = () => checkProblems(problems, options);
  if (crashes !== undefined) checkers.crash = () => checkUnexpectedExits(crashes);
  checkers.workload = (history) => workload.check(history, { options, now });
  const { "valid?": _, "maelstrom-valid?": __, ...verdicts } = checkAll(history, checkers);
  return mergeVerdicts(verdicts as Record<string, Verdict>);
}

/** Invalid if a node had a problem, such as malformed output or a message to an unknown node. */
function checkProblems(problems: readonly NodeProblem[], { seed }: TestOptions): Verdict {
  if (problems.length === 0) return { "valid?": true };
  const first = problems[0] as NodeProblem;
  return {
    "valid?": false,
    // Maelstrom stops reading from such a node and checks the history so far.
    "maelstrom-valid?": true,
    count: problems.length,
    problems,
    explanations: [explainProblem(first, seed)],
  };
}

function explainProblem({ node, line, problem, type }: NodeProblem, seed: string): Explanation {
  if (type === "ambient-call") {
    return {
      type,
      message: `Node ${node} is not deterministic: ${problem}\n  at ${line}\n` +
        "A node must take time, timers, random numbers and its log from its context (node.now(), " +
        "node.after(), node.random(), node.log()).",
    };
  }
  if (type === "invariant") {
    return {
      type,
      message: `Node ${node} ended the run with seed ${seed}: ${problem}\n  at ${line}`,
    };
  }
  if (type === "no-restart") {
    return { type, message: `Node ${node} did not restart after it was killed: ${problem}` };
  }
  return {
    type: "bad-output",
    message: `Node ${node} wrote invalid output to stdout: ${problem}\n` +
      `${
        line === "" ? "" : `  ${line}\n`
      }Only messages belong on stdout; send anything else to stderr.`,
  };
}

function checkUnexpectedExits(crashes: readonly UnexpectedExit[]): Verdict {
  return checkCrashes(crashes.map(({ node, exit, stdout, stderr }) => ({
    node,
    exit: exit.signal ?? exit.code,
    stdout,
    stderr,
    log: `node-logs/${node}.log`,
  })));
}
