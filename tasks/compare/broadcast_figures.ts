/**
 * Measures a strategy of the broadcast node over several seeds: messages, bytes, latency,
 * convergence time.
 *
 * @module
 */

import { type Json, stringifyJson } from "../../lib/base/mod.ts";
import { NetStatistics, type Verdict } from "../../lib/check/mod.ts";
import { type History, isClientOperation } from "../../lib/history/mod.ts";
import { analyse, type Engine, runTest, SimEngine } from "../../lib/workbench/mod.ts";
import { broadcast } from "../../lib/workload/broadcast.ts";
import type { TestOptions } from "../../lib/workload/mod.ts";

/** The runs of a measurement. */
export interface BroadcastRuns {
  /** Creates an engine whose nodes run the strategy. */
  createEngine(seed: string): Promise<Engine> | Engine;
  readonly options: Omit<TestOptions, "workload" | "seed">;
  readonly seeds: readonly number[];
}

/** The measurements of one run. */
export interface BroadcastRun {
  readonly valid: boolean;
  readonly lost: number;
  /** The number of operations, reads included. */
  readonly operations: number;
  /** The number of values that clients wrote. */
  readonly values: number;
  /** Messages between servers. */
  readonly messages: number;
  /** Bytes of the messages between servers, as JSON. */
  readonly bytes: number;
  /** Median of the milliseconds from a value's acknowledgement to the last read that misses it. */
  readonly median: number;
  /** Maximum of the same. */
  readonly longest: number;
  /**
   * Convergence time: milliseconds from the last heal until all nodes agree; NaN if not measured.
   */
  readonly converged: number;
}

/** The measurements of all runs: means of costs, the worst run for latencies and convergence. */
export interface BroadcastFigures {
  readonly valid: boolean;
  readonly lost: number;
  readonly operations: number;
  readonly values: number;
  readonly messages: number;
  readonly messagesPerOperation: { readonly mean: number; readonly worst: number };
  readonly bytesPerOperation: number;
  readonly bytesPerMessage: number;
  readonly median: number;
  readonly longest: number;
  readonly converged: number;
}

/** Runs a strategy with each seed and returns its measurements. */
export async function measureBroadcast(runs: BroadcastRuns): Promise<BroadcastFigures> {
  const all: BroadcastRun[] = [];
  for (const seed of runs.seeds) all.push(await measureRun(runs, String(seed)));
  const mean = (value: (run: BroadcastRun) => number) =>
    all.reduce((sum, run) => sum + value(run), 0) / all.length;
  const worst = (value: (run: BroadcastRun) => number) => Math.max(...all.map(value));
  const perOperation = ({ messages, operations }: BroadcastRun) => messages / operations;
  return {
    valid: all.every(({ valid }) => valid),
    lost: worst(({ lost }) => lost),
    operations: mean(({ operations }) => operations),
    values: mean(({ values }) => values),
    messages: mean(({ messages }) => messages),
    messagesPerOperation: { mean: mean(perOperation), worst: worst(perOperation) },
    bytesPerOperation: mean(({ bytes, operations }) => bytes / operations),
    bytesPerMessage: mean(({ bytes, messages }) => bytes / Math.max(1, messages)),
    median: worst(({ median }) => median),
    longest: worst(({ longest }) => longest),
    converged: worst(({ converged }) => converged),
  };
}

async function measureRun(runs: BroadcastRuns, seed: string): Promise<BroadcastRun> {
  const engine = await runs.createEngine(seed);
  const options: TestOptions = { ...runs.options, workload: "broadcast", seed };
  const net = new NetStatistics();
  const convergence = new ConvergenceProbe(engine, options);
  let messages = 0;
  let bytes = 0;
  const { history, problems, crashes } = await runTest({
    engine,
    options,
    workload: broadcast,
    signal: new AbortController().signal,
    log: () => {},
    journal({ type, id, time, message }) {
      net[type](id, message.src, message.dest);
      convergence.sample(time / 1e6);
      if (type !== "send" || isClient(message.src) || isClient(message.dest)) return;
      messages++;
      bytes += stringifyJson(message).length;
    },
  });
  const evidence = { options, history, net, problems, crashes, workload: broadcast, now: () => 0 };
  const results = analyse(evidence);
  const verdict = results.workload as Verdict;
  const latencies = verdict["stable-latencies"] as ReadonlyMap<number, number> | undefined;
  const invocations = history.filter((operation) =>
    isClientOperation(operation) && operation.type === "invoke"
  );
  return {
    valid: results["valid?"] === true,
    lost: verdict["lost-count"] as number,
    operations: invocations.length,
    values: invocations.filter(({ f }) => f === "broadcast").length,
    messages,
    bytes,
    median: latencies?.get(0.5) ?? NaN,
    longest: latencies?.get(1) ?? NaN,
    converged: convergence.convergenceMsAfter(lastHealMs(history)),
  };
}

/** Observes when the nodes of a simulation last held different values. */
class ConvergenceProbe {
  readonly #engine: Engine;
  readonly #options: TestOptions;
  #lastDisagreementMs = 0;

  constructor(engine: Engine, options: TestOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /**
   * Compares the nodes' values. Does nothing before the main phase ends, since faults may follow.
   */
  sample(nowMs: number): void {
    const { nodes, nemesis, timeLimitSeconds } = this.#options;
    if (nemesis.length === 0 || nowMs < timeLimitSeconds * 1000) return;
    if (!(this.#engine instanceof SimEngine)) return;
    const engine = this.#engine;
    const countOf = (node: string) => {
      const state = engine.stateOf(node) as { readonly values: readonly Json[] } | undefined;
      return state?.values.length;
    };
    const first = countOf(nodes[0] as string);
    if (nodes.some((node) => countOf(node) !== first)) this.#lastDisagreementMs = nowMs;
  }

  /** Returns the convergence time after a heal; NaN without faults or without a simulation. */
  convergenceMsAfter(healMs: number): number {
    if (this.#options.nemesis.length === 0 || !(this.#engine instanceof SimEngine)) return NaN;
    return Math.max(0, this.#lastDisagreementMs - healMs);
  }
}

/** Returns the time of the last heal in milliseconds; NaN without one. */
function lastHealMs(history: History): number {
  return (history.findLast(({ f }) => f.startsWith("stop-"))?.time ?? NaN) / 1e6;
}

function isClient(id: string): boolean {
  return id.startsWith("c");
}
