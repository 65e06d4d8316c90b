/**
 * Runs one test on a built-in engine: shows progress, stores the results, and prints a summary and
 * Maelstrom's last line.
 *
 * @module
 */

import { stringifyJson, UsageError } from "../../lib/base/mod.ts";
import { NetStatistics, type Valid, type Verdict } from "../../lib/check/mod.ts";
import {
  caveats,
  diagnose,
  type Finding,
  FirstFailures,
  lastLine,
  type LogTail,
  ReplyWatch,
  summarise,
} from "../../lib/report/mod.ts";
import {
  analyse,
  DEFAULT_TIMEOUT_MS,
  type JournalEvent,
  type NemesisEvent,
  type ProgramFile,
  RunFolder,
  type RunRecord,
  runTest,
  SimEngine,
  StartError,
  StateLog,
} from "../../lib/workbench/mod.ts";
import type { TestOptions, Workload } from "../../lib/workload/mod.ts";
import { print, printError, printText, showProgress, stdoutPalette } from "./console.ts";
import { type BuiltInEngine, createEngine, createNatsEngine } from "./engine_choice.ts";
import { ExitCode, exitCodeOf } from "./exit_code.ts";
import { fileProblem, StoreError, WriteFailures } from "./file_problem.ts";
import { type TestFlags, workloadModuleOf } from "./test_flags.ts";
import { tryToWriteReport } from "./write_report.ts";

const DEFAULT_STORE = "store";

/** A test to run. */
export interface TestRun {
  readonly flags: TestFlags;
  readonly workload: Workload;
  readonly engine: BuiltInEngine | "nats";
  readonly bin: string;
  /** The file to run, built from {@link bin} if that is source. */
  readonly program: ProgramFile;
  readonly nodeArgs: readonly string[];
  readonly options: TestOptions;
  /** The nemesis schedule; generated from the seed if undefined. */
  readonly schedule?: readonly NemesisEvent[];
  readonly signal: AbortSignal;
}

/** The results of a completed test. */
export interface StoredResults {
  readonly results: Verdict;
  readonly folder: string;
}

/** The outcome of a test. */
export interface TestRunOutcome {
  readonly code: number;
  /** The results, and the folder that holds them; undefined when a node did not start. */
  readonly stored?: StoredResults;
}

/** Runs a test. Throws {@link UsageError} when the engine cannot inject a requested fault. */
export async function runOnBuiltInEngine(run: TestRun): Promise<TestRunOutcome> {
  const { flags, options, bin, program, nodeArgs } = run;
  const disks = () => `${folder.path}/disks`;
  const engine = run.engine === "nats"
    ? await createNatsEngine(
      flags,
      options.nodes,
      flags["nats-join"] === undefined ? { bin: program.path, args: nodeArgs } : undefined,
      disks,
    )
    : await createEngine(run.engine, program, nodeArgs, options.seed, disks);
  rejectUnsupportedFaults(options, engine.missingFaults, engine.name);
  print(headline(run));
  const writing = new WriteFailures();
  const folder = openRunFolder(flags.store ?? DEFAULT_STORE, options.workload, writing);
  const ownWorkload = workloadModuleOf(flags);
  folder.describe({ options, bin, engine: engine.name, args: nodeArgs, ...ownWorkload });
  const net = new NetStatistics();
  const replies = new ReplyWatch(DEFAULT_TIMEOUT_MS);
  const failures = new FirstFailures(options.nodes, options.concurrency);
  const states = engine instanceof SimEngine ? new StateLog((id) => engine.stateOf(id)) : undefined;
  const logs = new Map<string, LogTail>();
  let stopProgress = () => {};
  try {
    const record = await runTest({
      options,
      engine,
      signal: AbortSignal.any([run.signal, writing.signal]),
      workload: run.workload,
      serialDelivery: flags["independent-delivery"] !== true,
      ...(run.schedule === undefined ? {} : { schedule: run.schedule }),
      journal: (event) => {
        folder.journal(event);
        net[event.type](event.id, event.message.src, event.message.dest);
        // Only NATS knows whether a node received a request, or its link was down.
        if (run.engine !== "nats" || event.type === "send") replies.observe(event);
        states?.observe(event);
        showMessage(event, flags);
      },
      onLateMessage: (message, time) => replies.observe({ type: "send", time, message }),
      onOperation(operation) {
        folder.operation(operation);
        const failure = failures.observe(operation);
        if (failure !== undefined) printText(`  ${failure}`);
      },
      log: (node, line) => {
        folder.log(node, line);
        logs.set(node, { lines: (logs.get(node)?.lines ?? 0) + 1, last: line });
        if (flags["log-stderr"]) printText(`  ${node}: ${line}`);
      },
      onProgress: (readProgress) =>
        stopProgress = showProgress(readProgress, options.timeLimitSeconds),
    });
    stopProgress();
    states?.end(options.nodes);
    folder.writeStates(states?.text ?? "");
    folder.writeSchedule(record.schedule);
    const results = resultsOf(run, record, net);
    folder.writeResults(results);
    folder.close();
    if (writing.problem !== undefined) throw new StoreError(folder.path, writing.problem);
    const report = await tryToWriteReport(folder.path);
    const findings = diagnose({
      ...options,
      logs,
      results,
      history: record.history,
      replies: replies.problemsUntil(record.history.at(-1)?.time ?? 0),
    });
    return {
      stored: { results, folder: folder.path },
      code: printSummary(results, findings, record, folder, report),
    };
  } catch (error) {
    stopProgress();
    const isStart = error instanceof StartError;
    const problem = writing.problem ?? (isStart ? undefined : fileProblem(error));
    if (problem !== undefined) throw new StoreError(folder.path, problem);
    if (!isStart) throw error;
    printError(error.message);
    for (const { isMisaddressed, text } of replies.problemsUntil(0)) {
      if (isMisaddressed) printError(`${text}.`);
    }
    printError(`node logs: ${folder.path}/node-logs`);
    return { code: ExitCode.crash };
  } finally {
    folder.close();
  }
}

function openRunFolder(root: string, workload: string, writing: WriteFailures): RunFolder {
  try {
    return new RunFolder(
      root,
      workload,
      new Date().toISOString(),
      (path, error) => writing.add(path, error),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreError(undefined, `cannot create a folder for results in ${root}: ${reason}`);
  }
}

function resultsOf(run: TestRun, record: RunRecord, net: NetStatistics): Verdict {
  const results = analyse({
    net,
    options: run.options,
    workload: run.workload,
    history: record.history,
    problems: record.problems,
    crashes: record.crashes,
    now: () => performance.now(),
  });
  return record.interrupted ? { ...results, "interrupted?": true } : results;
}

function printSummary(
  results: Verdict,
  findings: readonly Finding[],
  record: RunRecord,
  folder: RunFolder,
  report: string,
): number {
  const paint = stdoutPalette();
  print("");
  print(summarise(results, paint, findings));
  print(`  ${"results in".padEnd(15)} ${folder.path}`);
  for (const text of folder.notKept) print(`  ${"not kept".padEnd(15)} ${text}`);
  print(`  ${"report page".padEnd(15)} ${report}`);
  print("");
  if (record.interrupted) {
    print(paint.unsure("Interrupted: the results cover the history so far and prove nothing."));
    return ExitCode.interrupted;
  }
  const valid = results["valid?"] as Valid;
  for (const text of caveats(results)) print(paint.unsure(text));
  const colour = valid === true ? paint.good : valid === false ? paint.bad : paint.unsure;
  print(colour(lastLine(valid)));
  return record.crashes.length > 0 ? ExitCode.crash : exitCodeOf(valid);
}

function headline({ options, bin, nodeArgs }: TestRun): string {
  const { nodes, timeLimitSeconds, ratePerSecond, latency, nemesis, seed } = options;
  const parts = [
    `${nodes.length} ${nodes.length === 1 ? "node" : "nodes"} of ${[bin, ...nodeArgs].join(" ")}`,
    `${timeLimitSeconds} s`,
    `rate ${ratePerSecond}`,
    ...(latency.meanMs > 0 ? [`latency ${latency.meanMs} ms ${latency.distribution}`] : []),
    ...(nemesis.length > 0 ? [`nemesis ${nemesis.join(", ")}`] : []),
    `seed ${seed}`,
  ];
  return `testing ${options.workload}: ${parts.join(" · ")}`;
}

function rejectUnsupportedFaults(
  options: TestOptions,
  unsupported: readonly string[],
  engine: string,
): void {
  const fault = options.nemesis.find((name) => unsupported.includes(name));
  if (fault === undefined) return;
  throw new UsageError(
    `--nemesis ${fault}: the ${engine} engine cannot inject this fault; use --engine sim`,
  );
}

function showMessage(event: JournalEvent, flags: TestFlags): void {
  const isShown = event.type === "send" ? flags["log-net-send"] : flags["log-net-recv"];
  if (isShown) printText(`  ${event.type} ${stringifyJson(event.message)}`);
}
