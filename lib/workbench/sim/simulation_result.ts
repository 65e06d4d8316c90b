/**
 * The result of a simulation.
 *
 * @module
 */

import type { Verdict } from "../../check/mod.ts";
import type { LamportRange } from "../../report/mod.ts";
import type { History } from "../../history/mod.ts";
import type { TestOptions } from "../../workload/mod.ts";
import type { TestResults } from "../analysis.ts";
import type { NodeProblem, UnexpectedExit } from "../cluster.ts";
import type { NemesisEvent } from "../fault/mod.ts";
import type { JournalEvent } from "../journal.ts";
import type { RunRecord } from "../run_test.ts";
import { expectValid } from "./failure_report.ts";

/** One line of a node's log. */
export interface LogLine {
  /** The node's id. */
  readonly node: string;
  /** Milliseconds since the test began. */
  readonly timeMs: number;
  /** The line, without its end. */
  readonly line: string;
}

/** A simulated node, as tests see it. */
export interface SimulatedNode<State = unknown> {
  /** The node's id. */
  readonly id: string;
  /**
   * The state that the program exposes (`node.exposeState`): the present one during a run, the last
   * one after it. Undefined before `init`, and for a program that exposes none.
   */
  readonly state: State;
  /** The lines that the node has logged so far. */
  readonly log: readonly LogLine[];
}

/** What {@link SimulationResult} is made of. */
export interface SimulationParts<V extends Verdict> extends RunRecord {
  readonly options: TestOptions;
  readonly results: TestResults<V>;
  readonly journal: readonly JournalEvent[];
  readonly log: readonly LogLine[];
  readonly elapsedMs: number;
  readonly steps: number;
  node<State>(id: string): SimulatedNode<State>;
}

/** The result of a simulation whose workload's checker returns verdicts of type `V`. */
export class SimulationResult<V extends Verdict = Verdict> {
  /** The options of the test, defaults included. */
  readonly options: TestOptions;
  /** All operations, also those of the nemesis. */
  readonly history: History;
  /** The nemesis schedule of the run. As the option `schedule` it repeats the faults of a script. */
  readonly schedule: readonly NemesisEvent[];
  /** Every message, when it was sent and when it was received. */
  readonly journal: readonly JournalEvent[];
  /** All lines that the nodes logged. */
  readonly log: readonly LogLine[];
  /** The verdicts of all checkers, as the command line prints them. */
  readonly results: Required<TestResults<V>>;
  /** The verdict of the workload's own checker. */
  readonly verdict: V;
  /** Violations of the protocol by nodes. */
  readonly problems: readonly NodeProblem[];
  /** Nodes that ended although no fault had killed them. */
  readonly crashes: readonly UnexpectedExit[];
  /** Whether the signal ended the run early. */
  readonly interrupted: boolean;
  /** The virtual time that the run took, in milliseconds. */
  readonly elapsedMs: number;
  /** The number of events of the virtual clock that ran. */
  readonly steps: number;
  readonly #node: SimulationParts<V>["node"];

  /** Creates a result; tests get theirs from {@link simulate}. */
  constructor(parts: SimulationParts<V>) {
    this.options = parts.options;
    this.history = parts.history;
    this.schedule = parts.schedule;
    this.journal = parts.journal;
    this.log = parts.log;
    // A simulation counts messages and watches its nodes, so no verdict is absent.
    this.results = parts.results as Required<TestResults<V>>;
    this.verdict = parts.results.workload;
    this.problems = parts.problems;
    this.crashes = parts.crashes;
    this.interrupted = parts.interrupted;
    this.elapsedMs = parts.elapsedMs;
    this.steps = parts.steps;
    this.#node = parts.node;
  }

  /** Returns a node, with the type of its state. Throws a RangeError for an unknown id. */
  node<State = unknown>(id: string): SimulatedNode<State> {
    return this.#node<State>(id);
  }

  /**
   * Throws an `UnexpectedVerdictError` with a report of the run unless all checkers return `valid?`
   * true. The report shows the messages in the range, by default the first 100.
   */
  expectValid(range?: LamportRange): void {
    expectValid(this, true, range);
  }
}
