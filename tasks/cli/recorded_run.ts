/**
 * Reads the folder of a recorded run: its history, its options, and its message journal if it has
 * one.
 *
 * @module
 */

import { isJsonObject, type Json, parseJson, UsageError } from "../../lib/base/mod.ts";
import type { NetEvent } from "../../lib/check/mod.ts";
import {
  decodeHistoryEdn,
  decodeHistoryJsonl,
  type History,
  MalformedHistoryError,
} from "../../lib/history/mod.ts";
import { type Infer, schema } from "../../lib/wire/mod.ts";
import { WORKLOADS } from "../../lib/workload/mod.ts";
import { readLines, readWholeLines } from "./read_lines.ts";
import {
  crashesByExitCode,
  problemsInLog,
  problemsInResults,
  type RecordedProblems,
} from "./recorded_problems.ts";
import { readTestCommandLine, type TestFlags } from "./test_flags.ts";

/** A recorded run. */
export interface RecordedRun {
  readonly flags: TestFlags;
  readonly history: History;
  /** The path of the history's file. */
  readonly historyFile: string;
  readonly journal?: Iterable<NetEvent>;
  /** The crashes and the malformed output that the run recorded. */
  readonly recorded: RecordedProblems;
}

/**
 * Reads a run. Its options come from the given flags, then from `test.json` (built-in engines),
 * `options.json`, the command line in `jepsen.log`, or the name of the parent folder. Throws
 * {@link UsageError} and {@link MalformedHistoryError}.
 */
export function readRun(folder: string, given: TestFlags): RecordedRun {
  requireFolder(folder);
  const found = readHistory(folder);
  const recorded = recordedFlags(folder, given);
  const flags = { ...recorded, ...given };
  if (flags.workload === undefined) {
    throw new UsageError(`${folder} does not record its workload; give it with --workload NAME`);
  }
  const journal = `${folder}/messages.jsonl`;
  return {
    flags,
    ...found,
    recorded: recordedProblems(folder),
    ...(isFile(journal) ? { journal: journalEvents(journal) } : {}),
  };
}

function recordedProblems(folder: string): RecordedProblems {
  const results = readOptional(`${folder}/results.json`);
  if (results !== undefined) return problemsInResults(results, `${folder}/results.json`);
  const log = readOptional(`${folder}/jepsen.log`);
  if (log !== undefined) return problemsInLog(log);
  const options = readOptional(`${folder}/options.json`);
  const isWithoutVerdict = options !== undefined && !isFile(`${folder}/results.edn`);
  return isWithoutVerdict ? crashesByExitCode(parseFile(options, `${folder}/options.json`)) : {};
}

function requireFolder(path: string): void {
  const info = infoOf(path);
  if (info === undefined) throw new UsageError(`folder not found: ${path}`);
  if (info.isDirectory) return;
  throw new UsageError(`${path} is not a folder; give the folder of a recorded run`);
}

function isFile(path: string): boolean {
  return infoOf(path)?.isFile === true;
}

function infoOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    throw error;
  }
}

function readHistory(folder: string): { history: History; historyFile: string } {
  const decoders = { "history.jsonl": decodeHistoryJsonl, "history.edn": decodeHistoryEdn };
  for (const [name, decode] of Object.entries(decoders)) {
    const historyFile = `${folder}/${name}`;
    if (!isFile(historyFile)) continue;
    return { history: decode(readWholeLines(historyFile), historyFile), historyFile };
  }
  throw new UsageError(
    `${folder} contains neither history.jsonl nor history.edn; give the folder of a recorded run`,
  );
}

function recordedFlags(folder: string, given: TestFlags): TestFlags {
  return flagsOfTest(`${folder}/test.json`, given) ??
    flagsOfOptions(`${folder}/options.json`) ??
    flagsOfLog(readOptional(`${folder}/jepsen.log`)) ??
    flagsOfFolder(folder);
}

const builtInWorkload = schema.either(...WORKLOADS.map(({ name }) => schema.literal(name)));

/** The part of `test.json` that {@link flagsOfTest} reads. */
const testFile = schema.object({
  workloadModule: schema.optional(schema.string),
  options: schema.object({
    workload: schema.string,
    nodes: schema.array(schema.string),
    concurrency: schema.natural,
    consistencyModels: schema.array(schema.string),
    availability: schema.optional(schema.either(schema.literal("total"), schema.number)),
  }),
});

/** Returns the flags of a `test.json`, which holds the options of a built-in engine. */
function flagsOfTest(file: string, given: TestFlags): TestFlags | undefined {
  const text = readOptional(file);
  if (text === undefined) return undefined;
  const test = parseFile(text, file);
  const problem = testFile.problem(test, "it");
  if (problem !== undefined) throw new MalformedHistoryError(file, 1, problem);
  const { options, workloadModule } = test as Infer<typeof testFile>;
  if (given.workload === undefined && workloadModule !== undefined) {
    // A run from elsewhere must not choose which module is imported.
    throw new UsageError(
      `the run's workload is the module ${workloadModule}; read it, then give --workload FILE`,
    );
  }
  if (given.workload === undefined) {
    const problem = builtInWorkload.problem(options.workload, "it.options.workload");
    if (problem !== undefined) throw new MalformedHistoryError(file, 1, problem);
  }
  const { availability } = options;
  return {
    workload: options.workload,
    nodes: options.nodes,
    concurrency: String(options.concurrency),
    "consistency-models": options.consistencyModels,
    ...(availability === undefined ? {} : { availability }),
  };
}

/** Returns the flags of an `options.json`, which maps their long names to values. */
function flagsOfOptions(file: string): TestFlags | undefined {
  const text = readOptional(file);
  if (text === undefined) return undefined;
  const options = parseFile(text, file);
  if (!isJsonObject(options) || !isJsonObject(options.flags)) return undefined;
  const args = Object.entries(options.flags).map(([name, value]) => `--${name}=${value}`);
  return readTestCommandLine([`--workload=${options.workload}`, ...args]).flags;
}

/** Returns the flags of the command line at the start of Jepsen's log. */
function flagsOfLog(text: string | undefined): TestFlags | undefined {
  const command = text === undefined ? null : /Command line:\s*\n\s*lein run test (.*)/.exec(text);
  if (command === null) return undefined;
  return readTestCommandLine(splitQuoted(command[1] as string)).flags;
}

/** Splits a command line into words; Jepsen puts some of them into double quotes. */
function splitQuoted(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)].map(([word, quoted]) =>
    quoted?.replace(/\\(.)/g, "$1") ?? word
  );
}

/** Returns the workload of a folder `<workload>/<time>`, as Maelstrom and this project name it. */
function flagsOfFolder(folder: string): TestFlags {
  const parts = Deno.realPathSync(folder).split(/[/\\]/);
  const name = WORKLOADS.find((workload) => workload.name === parts.at(-2))?.name;
  return name === undefined ? {} : { workload: name };
}

function parseFile(text: string, file: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    const { message } = error as Error;
    throw new MalformedHistoryError(file, Number(/line (\d+)/.exec(message)?.[1] ?? 1), message);
  }
}

const journalEvent = schema.object({
  type: schema.either(schema.literal("send"), schema.literal("recv")),
  id: schema.natural,
  src: schema.string,
  dest: schema.string,
});

type Event = Infer<typeof journalEvent>;

/** Checks a message id. Ids count sends from 0, so id N is at least the event number N + 1. */
function idProblem({ id }: Event, events: number): string | undefined {
  return id < events
    ? undefined
    : `the event.id must be below ${events}, the number of events so far, got ${id}`;
}

function* journalEvents(file: string): Generator<NetEvent> {
  let number = 0;
  for (const line of readLines(file)) {
    number++;
    if (line.trim() === "") continue;
    let event: Json;
    try {
      event = parseJson(line);
    } catch (error) {
      throw new MalformedHistoryError(file, number, (error as Error).message);
    }
    const problem = journalEvent.problem(event, "the event") ?? idProblem(event as Event, number);
    if (problem !== undefined) throw new MalformedHistoryError(file, number, problem);
    yield event as Event;
  }
}

function readOptional(path: string): string | undefined {
  return isFile(path) ? Deno.readTextFileSync(path) : undefined;
}
