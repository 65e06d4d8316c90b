/**
 * `maelstrom test`: runs a workload against nodes, and judges what came of it.
 *
 * @module
 */

import { NetStatistics, type Valid, type Verdict } from "../../lib/check/mod.ts";
import { lastLine, summarise } from "../../lib/report/mod.ts";
import {
  analyse,
  type JournalEvent,
  runTest,
  StartError,
  Store,
  type TestRecord,
} from "../../lib/workbench/mod.ts";
import type { TestOptions } from "../../lib/workload/mod.ts";
import { print, printError, showProgress, stdoutPalette } from "./console.ts";
import { chooseEngine, createEngine } from "./engine_choice.ts";
import { BadArguments, ExitCode, exitCodeOf } from "./exit_code.ts";
import { describeFlags } from "./flags.ts";
import { runMaelstrom, withoutEngine } from "./real_maelstrom.ts";
import {
  readTestCommandLine,
  type TestFlags,
  testFlags,
  testOptions,
  workloadOf,
} from "./test_flags.ts";

const DEFAULT_STORE = "store";

/** One test to run on a built-in engine. */
interface Job {
  readonly flags: TestFlags;
  readonly engine: "process" | "sim";
  readonly bin: string;
  readonly nodeArgs: readonly string[];
  readonly options: TestOptions;
  readonly signal: AbortSignal;
}

/** Runs the command; returns its exit code. Throws {@link BadArguments}. */
export async function testCommand(args: readonly string[]): Promise<number> {
  const { flags, nodeArgs } = readTestCommandLine(args);
  if (flags.help) {
    print(`maelstrom test --workload NAME --bin PATH [flags] [-- arguments of the nodes]\n`);
    print(describeFlags(testFlags));
    return ExitCode.valid;
  }
  const { bin } = flags;
  if (bin === undefined) {
    throw new BadArguments("--bin PATH is missing: the program that runs one node.");
  }
  const seed = flags.seed ?? String(crypto.getRandomValues(new Uint32Array(1))[0]);
  const options = testOptions(flags, seed);
  const choice = chooseEngine(flags);
  print(choice.note);
  if (choice.engine === "maelstrom") return runMaelstrom(choice.path, withoutEngine(args));
  const interrupt = new AbortController();
  const release = onInterrupt(() => interrupt.abort());
  try {
    const codes: number[] = [];
    for (let count = 0; count < (flags["test-count"] ?? 1) && !interrupt.signal.aborted; count++) {
      codes.push(
        await runOne({
          flags,
          bin,
          nodeArgs,
          engine: choice.engine,
          options: count === 0 ? options : { ...options, seed: `${seed}-${count + 1}` },
          signal: interrupt.signal,
        }),
      );
    }
    return worst(codes);
  } finally {
    release();
  }
}

async function runOne(job: Job): Promise<number> {
  const { flags, options, bin, nodeArgs, signal } = job;
  const engine = createEngine(job.engine, bin, nodeArgs);
  refuseMissingFaults(options, engine.missingFaults, engine.name);
  print(headline(job));
  const store = new Store(flags.store ?? DEFAULT_STORE, options.workload, new Date().toISOString());
  store.describe({ options, bin, engine: engine.name, args: nodeArgs });
  const net = new NetStatistics();
  let stopProgress = () => {};
  try {
    const record = await runTest({
      options,
      engine,
      signal,
      workload: workloadOf(flags),
      serialDelivery: flags["independent-delivery"] !== true,
      journal: (event) => {
        store.journal(event);
        net[event.type](event.id, event.message.src, event.message.dest);
        showMessage(event, flags);
      },
      log: (node, line) => {
        store.log(node, line);
        if (flags["log-stderr"]) print(`  ${node}: ${line}`);
      },
      watch: (look) => stopProgress = showProgress(look, options.timeLimit),
    });
    stopProgress();
    store.writeHistory(record.history, record.schedule);
    const results = resultsOf(job, record, net);
    store.writeResults(results);
    return conclude(results, record, store.folder);
  } catch (error) {
    stopProgress();
    if (!(error instanceof StartError)) throw error;
    printError(error.message);
    printError(`Nodes' logs are in ${store.folder}/node-logs.`);
    return ExitCode.crash;
  } finally {
    store.close();
  }
}

function resultsOf(job: Job, record: TestRecord, net: NetStatistics): Verdict {
  const results = analyse({
    net,
    options: job.options,
    workload: workloadOf(job.flags),
    history: record.history,
    problems: record.problems,
    crashes: record.crashes,
    now: () => performance.now(),
  });
  return record.interrupted ? { ...results, "interrupted?": true } : results;
}

function conclude(results: Verdict, record: TestRecord, folder: string): number {
  const paint = stdoutPalette();
  print("");
  print(summarise(results, paint));
  print(`  ${"kept in".padEnd(15)} ${folder}`);
  print("");
  if (record.interrupted) {
    print(paint.unsure("Interrupted: what was recorded until then is kept, and was not judged."));
    return ExitCode.interrupted;
  }
  const valid = results["valid?"] as Valid;
  const colour = valid === true ? paint.good : valid === false ? paint.bad : paint.unsure;
  print(colour(lastLine(valid)));
  return record.crashes.length > 0 ? ExitCode.crash : exitCodeOf(valid);
}

function headline({ options, bin, nodeArgs }: Job): string {
  const { nodes, timeLimit, rate, latency, nemesis, seed } = options;
  const parts = [
    `${nodes.length} ${nodes.length === 1 ? "node" : "nodes"} of ${[bin, ...nodeArgs].join(" ")}`,
    `${timeLimit} s`,
    `rate ${rate}`,
    ...(latency.mean > 0 ? [`latency ${latency.mean} ms ${latency.distribution}`] : []),
    ...(nemesis.length > 0 ? [`nemesis ${nemesis.join(", ")}`] : []),
    `seed ${seed}`,
  ];
  return `testing ${options.workload}: ${parts.join(" · ")}`;
}

function refuseMissingFaults(
  options: TestOptions,
  missing: readonly string[],
  engine: string,
): void {
  const fault = options.nemesis.find((name) => missing.includes(name));
  if (fault === undefined) return;
  throw new BadArguments(
    `--nemesis ${fault}: the ${engine} engine cannot do that; use --engine sim.`,
  );
}

function showMessage(event: JournalEvent, flags: TestFlags): void {
  const wanted = event.type === "send" ? flags["log-net-send"] : flags["log-net-recv"];
  if (wanted) print(`  ${event.type} ${JSON.stringify(event.message)}`);
}

/** Calls `stop` on the first Ctrl-C and ends at once on the second; returns what undoes that. */
function onInterrupt(stop: () => void): () => void {
  let interrupted = false;
  const handler = () => {
    if (interrupted) Deno.exit(ExitCode.interrupted);
    interrupted = true;
    stop();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, handler);
  return () => signals.forEach((signal) => Deno.removeSignalListener(signal, handler));
}

/** As Jepsen does: crashed before interrupted before unknown before invalid before valid. */
function worst(codes: readonly number[]): number {
  const order = [
    ExitCode.crash,
    ExitCode.interrupted,
    ExitCode.unknown,
    ExitCode.invalid,
  ] as readonly number[];
  return order.find((code) => codes.includes(code)) ?? ExitCode.valid;
}
