/**
 * `deno task bench:sim [--bin PATH] [--only NAME] [-- node arguments]`: how fast the simulation
 * engine is, as a multiple of real time, on broadcast clusters of several sizes.
 *
 * The first run of each setting pays for compilation, as a single test does; the others show what a
 * search over many seeds gets. Wall-clock time suffers from whatever else the machine does, so the
 * processor time (garbage collector and compiler threads included) stands beside it.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "std/flags";
import { NetStatistics } from "../lib/check/mod.ts";
import type { NodeFunction } from "../lib/node/mod.ts";
import { analyse, loadProgram, runTest, SimEngine } from "../lib/workbench/mod.ts";
import {
  DEFAULT_OPTIONS,
  findWorkload,
  nodeIds,
  type TestOptions,
  type Workload,
} from "../lib/workload/mod.ts";
import { print, printError } from "./cli/console.ts";
import { ExitCode } from "./cli/exit_code.ts";

/** A hub that tells everybody everything a few times a second: a cheap node, so that the engine shows. */
const DEFAULT_BIN = "tests/support/nodes/hub.ts";
const TARGET_DURATION_MS = 2000;
const MAX_RUNS = 30;
const MIN_RUNS = 3;

interface Setting {
  readonly name: string;
  readonly nodes: number;
  readonly rate: number;
  readonly latency: number;
}

/** 20 s under load and 10 s of rest each, as the Gossip Glomers have it. */
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
  return {
    ...DEFAULT_OPTIONS,
    ratePerSecond: rate,
    workload: "broadcast",
    nodes: nodeIds(nodes),
    concurrency: nodes,
    timeLimitSeconds: 20,
    topology: "tree4",
    latency: { meanMs: latency, distribution: "constant" },
    seed: String(seed),
  };
}

/** Runs and judges one test. Throws when its result is not valid: what is wrong is not worth timing. */
async function measure(
  setting: Setting,
  program: NodeFunction,
  args: readonly string[],
  seed: number,
): Promise<Run> {
  const options = optionsOf(setting, seed);
  const workload = findWorkload("broadcast") as Workload;
  const engine = new SimEngine(program, args, options.seed);
  const net = new NetStatistics();
  const [began, cpuBefore] = [performance.now(), process.cpuUsage()];
  const { history, problems, crashes } = await runTest({
    options,
    workload,
    engine,
    journal: ({ type, id, message: { src, dest } }) => net[type](id, src, dest),
    log: () => {},
    signal: new AbortController().signal,
  });
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpuBefore);
  const checked = performance.now();
  const now = () => performance.now();
  const results = analyse({ options, workload, history, net, problems, crashes, now });
  if (results["valid?"] !== true) {
    throw new Error(`${setting.name} with seed ${seed} is not valid: ${results["valid?"]}`);
  }
  const counts = results.net as Record<"all" | "servers", Record<string, number>>;
  return {
    wallMs,
    cpuMs: (user + system) / 1000,
    checkMs: performance.now() - checked,
    virtualMs: engine.clock.now(),
    steps: engine.clock.steps,
    messages: counts.all["msg-count"] ?? NaN,
    serverMessagesPerOperation: counts.servers["msgs-per-op"] ?? NaN,
  };
}

async function measureAll(
  setting: Setting,
  program: NodeFunction,
  args: readonly string[],
): Promise<Run[]> {
  const runs: Run[] = [];
  const began = performance.now();
  while (
    runs.length < MIN_RUNS ||
    (runs.length < MAX_RUNS && performance.now() - began < TARGET_DURATION_MS)
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

async function main(): Promise<void> {
  const flags = parseArgs([...Deno.args], { string: ["bin", "only"], "--": true });
  const known = new Set(["_", "--", "bin", "only"]);
  const unknown = Object.keys(flags).find((flag) => !known.has(flag)) ?? flags._[0];
  if (unknown !== undefined) {
    printError(`bench:sim knows --bin and --only, not '${unknown}'.`);
    Deno.exit(ExitCode.badArguments);
  }
  const program = await loadProgram(String(flags["bin"] ?? DEFAULT_BIN));
  const args = flags["--"] ?? [];
  print(
    "setting    │  first   best │      wall │       cpu │   checks │    events │  events/s │ " +
      "messages │  S/op  │ runs",
  );
  for (const setting of SETTINGS) {
    if (flags["only"] !== undefined && flags["only"] !== setting.name) continue;
    print(row(setting, await measureAll(setting, program, args)));
  }
  print(
    "\nfirst and best run as multiples of real time (virtual ÷ wall-clock); the rest is of the best " +
      "run.\nRate 100 (3c: 10), 20 s + 10 s, latency 100 ms from 25 nodes on, else 0; checks come " +
      "after the run.",
  );
}

if (import.meta.main) await main();
