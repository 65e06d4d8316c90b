/**
 * Runs a whole test under virtual time in one call, for tests of nodes and of the workbench itself.
 * The caller chooses the program, the workload, the faults and the seed; the result holds the
 * history, the journal, the logs, the verdicts and the nodes' states.
 *
 * @module
 */

import { NetStatistics, type Verdict } from "../../check/mod.ts";
import type { NodeFunction } from "../../node/mod.ts";
import { DEFAULT_OPTIONS, nodeIds, type TestOptions, type Workload } from "../../workload/mod.ts";
import { analyse } from "../analysis.ts";
import type { NemesisEvent } from "../fault/mod.ts";
import type { JournalEvent } from "../journal.ts";
import { type RunRecord, runTest } from "../run_test.ts";
import { SimEngine, type SimOptions } from "./sim_engine.ts";

/** A simulation to run. */
export interface Simulation {
  /**
   * The node function. It may return its state, or a function that returns it, for tests to read.
   */
  readonly program: NodeFunction;
  /** The nodes' command line arguments. */
  readonly args?: readonly string[];
  readonly workload: Workload;
  /**
   * Overrides of the defaults: three nodes, one worker a node, 10 s, 10 operations/s, and otherwise
   * the command line's defaults. `nodes` may be the number of nodes.
   */
  readonly options?: Partial<Omit<TestOptions, "nodes" | "workload" | "seed">> & {
    readonly nodes?: readonly string[] | number;
  };
  /**
   * The nemesis schedule; generated from the seed for the faults in `options.nemesis` by default.
   */
  readonly schedule?: readonly NemesisEvent[];
  /** The seed of all random choices; 0 by default. */
  readonly seed?: string | number;
  /** Whether receivers are serial, as Maelstrom's are; true by default. */
  readonly serialDelivery?: boolean;
  /** Milliseconds between healing all faults and the final operations; 10,000 by default. */
  readonly quiescenceMs?: number;
  readonly engine?: SimOptions;
  /** Ends the run early. */
  readonly signal?: AbortSignal;
  /** Called with every journal event when it happens; `stateOf` returns a node's current state. */
  onJournalEvent?(event: JournalEvent, stateOf: (node: string) => unknown): void;
}

/** One line of a node's log. */
export interface LogLine {
  readonly node: string;
  /** Milliseconds since the test began. */
  readonly timeMs: number;
  readonly line: string;
}

/** The result of a simulation. */
export interface SimulationResult {
  readonly options: TestOptions;
  readonly record: RunRecord;
  /** Every message, when it was sent and when it was received. */
  readonly journal: readonly JournalEvent[];
  /** All lines that the nodes logged. */
  readonly log: readonly LogLine[];
  /** The verdicts of all checkers, as the command line prints them. */
  readonly results: Verdict;
  /** The verdict of the workload's own checker. */
  readonly verdict: Verdict;
  /** The virtual time that the run took, in milliseconds. */
  readonly elapsedMs: number;
  /** The number of events of the virtual clock that ran. */
  readonly steps: number;
  /** Returns a node's state at the end of the run, if its node function returned it. */
  stateOf(node: string): unknown;
}

/**
 * Runs a simulation. Throws the errors of {@link runTest}, and a `DeadlockError` or a
 * `LivelockError` when the test cannot end.
 */
export async function simulate(simulation: Simulation): Promise<SimulationResult> {
  const { program, args, workload, onJournalEvent } = simulation;
  const options = optionsOf(simulation);
  const engine = new SimEngine(program, args, options.seed, simulation.engine);
  const journal: JournalEvent[] = [];
  const log: LogLine[] = [];
  const net = new NetStatistics();
  const stateOf = (node: string) => engine.stateOf(node);
  const record = await runTest({
    options,
    workload,
    engine,
    signal: simulation.signal ?? new AbortController().signal,
    journal(event) {
      journal.push(event);
      net[event.type](event.id, event.message.src, event.message.dest);
      onJournalEvent?.(event, stateOf);
    },
    log: (node, line) => log.push({ node, timeMs: engine.clock.now(), line }),
    ...testSettings(simulation),
  });
  const { history, problems, crashes } = record;
  const results = analyse({ options, workload, history, net, problems, crashes, now: () => 0 });
  return {
    options,
    record,
    journal,
    log,
    results,
    stateOf,
    verdict: results.workload as Verdict,
    elapsedMs: engine.clock.now(),
    steps: engine.clock.steps,
  };
}

/** The optional settings of the test that the simulation has. */
function testSettings({ schedule, serialDelivery, quiescenceMs }: Simulation) {
  return {
    ...(schedule === undefined ? {} : { schedule }),
    ...(serialDelivery === undefined ? {} : { serialDelivery }),
    ...(quiescenceMs === undefined ? {} : { quiescenceMs }),
  };
}

function optionsOf({ workload, options = {}, seed = 0 }: Simulation): TestOptions {
  const { nodes: given = 3, ...others } = options;
  const nodes = typeof given === "number" ? nodeIds(given) : given;
  return {
    ...DEFAULT_OPTIONS,
    concurrency: nodes.length,
    timeLimitSeconds: 10,
    ratePerSecond: 10,
    ...others,
    nodes,
    workload: workload.name,
    seed: String(seed),
  };
}
