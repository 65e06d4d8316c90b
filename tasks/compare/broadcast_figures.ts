/**
 * Runs a strategy of the broadcast node under several seeds and puts down what it costs and how well
 * it serves.
 *
 * @module
 */

import { stringifyJson } from "../../lib/base/mod.ts";
import { NetStatistics, type Verdict } from "../../lib/check/mod.ts";
import { type History, isClientOperation } from "../../lib/history/mod.ts";
import type { Machine } from "../../lib/protocol/broadcast/mod.ts";
import { analyse, type Engine, runTest, SimEngine } from "../../lib/workbench/mod.ts";
import { broadcast } from "../../lib/workload/broadcast.ts";
import type { TestOptions } from "../../lib/workload/mod.ts";

/** What to measure. */
export interface BroadcastRuns {
  /** Makes an engine whose nodes run the strategy. */
  createEngine(seed: string): Promise<Engine> | Engine;
  readonly options: Omit<TestOptions, "workload" | "seed">;
  readonly seeds: readonly number[];
}

/** What came of one run. */
export interface BroadcastRun {
  readonly valid: boolean;
  readonly lost: number;
  readonly operations: number;
  readonly values: number;
  /** Between servers. */
  readonly messages: number;
  readonly bytes: number;
  /** Milliseconds from a value's acknowledgement to the last read without it. */
  readonly median: number;
  readonly longest: number;
  /** Milliseconds from the last heal until all nodes had the same; NaN if that was not looked at. */
  readonly converged: number;
}

/** What came of all: means of what is spent, the worst of what is to be kept within limits. */
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

/** Measures a strategy. */
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
  const watched = new Agreement(engine, options);
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
      watched.look(time / 1e6);
      if (type !== "send" || isClient(message.src) || isClient(message.dest)) return;
      messages++;
      bytes += stringifyJson(message).length;
    },
  });
  const evidence = { options, history, net, problems, crashes, workload: broadcast, now: () => 0 };
  const results = analyse(evidence);
  const verdict = results.workload as Verdict;
  const latencies = verdict["stable-latencies"] as ReadonlyMap<number, number> | undefined;
  const asked = history.filter((operation) =>
    isClientOperation(operation) && operation.type === "invoke"
  );
  return {
    valid: results["valid?"] === true,
    lost: verdict["lost-count"] as number,
    operations: asked.length,
    values: asked.filter(({ f }) => f === "broadcast").length,
    messages,
    bytes,
    median: latencies?.get(0.5) ?? NaN,
    longest: latencies?.get(1) ?? NaN,
    converged: watched.convergedAfter(lastHeal(history)),
  };
}

/** When the nodes of a simulation last had not the same values. */
class Agreement {
  readonly #engine: Engine;
  readonly #options: TestOptions;
  #lastDisagreement = 0;

  constructor(engine: Engine, options: TestOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** Looks at the nodes, once the faults may be over. */
  look(now: number): void {
    const { nodes, nemesis, timeLimit } = this.#options;
    if (nemesis.length === 0 || now < timeLimit * 1000) return;
    if (!(this.#engine instanceof SimEngine)) return;
    const engine = this.#engine;
    const countOf = (node: string) => (engine.stateOf(node) as Machine | undefined)?.values.length;
    const first = countOf(nodes[0] as string);
    if (nodes.some((node) => countOf(node) !== first)) this.#lastDisagreement = now;
  }

  convergedAfter(heal: number): number {
    if (this.#options.nemesis.length === 0 || !(this.#engine instanceof SimEngine)) return NaN;
    return Math.max(0, this.#lastDisagreement - heal);
  }
}

/** Milliseconds at which the nemesis last undid something. */
function lastHeal(history: History): number {
  return (history.findLast(({ f }) => f.startsWith("stop-"))?.time ?? NaN) / 1e6;
}

function isClient(id: string): boolean {
  return id.startsWith("c");
}
