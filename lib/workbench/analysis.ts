/**
 * Judges a test that was run, or recorded: all checkers, one verdict.
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

/** What there is to judge. */
export interface AnalysisInput {
  readonly options: TestOptions;
  readonly workload: Workload;
  readonly history: History;
  /** The counts of messages, when there is a journal. */
  readonly net?: NetStatistics;
  readonly problems?: readonly NodeProblem[];
  readonly crashes?: readonly UnexpectedExit[];
  /** Milliseconds on a clock that only measures how long the checks take. */
  now(): number;
}

/** The results of a test under Maelstrom's names, with what our engines see beside them. */
export function analyse(evidence: AnalysisInput): Verdict {
  const { options, workload, history, net, problems, crashes, now } = evidence;
  const checkers: Record<string, Checker> = {
    stats: checkStats,
    availability: (history) => checkAvailability(history, options.availability),
    exceptions: checkExceptions,
  };
  if (net !== undefined) checkers.net = (history) => net.verdict(countInvocations(history));
  if (problems !== undefined) checkers.nodes = () => judgeProblems(problems);
  if (crashes !== undefined) checkers.crash = () => judgeCrashes(crashes);
  checkers.workload = (history) => workload.check(history, { options, now });
  const { "valid?": _, "maelstrom-valid?": __, ...verdicts } = checkAll(history, checkers);
  return mergeVerdicts(verdicts as Record<string, Verdict>);
}

/** Invalid when a node wrote something that is no message, or sent one to nobody. */
function judgeProblems(problems: readonly NodeProblem[]): Verdict {
  if (problems.length === 0) return { "valid?": true };
  const first = problems[0] as NodeProblem;
  return {
    "valid?": false,
    // Maelstrom itself stops listening to the node and judges what is left.
    "maelstrom-valid?": true,
    count: problems.length,
    problems,
    explanations: [explainProblem(first)],
  };
}

function explainProblem({ node, line, problem, type }: NodeProblem): Explanation {
  if (type === "ambient-call") {
    return {
      type,
      message: `Node ${node} is not deterministic: ${problem}\n  at ${line}\n` +
        "A node gets time, timers, randomness and its log from its context (node.now(), " +
        "node.after(), node.random(), node.log()).",
    };
  }
  if (type === "no-restart") {
    return { type, message: `Node ${node} did not come back after it was killed: ${problem}` };
  }
  return {
    type: "bad-output",
    message: `Node ${node} wrote to stdout what it must not: ${problem}\n` +
      `${
        line === "" ? "" : `  ${line}\n`
      }Only messages belong on stdout; send anything else to stderr.`,
  };
}

function judgeCrashes(crashes: readonly UnexpectedExit[]): Verdict {
  return checkCrashes(crashes.map(({ node, exit, stdout, stderr }) => ({
    node,
    exit: exit.signal ?? exit.code,
    stdout,
    stderr,
    log: `node-logs/${node}.log`,
  })));
}
