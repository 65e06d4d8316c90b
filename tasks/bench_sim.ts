/**
 * `deno task bench:sim [flags] [-- node arguments]`: speed of the simulation engine, as a multiple
 * of real time, on broadcast clusters of several sizes.
 *
 * The first run of each setting includes compilation, as in a single test. The other runs show the
 * speed of an exploration of many seeds. Other load on the machine affects wall-clock time, so the
 * table also shows processor time, which includes the garbage collector and compiler threads.
 *
 * @module
 */

import process from "node:process";
import { flag } from "../lib/base/mod.ts";
import { NetStatistics } from "../lib/check/mod.ts";
import type { NodeFunction } from "../lib/node/mod.ts";
import { analyse, loadProgram, runTest, SimEngine } from "../lib/workbench/mod.ts";
import { completeOptions, type TestOptions, workloads } from "../lib/workload/mod.ts";
import { runBenchmark } from "./bench/run_benchmark.ts";
import { print } from "./cli/console.ts";

/** A hub that pushes all values periodically. The node is cheap, so that the engine dominates. */
const DEFAULT_BIN = "examples/hub.ts";
const TARGET_DURATION_MS = 2000;
const MAX_RUNS = 30;
const MIN_RUNS = 3;

interface Setting {
  readonly name: string;
  readonly nodes: number;
  readonly rate: number;
  readonly latency: number;
}

/**
 * The clusters; each runs 20 s under load and 10 s without, as in the Gossip Glomers challenges.
 */
const SETTINGS: readonly Setting[] = [
  { name: "3 nodes", nodes: 3, rate: 100, latency: 0 },
  { name: "3c", nodes: 5, rate: 10, latency: 0 },
  { name: "3e", nodes: 25, rate: 100, latency: 100 },
  { name: "100 nodes", nodes: 100, rate: 100, latency: 100 },
  { name: "1000 nodes", nodes: 1000, rate: 100, latency: 100 },
];

interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly checkMs: number;
  readonly virtualMs: number;
  readonly steps: number;
  readonly messages: number;
  readonly serverMessagesPerOperation: number;
}

function optionsOf({ nodes, rate, latency }: Setting, seed: number): TestOptions {
  return completeOptions(workloads.broadcast, {
    nodes,
    ratePerSecond: rate,
    timeLimitSeconds: 20,
    topology: "tree4",
    latency: { meanMs: latency },
    seed: String(seed),
  });
}

/** Runs and checks one test. Throws an Error when the result is not valid. */
async function measure(
  setting: Setting,
  program: NodeFunction,
  args: readonly string[],
  seed: number,
): Promise<Run> {
  const options = optionsOf(setting, seed);
  const workload = workloads.broadcast;
  const engine = new SimEngine(program, args, options.seed);
  const net = new NetStatistics();
  const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
  const { history, problems, crashes } = await runTest({
    options,
    workload,
    engine,
    journal: ({ type, id, message: { src, dest } }) => net[type](id, src, dest),
    log: () => {},
    signal: new AbortController().signal,
  });
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  const checkStartedAt = performance.now();
  const now = () => performance.now();
  const results = analyse({ options, workload, history, net, problems, crashes, now });
  if (results["valid?"] !== true) {
    throw new Error(
      `${setting.name}, seed ${seed}: expected valid? true, got ${results["valid?"]}`,
    );
  }
  return {
    wallMs,
    cpuMs: (user + system) / 1000,
    checkMs: performance.now() - checkStartedAt,
    virtualMs: engine.clock.now(),
    steps: engine.clock.steps,
    messages: results.net?.all["msg-count"] ?? NaN,
    serverMessagesPerOperation: results.net?.servers["msgs-per-op"] ?? NaN,
  };
}

async function measureAll(
  setting: Setting,
  program: NodeFunction,
  args: readonly string[],
): Promise<Run[]> {
  const runs: Run[] = [];
  const startedAt = performance.now();
  while (
    runs.length < MIN_RUNS ||
    (runs.length < MAX_RUNS && performance.now() - startedAt < TARGET_DURATION_MS)
  ) {
    runs.push(await measure(setting, program, args, runs.length + 1));
  }
  return runs;
}

function row(setting: Setting, runs: readonly Run[]): string {
  const [first] = runs;
  const best = runs.toSorted((a, b) => a.wallMs / a.steps - b.wallMs / b.steps)[0];
  if (first === undefined || best === undefined) return setting.name;
  const times = (run: Run) => `${Math.round(run.virtualMs / run.wallMs)}×`.padStart(6);
  const number = (value: number, width: number) =>
    Math.round(value).toLocaleString("en").padStart(width);
  return [
    setting.name.padEnd(10),
    `${times(first)} ${times(best)}`,
    `${number(best.wallMs, 6)} ms`,
    `${number(best.cpuMs, 6)} ms`,
    `${number(best.checkMs, 5)} ms`,
    number(best.steps, 9),
    number(best.steps / best.wallMs * 1000, 9),
    number(best.messages, 8),
    best.serverMessagesPerOperation.toFixed(2).padStart(6),
    String(runs.length).padStart(4),
  ].join(" │ ");
}

const USAGE = `deno task bench:sim [flags] [-- node arguments]

Measures the simulation engine on broadcast clusters, as a multiple of real
time. Flags (defaults in brackets):
`;

/** The flags of bench:sim. */
export const benchFlags = {
  bin: flag.text({ placeholder: "PATH", help: "module of the node", default: DEFAULT_BIN }),
  only: flag.oneOf(SETTINGS.map(({ name }) => name), { help: "run one cluster only (all)" }),
  help: flag.help,
} as const;

async function run(bin: string, args: readonly string[], only: string | undefined): Promise<void> {
  const program = await loadProgram(bin);
  print(
    "setting    │  first   best │      wall │       cpu │   checks │    events │  events/s │ " +
      "messages │ msg/op │ runs",
  );
  for (const setting of SETTINGS) {
    if (only !== undefined && only !== setting.name) continue;
    print(row(setting, await measureAll(setting, program, args)));
  }
  print(
    "\nfirst, best: speed of the first and the fastest run as multiples of real time (virtual ÷ " +
      "wall-clock time).\nThe other columns describe the fastest run; msg/op: messages between servers " +
      "per operation.\nRate 100 (3c: 10), 20 s + 10 s, latency 100 ms from 25 nodes on, else 0; checks " +
      "run after the test.",
  );
}

if (import.meta.main) {
  Deno.exit(
    await runBenchmark(
      USAGE,
      benchFlags,
      ({ bin, only }, args) => run(bin, args, only),
    ),
  );
}
