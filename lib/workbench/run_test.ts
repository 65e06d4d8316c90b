/**
 * Runs one test: starts the nodes, runs the clients and the nemesis, heals all faults except those
 * that persist, waits, runs the final operations, and stops all nodes even if the test fails.
 *
 * @module
 */

import { Random } from "../base/mod.ts";
import type { History, Operation } from "../history/mod.ts";
import { type Body, ErrorCode, type RawMessage, RpcError, schema } from "../wire/mod.ts";
import { MalformedReplyError, type TestOptions, type Workload } from "../workload/mod.ts";
import { sleep } from "./clock.ts";
import { Cluster, type NodeProblem, type UnexpectedExit } from "./cluster.ts";
import { NetworkConnection } from "./connection.ts";
import type { Engine } from "./engine.ts";
import type { NemesisEvent, RequestOutcome } from "./fault/mod.ts";
import type { FaultScript } from "./fault_script.ts";
import { Interpreter } from "./interpreter.ts";
import type { Journal } from "./journal.ts";
import { generateSchedule, Nemesis, type Trigger } from "./nemesis.ts";
import { Network } from "./network.ts";
import { quiescenceMsUnder } from "./quiescence.ts";
import { type OperationCounts, Recorder } from "./recorder.ts";
import { recordServices, startServices } from "./services.ts";
import { failOnSetupError } from "./start_failure.ts";
import { untilAborted } from "./until_aborted.ts";

/** The phase of a test. */
export type TestPhase = "starting" | "running" | "recovering" | "final reads" | "stopping";

/** The state of a running test, for a progress display. */
export interface Progress {
  /** What the test is doing. */
  readonly phase: TestPhase;
  /** Milliseconds since the test began. */
  readonly elapsedMs: number;
  /** The numbers of operations so far. */
  readonly counts: OperationCounts;
  /** The names of the active faults. */
  readonly faults: readonly string[];
}

/** A test to run. */
export interface TestSetup {
  /** The options of the test. */
  readonly options: TestOptions;
  /** The workload: it generates operations and makes the clients. */
  readonly workload: Workload;
  /** The engine, which runs the nodes; each test needs a new one. */
  readonly engine: Engine;
  /** Records each message when it is sent and when it is received. */
  readonly journal: Journal;
  /** Called for a reply to a client that has stopped waiting, with the time in nanoseconds. */
  onLateMessage?(message: RawMessage, timeNs: number): void;
  /** Records each line of a node's log. */
  log(node: string, line: string): void;
  /** Records each mark that a node reaches (`node.sometimes`). */
  onReached?(node: string, text: string): void;
  /** Ends the test early; the history so far is kept. */
  readonly signal: AbortSignal;
  /** Called once at the start with a function that returns the present progress. */
  onProgress?(progress: () => Progress): void;
  /** Called with each operation when it is recorded. */
  onOperation?(operation: Operation): void;
  /**
   * Called each time a fault has an effect, with the fault's name, the effect, and the target: a
   * node, or a message as `#7 n0 → n1`.
   */
  readonly onFaultEffect?: (fault: string, effect: string, target: string) => void;
  /** The nemesis schedule; by default generated from the seed. */
  readonly schedule?: readonly NemesisEvent[];
  /** A script of faults instead of a schedule. */
  readonly script?: FaultScript;
  /** Adds fault events to the schedule when nodes reach marks. */
  readonly trigger?: Trigger;
  /** Whether receivers are serial, as Maelstrom's are; true by default. */
  readonly serialDelivery?: boolean;
  /** Milliseconds between healing the faults and the final operations; see quiescence.ts. */
  readonly quiescenceMs?: number;
}

/** The record of a run. */
export interface RunRecord {
  /** All operations, also those of the nemesis. */
  readonly history: History;
  /** The nemesis schedule of the run; the executed events of a script. */
  readonly schedule: readonly NemesisEvent[];
  /** Violations of the protocol by nodes. */
  readonly problems: readonly NodeProblem[];
  /** The unexpected exits of nodes. */
  readonly crashes: readonly UnexpectedExit[];
  /** Whether the signal ended the test early. */
  readonly interrupted: boolean;
}

/**
 * Runs a test. Throws a `StartError` if a node does not start, or its set-up fails; and the error of
 * an invalid schedule, or of a script of faults.
 */
export function runTest(setup: TestSetup): Promise<RunRecord> {
  return setup.engine.run(() => new TestRunner(setup).run());
}

class TestRunner {
  readonly #setup: TestSetup;
  readonly #random: Random;
  readonly #network: Network;
  readonly #cluster: Cluster;
  readonly #recorder: Recorder;
  readonly #nemesis: Nemesis;
  readonly #interpreter: Interpreter;
  /** Aborted by a violated invariant, and by an error of the nemesis. */
  readonly #violation = new AbortController();
  readonly #nemesisErrors: unknown[] = [];
  /** Ends the test: the caller's signal, or the test itself. */
  readonly #signal: AbortSignal;
  #phase: TestPhase = "starting";

  constructor(setup: TestSetup) {
    const { options, workload, engine, journal, serialDelivery } = setup;
    const signal = this.#signal = AbortSignal.any([setup.signal, this.#violation.signal]);
    const { clock } = engine;
    const { nodes, concurrency, latency } = options;
    this.#setup = setup;
    this.#random = new Random(options.seed);
    this.#network = new Network({
      clock,
      journal,
      random: this.#random.fork("network"),
      latency,
      onLateMessage: (message, timeNs) => setup.onLateMessage?.(message, timeNs),
      serial: serialDelivery ?? true,
    });
    this.#recorder = new Recorder(clock, (operation) => setup.onOperation?.(operation));
    this.#cluster = new Cluster({
      engine,
      nodes,
      network: this.#network,
      log: (node, line) => setup.log(node, line),
      onReached: (node, text) => {
        setup.onReached?.(node, text);
        this.#nemesis.reached(node, text);
      },
      onInvariantViolation: () => this.#violation.abort(),
    });
    this.#nemesis = new Nemesis(options.nemesis, {
      clock,
      nodes,
      network: this.#network,
      processes: this.#cluster,
      request: (node, body, timeoutMs) => this.#request(node, body, timeoutMs),
      ...(setup.onFaultEffect === undefined ? {} : { onFaultEffect: setup.onFaultEffect }),
    }, this.#recorder);
    this.#interpreter = new Interpreter({
      clock,
      concurrency,
      signal,
      random: this.#random.fork("stagger"),
      recorder: this.#recorder,
      reusesClients: workload.reusesClients ?? false,
      openClient: (worker) => this.#openClient(nodes[worker % nodes.length] as string),
    });
  }

  async run(): Promise<RunRecord> {
    const { engine } = this.#setup;
    const signal = this.#signal;
    const schedule = this.#schedule();
    this.#setup.onProgress?.(() => this.#progress());
    try {
      if (engine.hasServices === true) recordServices(this.#network);
      else startServices(this.#network, this.#random.fork("services"));
      await untilAborted(signal, this.#cluster.start());
      await untilAborted(signal, this.#setUpClients());
      if (!signal.aborted) await this.#phases(schedule, engine.clock.now());
      this.#phase = "stopping";
      if (this.#nemesisErrors.length > 0) throw this.#nemesisErrors[0];
      const interrupted = this.#setup.signal.aborted;
      const crashes = interrupted ? [] : this.#cluster.crashes();
      const { history } = this.#recorder;
      return { schedule, crashes, history, problems: this.#cluster.problems, interrupted };
    } finally {
      this.#nemesis.end();
      this.#interpreter.close();
      await this.#cluster.stop();
    }
  }

  /** Returns the schedule; for a script an empty one, to which the executed events are added. */
  #schedule(): NemesisEvent[] {
    const { options, schedule, script } = this.#setup;
    if (script !== undefined) return [];
    if (schedule !== undefined) return [...schedule];
    return generateSchedule({
      faults: options.nemesis,
      nodes: options.nodes,
      intervalMs: options.nemesisIntervalSeconds * 1000,
      durationMs: options.timeLimitSeconds * 1000,
    }, this.#random.fork("nemesis"));
  }

  #runNemesis(schedule: NemesisEvent[], beginMs: number): Promise<void> {
    const { script, trigger, options: { seed } } = this.#setup;
    const run = script !== undefined
      ? this.#nemesis.runScript(script, schedule, seed)
      : trigger !== undefined
      ? this.#nemesis.runTriggered(schedule, trigger)
      : this.#nemesis.run(
        schedule.map((event) => ({ ...event, at: event.at + beginMs })),
        this.#signal,
      );
    return run.catch((error) => {
      if (this.#signal.aborted) return;
      this.#nemesisErrors.push(error);
      this.#violation.abort();
    });
  }

  async #phases(schedule: NemesisEvent[], beginMs: number): Promise<void> {
    const { options, workload, engine, script } = this.#setup;
    const signal = this.#signal;
    const endMs = beginMs + options.timeLimitSeconds * 1000;
    this.#phase = "running";
    const nemesisRun = this.#runNemesis(schedule, beginMs);
    if (options.ratePerSecond > 0) {
      const generator = workload.generator(options, this.#random.fork("generator"));
      await this.#interpreter.run({ generator, meanGapMs: 1000 / options.ratePerSecond, endMs });
    }
    await untilAborted(signal, sleep(engine.clock, Math.max(0, endMs - engine.clock.now())));
    if (script !== undefined && !signal.aborted) {
      this.#nemesis.end();
      await nemesisRun;
    }
    const final = workload.finalGenerator?.(
      options,
      this.#random.fork("final"),
      this.#recorder.history,
    );
    if (final === undefined || signal.aborted) return;
    this.#phase = "recovering";
    await untilAborted(signal, this.#nemesis.heal());
    const quiescenceMs = this.#setup.quiescenceMs ??
      quiescenceMsUnder(this.#nemesis.activeFaults, options.nodes.length);
    await untilAborted(signal, Promise.all([nemesisRun, sleep(engine.clock, quiescenceMs)]));
    this.#phase = "final reads";
    await this.#interpreter.run({ generator: final, meanGapMs: 0, endMs: Infinity });
  }

  /** As in Jepsen, an additional client of each node does the workload's set-up. */
  async #setUpClients(): Promise<void> {
    const { workload, options } = this.#setup;
    const cluster = this.#cluster;
    const connections = options.nodes.map((node) => this.#connect(node));
    await workload.setUp?.(
      connections.map((connection) =>
        failOnSetupError(connection, cluster.handleOf(connection.node))
      ),
      options,
    );
    for (const connection of connections) connection.close();
  }

  #openClient(node: string) {
    const { workload, options } = this.#setup;
    const connection = this.#connect(node);
    return { client: workload.client(connection, options), close: () => connection.close() };
  }

  async #request(node: string, body: Body, timeoutMs: number): Promise<RequestOutcome> {
    const client = this.#connect(node);
    try {
      await client.call(body, schema.object({}), timeoutMs);
      return "done";
    } catch (error) {
      if (error instanceof MalformedReplyError) return "failed";
      if (!(error instanceof RpcError)) throw error;
      return error.code === ErrorCode.notSupported ? "not supported" : "failed";
    } finally {
      client.close();
    }
  }

  #connect(node: string): NetworkConnection {
    return new NetworkConnection(this.#network, this.#setup.engine.clock, node);
  }

  #progress(): Progress {
    return {
      phase: this.#phase,
      elapsedMs: this.#setup.engine.clock.now(),
      counts: this.#recorder.counts,
      faults: this.#nemesis.activeFaults,
    };
  }
}
