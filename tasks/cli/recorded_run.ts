/**
 * Reads the folder of a recorded run: its history, its options, and its journal if it has one.
 *
 * @module
 */

import { isJsonObject, parseJson } from "../../lib/base/mod.ts";
import type { NetEvent } from "../../lib/check/mod.ts";
import {
  DamagedHistoryError,
  decodeHistoryEdn,
  decodeHistoryJsonl,
  type History,
} from "../../lib/history/mod.ts";
import { type TestOptions, WORKLOADS } from "../../lib/workload/mod.ts";
import { BadArguments } from "./exit_code.ts";
import { readTestCommandLine, type TestFlags } from "./test_flags.ts";

/** A recorded run. */
export interface RecordedRun {
  readonly flags: TestFlags;
  readonly history: History;
  /** The file that the history was read from. */
  readonly historyFile: string;
  readonly journal?: Iterable<NetEvent>;
}

/**
 * Reads a run. What it was asked to do is taken from the given flags, then from `test.json` (ours),
 * `options.json`, the command line in `jepsen.log`, and at last the name of the folder above. Throws
 * {@link BadArguments} and {@link DamagedHistoryError}.
 */
export function readRun(folder: string, given: TestFlags): RecordedRun {
  const found = readHistory(folder);
  const recorded = recordedFlags(folder);
  const flags = { ...recorded, ...given };
  if (flags.workload === undefined) {
    throw new BadArguments(`Which workload is ${folder}? Say so with --workload NAME.`);
  }
  const journal = readOptional(`${folder}/messages.jsonl`);
  return {
    flags,
    ...found,
    ...(journal === undefined
      ? {}
      : { journal: journalEvents(journal, `${folder}/messages.jsonl`) }),
  };
}

function readHistory(folder: string): { history: History; historyFile: string } {
  const decoders = { "history.jsonl": decodeHistoryJsonl, "history.edn": decodeHistoryEdn };
  for (const [name, decode] of Object.entries(decoders)) {
    const historyFile = `${folder}/${name}`;
    const text = readOptional(historyFile);
    if (text !== undefined) return { history: decode(text, historyFile), historyFile };
  }
  throw new BadArguments(`${folder} holds neither a history.jsonl nor a history.edn.`);
}

function recordedFlags(folder: string): TestFlags {
  return flagsOfTest(readOptional(`${folder}/test.json`)) ??
    flagsOfOptions(readOptional(`${folder}/options.json`)) ??
    flagsOfLog(readOptional(`${folder}/jepsen.log`)) ??
    flagsOfFolder(folder);
}

/** Ours: the options as they were. */
function flagsOfTest(text: string | undefined): TestFlags | undefined {
  if (text === undefined) return undefined;
  const { options } = JSON.parse(text) as { readonly options: TestOptions };
  const { availability } = options;
  return {
    workload: options.workload,
    nodes: options.nodes,
    concurrency: String(options.concurrency),
    "consistency-models": options.consistencyModels,
    ...(availability === undefined ? {} : { availability }),
  };
}

/** Flags by their long names. */
function flagsOfOptions(text: string | undefined): TestFlags | undefined {
  if (text === undefined) return undefined;
  const options = parseJson(text);
  if (!isJsonObject(options) || !isJsonObject(options.flags)) return undefined;
  const args = Object.entries(options.flags).map(([name, value]) => `--${name}=${value}`);
  return readTestCommandLine([`--workload=${options.workload}`, ...args]).flags;
}

/** Jepsen's log begins with the command line. */
function flagsOfLog(text: string | undefined): TestFlags | undefined {
  const command = text === undefined ? null : /Command line:\s*\n\s*lein run test (.*)/.exec(text);
  if (command === null) return undefined;
  const args = (command[1] as string).split(/\s+/).map((word) =>
    word.replace(/^(["'])(.*)\1$/, "$2")
  );
  return readTestCommandLine(args).flags;
}

/** Both keep runs in `<workload>/<time>`. */
function flagsOfFolder(folder: string): TestFlags {
  const parts = Deno.realPathSync(folder).split("/");
  const name = WORKLOADS.find((workload) => workload.name === parts.at(-2))?.name;
  return name === undefined ? {} : { workload: name };
}

function* journalEvents(text: string, file: string): Generator<NetEvent> {
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue;
    try {
      yield JSON.parse(line) as NetEvent;
    } catch (error) {
      throw new DamagedHistoryError(file, index + 1, (error as Error).message);
    }
  }
}

function readOptional(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
}
