/**
 * A whole test under virtual time in one call, for tests of nodes and of the workbench itself: three
 * nodes of this kind, this workload, these faults, this seed; and then everything that can be known
 * of the run.
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

/** What to simulate. */
export interface Simulation {
  /** The node function. It may return its state, or a function that does, for tests to look at. */
  readonly program: NodeFunction;
  /** The nodes' command line arguments. */
  readonly args?: readonly string[];
  readonly workload: Workload;
  /**
   * What differs from three nodes, one worker each, 10 s at rate 10, and otherwise the command
   * line's defaults. `nodes` may be given as a number.
   */
  readonly options?: Partial<Omit<TestOptions, "nodes" | "workload" | "seed">> & {
    readonly nodes?: readonly string[] | number;
  };
  /** What the nemesis does; drawn from the seed for the options' `nemesis` when not given. */
  readonly schedule?: readonly NemesisEvent[];
  /** Everything random follows from it; 0 when not given. */
  readonly seed?: string | number;
  /** Whether receivers are serial, as Maelstrom's are; true when not given. */
  readonly serialDelivery?: boolean;
  /** Milliseconds between healing all faults and the final operations; 10,000 when not given. */
  readonly quiescenceMs?: number;
  readonly engine?: SimOptions;
  /** Ends the run early. */
  readonly signal?: AbortSignal;
  /** Called with every event of the network as it happens; it may look at the nodes' states. */
  onJournalEvent?(event: JournalEvent, stateOf: (node: string) => unknown): void;
}

/** A line of a node's log. */
export interface LogLine {
  readonly node: string;
  /** Milliseconds since the test began. */
  readonly timeMs: number;
  readonly line: string;
}

/** What is known of a run. */
export interface SimulationResult {
  readonly options: TestOptions;
  readonly record: RunRecord;
  /** Every message as it was sent and received. */
  readonly journal: readonly JournalEvent[];
  /** What the nodes wrote to their logs. */
  readonly log: readonly LogLine[];
  /** What the command line would print: all checks of the run. */
  readonly results: Verdict;
  /** What the workload's own checker says. */
  readonly verdict: Verdict;
  /** Virtual milliseconds that the run took. */
  readonly elapsedMs: number;
  /** How many events there were. */
  readonly steps: number;
  /** What a node had in mind at the end, if its function returned it. */
  stateOf(node: string): unknown;
}

/** Simulates a test. Throws what {@link runTest} throws and, when it cannot end, why. */
export async function simulate(simulation: Simulation): Promise<SimulationResult> {
  const { program, args, workload, onJournalEvent: watch } = simulation;
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
      watch?.(event, stateOf);
    },
    log: (node, line) => log.push({ node, timeMs: engine.clock.now(), line }),
    ...given(simulation),
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

/** What concerns the test itself, where it is given. */
function given({ schedule, serialDelivery, quiescenceMs }: Simulation) {
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
    timeLimit: 10,
    rate: 10,
    ...others,
    nodes,
    workload: workload.name,
    seed: String(seed),
  };
}
