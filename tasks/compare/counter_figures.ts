/**
 * Runs a strategy of a counter node under several seeds and puts down what it costs and how well it
 * serves.
 *
 * @module
 */

import { type History, type Operation, pairOperations } from "../../lib/history/mod.ts";
import type { NodeFunction } from "../../lib/node/mod.ts";
import { involvesClient } from "../../lib/wire/mod.ts";
import { simulate, type Simulation, type SimulationResult } from "../../lib/workbench/mod.ts";
import { type Generator, PENDING } from "../../lib/workload/generator.ts";
import type { Workload } from "../../lib/workload/mod.ts";

/** What to measure. */
export interface CounterRuns {
  readonly program: NodeFunction;
  readonly args: readonly string[];
  readonly workload: Workload;
  readonly options: NonNullable<Simulation["options"]> & { readonly timeLimit: number };
  readonly seeds: number;
}

/** What came of it, over all runs. */
export interface CounterFigures {
  /** Messages between servers, the store among them, per operation. */
  readonly messages: { readonly mean: number; readonly worst: number };
  /** Bytes of them, as JSON. */
  readonly bytesPerOperation: number;
  readonly bytesPerMessage: number;
  /** Milliseconds that operations took which succeeded: the median, and the 99th percentile. */
  readonly add: { readonly median: number; readonly high: number };
  readonly read: { readonly median: number; readonly high: number };
  readonly okFraction: number;
  /**
   * Milliseconds from the end of additions and faults until all reads say the same, on up to five
   * nodes: in the median and in the worst run; Infinity if one never got there.
   */
  readonly agreed: { readonly median: number; readonly worst: number };
  readonly valid: boolean;
}

/** Measures a strategy: each seed once as it is, and once more to see when reads agree. */
export async function measureCounter(runs: CounterRuns): Promise<CounterFigures> {
  const { program, args, workload, options } = runs;
  const simulated: SimulationResult[] = [];
  const agreed: number[] = [];
  for (let seed = 0; seed < runs.seeds; seed++) {
    const simulation = { program, args, workload, options, seed };
    simulated.push(await simulate(simulation));
    agreed.push(await timeToAgree(simulation, options.timeLimit));
  }
  const operations = simulated.flatMap(({ record }) =>
    pairOperations(record.history).filter(({ invocation }) => invocation.process !== "nemesis")
  );
  const succeeded = operations.flatMap(({ invocation: { f, time }, completion }) =>
    completion?.type === "ok" ? [{ f, milliseconds: (completion.time - time) / 1e6 }] : []
  );
  const spreadOf = (kind: string) => {
    const times = succeeded.flatMap(({ f, milliseconds }) => f === kind ? [milliseconds] : []);
    return { median: quantile(times, 0.5), high: quantile(times, 0.99) };
  };
  const sizes = simulated.flatMap(bytesBetweenServers);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const perRun = simulated.map((run) =>
    bytesBetweenServers(run).length /
    run.record.history.filter(({ type, process }) => type === "invoke" && process !== "nemesis")
      .length
  );
  return {
    messages: { mean: sizes.length / operations.length, worst: Math.max(...perRun) },
    bytesPerOperation: bytes / operations.length,
    bytesPerMessage: bytes / Math.max(1, sizes.length),
    add: spreadOf("add"),
    read: spreadOf("read"),
    okFraction: succeeded.length / operations.length,
    agreed: { median: quantile(agreed, 0.5), worst: Math.max(...agreed) },
    valid: simulated.every(({ results }) => results["valid?"] === true),
  };
}

/** How long after the end nodes are asked, and how often, in milliseconds. */
const WATCH_MS = 6000;
const LOOK_EVERY_MS = 50;
/** So many nodes are asked at most: with `peers` each read is two messages for each node. */
const MOST_WATCHED = 5;

async function timeToAgree(simulation: Simulation, timeLimit: number): Promise<number> {
  const { record } = await simulate({
    ...simulation,
    workload: {
      ...simulation.workload,
      finalGenerator: () => readAgainAndAgain(),
      // It is the run as it stands that is judged.
      check: () => ({ "valid?": true }),
    },
    quiescenceMs: 0,
  });
  return lastDisagreement(record.history, timeLimit * 1000);
}

/** Reads on some nodes, spread evenly over all. */
function readAgainAndAgain(): Generator {
  let end: number | undefined;
  const next = new Map<number, number>();
  return {
    next({ nowMs: now, free, concurrency }) {
      end ??= now + WATCH_MS;
      if (now >= end) return undefined;
      const stride = Math.ceil(concurrency / MOST_WATCHED);
      const watched = free.filter((worker) => worker % stride === 0);
      if (watched.length === 0) return PENDING;
      const due = (worker: number) => next.get(worker) ?? 0;
      const worker = watched.find((candidate) => due(candidate) <= now);
      if (worker === undefined) return { pending: true, untilMs: Math.min(...watched.map(due)) };
      next.set(worker, now + LOOK_EVERY_MS);
      return { worker, invocation: { f: "read", value: null, final: true } };
    },
  };
}

/** When the last read was asked for, after the end, that did not say what all said in the end. */
function lastDisagreement(history: History, end: number): number {
  const reads = pairOperations(history).flatMap(({ invocation, completion }) =>
    invocation.final === true && completion?.type === "ok"
      ? [{ at: invocation.time / 1e6 - end, process: invocation.process, value: completion.value }]
      : []
  );
  const last = new Map<Operation["process"], unknown>();
  for (const { process, value } of reads) last.set(process, value);
  const values = new Set(last.values());
  if (values.size !== 1) return Infinity;
  const [agreed] = values;
  return Math.max(0, reads.findLast(({ value }) => value !== agreed)?.at ?? 0);
}

/** The size of each message, as JSON. */
function bytesBetweenServers({ journal }: SimulationResult): number[] {
  return journal.flatMap(({ type, message }) =>
    type === "send" && !involvesClient(message) ? [JSON.stringify(message).length] : []
  );
}

function quantile(figures: readonly number[], part: number): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(part * (figures.length - 1))] ?? NaN;
}
