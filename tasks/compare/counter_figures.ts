/**
 * Measures a strategy of a counter node over several seeds: messages, bytes, latency, convergence
 * time.
 *
 * @module
 */

import { type History, type Operation, pairOperations } from "../../lib/history/mod.ts";
import type { NodeFunction } from "../../lib/node/mod.ts";
import { involvesClient } from "../../lib/wire/mod.ts";
import {
  simulate,
  type SimulationOptions,
  type SimulationResult,
} from "../../lib/workbench/mod.ts";
import { type Generator, PENDING } from "../../lib/workload/generator.ts";
import type { Workload } from "../../lib/workload/mod.ts";

/** The runs of a measurement. */
export interface CounterRuns {
  readonly program: NodeFunction;
  readonly args: readonly string[];
  readonly workload: Workload;
  readonly options: SimulationOptions & { readonly timeLimitSeconds: number };
  readonly seeds: number;
}

/** The measurements of all runs. */
export interface CounterFigures {
  /** Messages between servers per operation, the key-value store included. */
  readonly messages: { readonly mean: number; readonly worst: number };
  /** Bytes of these messages, as JSON. */
  readonly bytesPerOperation: number;
  readonly bytesPerMessage: number;
  /** Latency of successful operations in milliseconds; `high` is the 99th percentile. */
  readonly add: { readonly median: number; readonly high: number };
  readonly read: { readonly median: number; readonly high: number };
  readonly okFraction: number;
  /**
   * Convergence time: milliseconds from the end of adds and faults until all reads agree, on at
   * most five nodes; Infinity if a run did not converge.
   */
  readonly agreed: { readonly median: number; readonly worst: number };
  readonly valid: boolean;
}

/** Measures a strategy. Runs each seed twice: as it is, and with reads that measure convergence. */
export async function measureCounter(runs: CounterRuns): Promise<CounterFigures> {
  const { program, args, workload } = runs;
  const results: SimulationResult[] = [];
  const agreed: number[] = [];
  for (let seed = 0; seed < runs.seeds; seed++) {
    const options = { ...runs.options, args, seed };
    results.push(await simulate(program, workload, options));
    agreed.push(await convergenceMs(program, workload, options));
  }
  const operations = results.flatMap(({ history }) =>
    pairOperations(history).filter(({ invocation }) => invocation.process !== "nemesis")
  );
  const succeeded = operations.flatMap(({ invocation: { f, time }, completion }) =>
    completion?.type === "ok" ? [{ f, latencyMs: (completion.time - time) / 1e6 }] : []
  );
  const latencyOf = (kind: string) => {
    const times = succeeded.flatMap(({ f, latencyMs }) => f === kind ? [latencyMs] : []);
    return { median: percentile(times, 0.5), high: percentile(times, 0.99) };
  };
  const sizes = results.flatMap(serverMessageSizes);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const perRun = results.map((run) =>
    serverMessageSizes(run).length /
    run.history.filter(({ type, process }) => type === "invoke" && process !== "nemesis")
      .length
  );
  return {
    messages: { mean: sizes.length / operations.length, worst: Math.max(...perRun) },
    bytesPerOperation: bytes / operations.length,
    bytesPerMessage: bytes / Math.max(1, sizes.length),
    add: latencyOf("add"),
    read: latencyOf("read"),
    okFraction: succeeded.length / operations.length,
    agreed: { median: percentile(agreed, 0.5), worst: Math.max(...agreed) },
    valid: results.every((run) => run.results["valid?"] === true),
  };
}

/** How long clients read after the main phase. */
const OBSERVATION_MS = 6000;
const READ_INTERVAL_MS = 50;
/**
 * Limits the workers that read, since with the strategy `peers` each read sends messages to all
 * nodes.
 */
const MAX_READERS = 5;

async function convergenceMs(
  program: NodeFunction,
  workload: Workload,
  options: CounterRuns["options"],
): Promise<number> {
  const observed: Workload = {
    ...workload,
    finalGenerator: () => repeatedReads(),
    // The checker judges the first run of the seed.
    check: () => ({ "valid?": true }),
  };
  const { history } = await simulate(program, observed, { ...options, quiescenceMs: 0 });
  return lastDisagreementMs(history, options.timeLimitSeconds * 1000);
}

/** Generates reads at a fixed interval, by workers spread evenly over the nodes. */
function repeatedReads(): Generator {
  let endMs: number | undefined;
  const nextReadMs = new Map<number, number>();
  return {
    next({ nowMs, free, concurrency }) {
      endMs ??= nowMs + OBSERVATION_MS;
      if (nowMs >= endMs) return undefined;
      const stride = Math.ceil(concurrency / MAX_READERS);
      const readers = free.filter((worker) => worker % stride === 0);
      if (readers.length === 0) return PENDING;
      const deadlineMs = (worker: number) => nextReadMs.get(worker) ?? 0;
      const worker = readers.find((candidate) => deadlineMs(candidate) <= nowMs);
      if (worker === undefined) {
        return { pending: true, untilMs: Math.min(...readers.map(deadlineMs)) };
      }
      nextReadMs.set(worker, nowMs + READ_INTERVAL_MS);
      return { worker, invocation: { f: "read", value: null, final: true } };
    },
  };
}

/**
 * Returns the milliseconds from `endMs` to the invocation of the last read that differs from the
 * final value; Infinity when the workers' last reads differ.
 */
function lastDisagreementMs(history: History, endMs: number): number {
  const reads = pairOperations(history).flatMap(({ invocation, completion }) =>
    invocation.final === true && completion?.type === "ok"
      ? [{
        atMs: invocation.time / 1e6 - endMs,
        process: invocation.process,
        value: completion.value,
      }]
      : []
  );
  const last = new Map<Operation["process"], unknown>();
  for (const { process, value } of reads) last.set(process, value);
  const values = new Set(last.values());
  if (values.size !== 1) return Infinity;
  const [agreed] = values;
  return Math.max(0, reads.findLast(({ value }) => value !== agreed)?.atMs ?? 0);
}

/** Returns the bytes of each message between servers, as JSON. */
function serverMessageSizes({ journal }: SimulationResult): number[] {
  return journal.flatMap(({ type, message }) =>
    type === "send" && !involvesClient(message) ? [JSON.stringify(message).length] : []
  );
}

function percentile(values: readonly number[], fraction: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(fraction * (values.length - 1))] ?? NaN;
}
