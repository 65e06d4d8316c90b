/**
 * `deno task check PATH…`: judges histories that are already there: the folders of recorded runs, of
 * the built-in engines and of the real Maelstrom, and files of any tool.
 *
 * @module
 */

import { describeFlags, flag, parseFlags, stringifyJson, UsageError } from "../../lib/base/mod.ts";
import { NetStatistics, plainResults, type Valid, type Verdict } from "../../lib/check/mod.ts";
import { encodeHistoryJsonl, type History, MalformedHistoryError } from "../../lib/history/mod.ts";
import { lastLine, summarise } from "../../lib/report/mod.ts";
import { analyse } from "../../lib/workbench/mod.ts";
import type { TestOptions } from "../../lib/workload/mod.ts";
import { print, printError, stdoutPalette } from "./console.ts";
import { ExitCode, exitCodeOf, worstExitCode } from "./exit_code.ts";
import { functionsOf, isFolder, readHistoryFile } from "./history_file.ts";
import { judgeOf, MODEL_LIST, modelFlag } from "./judges.ts";
import { readRun } from "./recorded_run.ts";
import { checkOptions, maelstromFlags, WORKLOAD_LIST, workloadOf } from "./test_flags.ts";
import { wrap } from "./wrap.ts";
import { tryToWriteReport } from "./write_report.ts";

const HELP_COLUMNS = 80;
const USAGE = `check PATH… [flags]

Judges histories that are already there. PATH is a file of any tool, as EDN or
JSON, with --model; or the folder of a run of this project or of the real
Maelstrom, or one with only a history.edn or history.jsonl and --workload.
Exit codes: 0 valid, 1 invalid, 2 unknown, 254 invalid arguments, 255 a node
crashed in the run, or a file is malformed. Flags (defaults in brackets):
`;

/** The flags of check. */
export const checkFlags = {
  model: modelFlag,
  workload: { ...maelstromFlags.workload, defaultText: "as recorded" },
  availability: { ...maelstromFlags.availability, defaultText: "as recorded" },
  "consistency-models": {
    ...maelstromFlags["consistency-models"],
    defaultText: "strict-serializable",
  },
  json: flag.toggle({ help: "print the results as JSON, a line for each path" }),
  store: flag.text({
    placeholder: "DIR",
    help: "directory for the report pages of files",
    default: "store",
  }),
  help: flag.help,
} as const;

type CheckFlags = ReturnType<typeof parseFlags<typeof checkFlags>>["flags"];

/** A history that was judged. */
interface Judged {
  readonly history: History;
  readonly historyFile: string;
  readonly options: TestOptions;
  readonly results: Verdict;
  /** Whether a node crashed in the run. */
  readonly isCrashed: boolean;
}

/** Runs the command; returns its exit code. Throws {@link UsageError}. */
export async function checkCommand(args: readonly string[]): Promise<number> {
  const { flags, positional, rest } = parseFlags(args, checkFlags);
  if (flags.help) {
    print(USAGE + describeFlags(checkFlags));
    print(`${wrap(MODEL_LIST, HELP_COLUMNS)}\n${WORKLOAD_LIST}`);
    return ExitCode.valid;
  }
  const paths = [...positional, ...rest];
  if (paths.length === 0) {
    throw new UsageError(
      "missing path; give the folder of a run, such as store/latest, or a file with a history",
    );
  }
  if (flags.model !== undefined && flags.workload !== undefined) {
    throw new UsageError("--model and --workload exclude each other");
  }
  const folders = paths.map(isFolder);
  const codes: number[] = [];
  for (const [index, path] of paths.entries()) {
    try {
      const judged = folders[index] === true && flags.model === undefined
        ? await judgeRun(path, flags)
        : await judgeFile(folders[index] === true ? historyIn(path) : path, flags);
      codes.push(await report(path, folders[index] === true, judged, flags));
    } catch (error) {
      if (!(error instanceof MalformedHistoryError)) throw error;
      printError(error.message);
      codes.push(ExitCode.crash);
    }
  }
  return worstExitCode(codes);
}

/** Judges the run in a folder by its workload, as a test does. */
async function judgeRun(folder: string, { workload: name, ...flags }: CheckFlags): Promise<Judged> {
  const run = readRun(folder, { ...flags, ...(name === undefined ? {} : { workload: name }) });
  const workload = await workloadOf(run.flags);
  const options = checkOptions(run.flags, workload);
  const net = run.journal === undefined ? undefined : new NetStatistics();
  for (const { type, id, src, dest } of run.journal ?? []) net?.[type](id, src, dest);
  const results = analyse({
    options,
    workload,
    history: run.history,
    ...run.recorded,
    ...(net === undefined ? {} : { net }),
    now: () => performance.now(),
  });
  const isCrashed = (run.recorded.crashes ?? []).length > 0;
  return { ...run, options, results, isCrashed };
}

/** Judges a history whose origin is not known. */
async function judgeFile(path: string, flags: CheckFlags): Promise<Judged> {
  if (flags.workload !== undefined) {
    const workload = await workloadOf(flags);
    const history = readHistoryFile(path, undefined);
    const options = checkOptions(flags, workload);
    const results = analyse({ options, workload, history, now: () => performance.now() });
    return { history, historyFile: path, options, results, isCrashed: false };
  }
  if (flags.model === undefined) {
    const functions = functionsOf(readHistoryFile(path, "txn"));
    throw new UsageError(
      `missing --model NAME; ${path} has operations ${functions}. ${MODEL_LIST}`,
    );
  }
  const { workload, f, judge } = await judgeOf(flags.model);
  const history = readHistoryFile(path, f);
  const options = checkOptions(flags, workload);
  const results = judge(history, options, () => performance.now());
  return { history, historyFile: path, options, results, isCrashed: false };
}

/** Returns the path of the history in a folder. */
function historyIn(folder: string): string {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  const found = ["history.jsonl", "history.edn"].find((name) => names.includes(name));
  if (found !== undefined) return `${folder}/${found}`;
  throw new UsageError(`${folder} contains neither history.jsonl nor history.edn`);
}

/** Prints the results and writes the page; returns the exit code. */
async function report(
  path: string,
  isRun: boolean,
  { history, historyFile, options, results, isCrashed }: Judged,
  flags: CheckFlags,
): Promise<number> {
  const isEmpty = history.length === 0;
  const valid: Valid = isEmpty ? "unknown" : results["valid?"];
  const code = isCrashed ? ExitCode.crash : exitCodeOf(valid);
  if (flags.json) {
    const { "valid?": _, ...plain } = plainResults(results) as Record<string, unknown>;
    print(stringifyJson({ path, "valid?": valid, ...plain }));
    return code;
  }
  if (isEmpty) {
    printError(`${historyFile} is empty: no operations to check`);
    return code;
  }
  const paint = stdoutPalette();
  const subject = flags.model ?? options.workload;
  print(`checking ${subject}: ${history.length} entries of ${historyFile}`);
  print("");
  print(summarise(results, paint));
  const resultsText = stringifyJson(plainResults(results));
  const folder = isRun ? path : makePageFolder(flags.store, path, resultsText);
  const page = await tryToWriteReport(folder, {
    test: stringifyJson({
      options: { ...options, workload: subject },
      engine: "",
      bin: path,
      args: [],
    }),
    results: resultsText,
    history: () => encodeHistoryJsonl(history),
  });
  print(`  ${"report page".padEnd(15)} ${page}`);
  print("");
  print(
    (valid === true ? paint.good : valid === false ? paint.bad : paint.unsure)(lastLine(valid)),
  );
  return code;
}

/** Makes the folder for the page and the results of a file that is not in the folder of a run. */
function makePageFolder(store: string, file: string, results: string): string {
  const name = file.replace(/^.*\//, "").replace(/[^\w.-]/g, "_");
  const folder = `${store}/check/${name}`;
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(`${folder}/results.json`, `${results}\n`);
  return folder;
}
