/**
 * Analyses a test that has run, or its recorded history: runs all checkers and merges their
 * verdicts.
 *
 * @module
 */

import {
  type AvailabilityVerdict,
  checkAll,
  checkAvailability,
  checkCrashes,
  type Checker,
  checkExceptions,
  checkMalformedReplies,
  checkStats,
  countInvocations,
  type Explanation,
  mergeVerdicts,
  type NetStatistics,
  type NetVerdict,
  type StatsVerdict,
  type Valid,
  type Verdict,
} from "../check/mod.ts";
import type { History } from "../history/mod.ts";
import type { TestOptions, Workload } from "../workload/mod.ts";
import type { MaelstromReaction, NodeProblem, UnexpectedExit } from "./cluster.ts";

/** The history of a test, and what else its engine observed. */
export interface AnalysisInput<V extends Verdict = Verdict> {
  /** The options of the test. */
  readonly options: TestOptions;
  /** The workload, whose checker judges the history. */
  readonly workload: Workload<V>;
  /** The history to judge. */
  readonly history: History;
  /** The message counts, if there is a journal. */
  readonly net?: NetStatistics;
  /** The problems that nodes had; undefined if they are unknown. */
  readonly problems?: readonly NodeProblem[];
  /** The unexpected exits of nodes; undefined if they are unknown. */
  readonly crashes?: readonly UnexpectedExit[];
  /** The time in milliseconds, to measure the duration of the checks. */
  now(): number;
}

/**
 * The results of a test: the verdict of each checker, and of all together. The verdict of a checker
 * that throws is `unknown` and holds only the error.
 */
export interface TestResults<V extends Verdict = Verdict> extends Verdict {
  /** Counts of operations, in total and by function. */
  readonly stats: StatsVerdict;
  /** Whether enough operations succeeded. */
  readonly availability: AvailabilityVerdict;
  /** The exceptions that clients threw. */
  readonly exceptions: Verdict;
  /** The malformed replies of nodes. */
  readonly replies: Verdict;
  /** The numbers of messages; absent without a journal. */
  readonly net?: NetVerdict;
  /** Violations of the protocol by nodes; absent for a recorded history. */
  readonly nodes?: Verdict;
  /** Unexpected exits of nodes; absent for a recorded history. */
  readonly crash?: Verdict;
  /** The verdict of the workload's own checker. */
  readonly workload: V;
}

/** Returns the results of a test under Maelstrom's names, and those of our own checkers. */
export function analyse<V extends Verdict>(input: AnalysisInput<V>): TestResults<V> {
  const { options, workload, history, net, problems, crashes, now } = input;
  const checkers: Record<string, Checker> = {
    stats: checkStats,
    availability: (history) => checkAvailability(history, options.availability),
    exceptions: checkExceptions,
    replies: checkMalformedReplies,
  };
  if (net !== undefined) checkers.net = (history) => net.verdict(countInvocations(history));
  if (problems !== undefined) checkers.nodes = () => checkProblems(problems, options);
  if (crashes !== undefined) checkers.crash = () => checkUnexpectedExits(crashes);
  checkers.workload = (history) => workload.check(history, { options, now });
  const { "valid?": _, "maelstrom-valid?": __, ...verdicts } = checkAll(history, checkers);
  return mergeVerdicts(verdicts as Record<string, Verdict>) as TestResults<V>;
}

/** Invalid if a node had a problem, such as malformed output or a message to an unknown node. */
function checkProblems(problems: readonly NodeProblem[], { seed }: TestOptions): Verdict {
  if (problems.length === 0) return { "valid?": true };
  const first = problems[0] as NodeProblem;
  const maelstrom = maelstromValidOf(problems);
  return {
    "valid?": false,
    ...(maelstrom === false ? {} : { "maelstrom-valid?": maelstrom }),
    count: problems.length,
    problems,
    explanations: [explainProblem(first, seed)],
  };
}

/**
 * Maelstrom's verdict on nodes with these problems: false when its test fails at `init`; unknown
 * when it loses further output of a node, and so the history would be another one.
 */
function maelstromValidOf(problems: readonly NodeProblem[]): Valid {
  if (problems.some(({ inMaelstrom }) => inMaelstrom === "init-fails")) return false;
  return problems.some(({ inMaelstrom }) => inMaelstrom === "output-ends") ? "unknown" : true;
}

const MAELSTROM_REACTIONS: Readonly<Record<MaelstromReaction, string>> = {
  "accepted": "Maelstrom accepts this line.",
  "output-ends": "Maelstrom reads no further output of a node after such a line.",
  "init-fails":
    "Maelstrom reads no further output of a node after such a line. So it receives no " +
    "reply to init and ends with exit code 255.",
};

function explainProblem(
  { node, line, problem, type, inMaelstrom }: NodeProblem,
  seed: string,
): Explanation {
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
      }Only messages belong on stdout, one a line; send anything else to stderr.` +
      (inMaelstrom === undefined ? "" : `\n${MAELSTROM_REACTIONS[inMaelstrom]}`),
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
