/**
 * Runs a whole test under virtual time in one call, for tests of nodes and of the workbench itself.
 *
 * @module
 */

import { NetStatistics } from "../../check/mod.ts";
import type { NodeFunction } from "../../node/mod.ts";
import {
  completeOptions,
  type GivenOptions,
  InvalidOptionsError,
  OPTION_NAMES,
  rejectUnknownOptions,
  type TestOptions,
  type VerdictOf,
  type Workload,
} from "../../workload/mod.ts";
import { analyse } from "../analysis.ts";
import { faultNamesProblem, type NemesisEvent } from "../fault/mod.ts";
import type { FaultControls } from "../fault_script.ts";
import type { JournalEvent } from "../journal.ts";
import { runTest, type TestSetup } from "../run_test.ts";
import { ScheduleError, toSchedule } from "../schedule_file.ts";
import type { GuestProgram } from "./guest_program.ts";
import { SimEngine, type SimOptions } from "./sim_engine.ts";
import { type LogLine, type SimulatedNode, SimulationResult } from "./simulation_result.ts";

/** Returns a simulated node by its id, with the type of the state that its program exposes. */
export type NodeLookup = <State = unknown>(id: string) => SimulatedNode<State>;

/** The functions of a script: those that inject faults, and `node`, which reads nodes' states. */
export interface SimulationControls extends FaultControls {
  /** Returns a node by its id, such as `n0`. */
  readonly node: NodeLookup;
}

/**
 * The options of a simulation: those of a test, with the defaults of {@link completeOptions}, and
 * further ones.
 */
export interface SimulationOptions extends Omit<GivenOptions, "nemesis" | "seed"> {
  /** The names of the faults to inject, `--nemesis` on the command line; none by default. */
  readonly faults?: readonly string[];
  /** The seed of all random choices; 0 by default. */
  readonly seed?: string | number;
  /** The command-line arguments of the nodes. */
  readonly args?: readonly string[];
  /** The nemesis schedule; by default generated from the seed for `faults`. */
  readonly schedule?: readonly NemesisEvent[];
  /** Injects faults by calling functions; excludes `faults` and `schedule`. */
  readonly script?: (controls: SimulationControls) => void | Promise<void>;
  /** Whether receivers are serial, as Maelstrom's are; true by default. */
  readonly serialDelivery?: boolean;
  /** Milliseconds between healing the faults and the final operations; see quiescence.ts. */
  readonly quiescenceMs?: number;
  /** Settings of the simulated engine. */
  readonly engine?: SimOptions;
  /** Ends the run early. */
  readonly signal?: AbortSignal;
  /** Called with every journal event when it happens; `node` reads the nodes' present states. */
  onJournalEvent?(event: JournalEvent, node: NodeLookup): void;
}

const NAMES: readonly string[] = [
  ...OPTION_NAMES.filter((name) => name !== "nemesis"),
  "faults",
  "args",
  "schedule",
  "script",
  "serialDelivery",
  "quiescenceMs",
  "engine",
  "signal",
  "onJournalEvent",
];

/**
 * Runs a simulation of a program under a workload.
 *
 * @example Faults that are generated from the seed
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { contract, defineNode, type Json, schema } from "@gossip/workbench/node";
 * import { simulate, workloads } from "@gossip/workbench/testing";
 *
 * const set = defineNode({ serves: contract.gSet }, (node) => {
 *   const elements = new Set<Json>();
 *   node.on("gossip", { batch: schema.array(schema.json) }, ({ batch }) => {
 *     for (const element of batch) elements.add(element);
 *   });
 *   node.every(500, () => {
 *     for (const peer of node.peers) node.send(peer, { type: "gossip", batch: [...elements] });
 *   });
 *   return {
 *     add: ({ element }) => {
 *       elements.add(element);
 *       return {};
 *     },
 *     read: () => ({ value: [...elements] }),
 *   };
 * });
 *
 * const run = await simulate(set, workloads.gSet, {
 *   nodes: 3,
 *   faults: ["partition", "loss"],
 *   timeLimitSeconds: 10,
 *   seed: 7,
 * });
 * run.expectValid();
 * deepEqual(run.verdict["lost-count"], 0);
 * ```
 *
 * @example A script injects faults by calling functions; the schedule of its run repeats the run
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { simulate, workloads } from "@gossip/workbench/testing";
 * import type { Node } from "@gossip/workbench/node";
 *
 * const echo = (node: Node) =>
 *   node.on("echo", ({ echo = null }) => ({ type: "echo_ok", echo }));
 * const options = { nodes: 3, timeLimitSeconds: 10 };
 * const run = await simulate(echo, workloads.echo, {
 *   ...options,
 *   script: async ({ sleep, partition, heal, kill, restart }) => {
 *     await sleep(1000);
 *     partition("n0", ["n1", "n2"]);
 *     await sleep(2000);
 *     heal();
 *     await kill("n1");
 *     await restart("n1");
 *   },
 * });
 * const { schedule } = run;
 * const again = await simulate(echo, workloads.echo, { ...options, schedule });
 * deepEqual(again.journal, run.journal);
 * ```
 *
 * @throws {InvalidOptionsError} An option is unknown or invalid; the message names it.
 * @throws {StartError} A node does not start, or does not reply to the workload's set-up.
 * @throws {DeadlockError} The test waits, but no event is scheduled.
 * @throws {LivelockError} Time does not advance.
 * @throws {FaultScriptError} The script has not ended at the end of the main phase.
 */
export async function simulate<W extends Workload>(
  program: NodeFunction | GuestProgram,
  workload: W,
  options: SimulationOptions = {},
): Promise<SimulationResult<VerdictOf<W>>> {
  const { args, engine: engineOptions, onJournalEvent, signal } = options;
  const testOptions = testOptionsOf(workload, options);
  if (options.schedule !== undefined) validateSchedule(options.schedule, testOptions);
  const engine = new SimEngine(program, args, testOptions.seed, engineOptions);
  const journal: JournalEvent[] = [];
  const log: LogLine[] = [];
  const net = new NetStatistics();
  const node: NodeLookup = <State>(id: string): SimulatedNode<State> => {
    if (!testOptions.nodes.includes(id)) {
      throw new RangeError(`unknown node "${id}"; choose from ${testOptions.nodes.join(", ")}`);
    }
    return {
      id,
      state: engine.stateOf(id) as State,
      log: log.filter((line) => line.node === id),
    };
  };
  const record = await runTest({
    options: testOptions,
    workload,
    engine,
    signal: signal ?? new AbortController().signal,
    journal(event) {
      journal.push(event);
      net[event.type](event.id, event.message.src, event.message.dest);
      onJournalEvent?.(event, node);
    },
    log: (node, line) => log.push({ node, timeMs: engine.clock.now(), line }),
    ...setupOf(options, node),
  });
  const { history, problems, crashes } = record;
  const results = analyse<VerdictOf<W>>({
    options: testOptions,
    workload: workload as Workload as Workload<VerdictOf<W>>,
    history,
    net,
    problems,
    crashes,
    now: () => 0,
  });
  return new SimulationResult({
    ...record,
    options: testOptions,
    results,
    journal,
    log,
    node,
    elapsedMs: engine.clock.now(),
    steps: engine.clock.steps,
  });
}

/** Returns the test options that the simulation's options describe. */
function testOptionsOf(workload: Workload, options: SimulationOptions): TestOptions {
  if ("nemesis" in options) {
    throw new InvalidOptionsError('unknown option "nemesis"; did you mean faults?');
  }
  rejectUnknownOptions(options, NAMES);
  const problem = optionsProblem(options);
  if (problem !== undefined) throw new InvalidOptionsError(problem);
  const given: GivenOptions = Object.fromEntries(
    Object.entries(options).filter(([name]) => OPTION_NAMES.includes(name)),
  );
  const { faults = [], seed = 0 } = options;
  return completeOptions(workload, { ...given, nemesis: faults, seed: String(seed) });
}

/** Describes the first invalid option that is not one of a test; undefined when all are valid. */
function optionsProblem(options: SimulationOptions): string | undefined {
  const { faults = [], schedule, script, quiescenceMs = 0 } = options;
  if (script !== undefined && schedule !== undefined) {
    return "script and schedule exclude each other; give the faults in one of them";
  }
  if (script !== undefined && faults.length > 0) {
    return "script and faults exclude each other; inject the faults in the script";
  }
  if (!(quiescenceMs >= 0)) return `quiescenceMs must be a number from 0, got ${quiescenceMs}`;
  return faultNamesProblem(faults);
}

/** Rejects a schedule with an invalid event, and one that the main phase is too short for. */
function validateSchedule(
  schedule: readonly NemesisEvent[],
  { nodes, timeLimitSeconds }: TestOptions,
): void {
  try {
    const last = toSchedule(schedule, nodes).at(-1);
    if (last === undefined || last.at < timeLimitSeconds * 1000) return;
    throw new ScheduleError(
      `${last.f} at ${last.at} ms is not before the end of the main phase ` +
        `(timeLimitSeconds ${timeLimitSeconds})`,
    );
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    throw new InvalidOptionsError(`schedule: ${error.message}`);
  }
}

/** Returns the optional settings of the test that the options have. */
function setupOf(options: SimulationOptions, node: NodeLookup): Partial<TestSetup> {
  const { schedule, script, serialDelivery, quiescenceMs } = options;
  return {
    ...(schedule === undefined ? {} : { schedule }),
    ...(script === undefined
      ? {}
      : { script: (controls: FaultControls) => script({ ...controls, node }) }),
    ...(serialDelivery === undefined ? {} : { serialDelivery }),
    ...(quiescenceMs === undefined ? {} : { quiescenceMs }),
  };
}
