/**
 * `maelstrom check DIR`: checks the history of a recorded run again. Reads the results of the
 * built-in engines and of the real Maelstrom.
 *
 * @module
 */

import { describeFlags, flag, parseFlags, stringifyJson, UsageError } from "../../lib/base/mod.ts";
import { NetStatistics, plainResults, type Valid } from "../../lib/check/mod.ts";
import { encodeHistoryJsonl, MalformedHistoryError } from "../../lib/history/mod.ts";
import { lastLine, summarise } from "../../lib/report/mod.ts";
import { analyse } from "../../lib/workbench/mod.ts";
import { print, printError, stdoutPalette } from "./console.ts";
import { ExitCode, exitCodeOf } from "./exit_code.ts";
import { readRun } from "./recorded_run.ts";
import { checkOptions, maelstromFlags, WORKLOAD_LIST, workloadOf } from "./test_flags.ts";
import { tryToWriteReport } from "./write_report.ts";

const USAGE = `maelstrom check DIR [flags]

Checks the history of a recorded run again. DIR holds the results of this
project or of the real Maelstrom, or only a history.edn or history.jsonl.
Exit codes: 0 valid, 1 invalid, 2 unknown, 254 invalid arguments, 255 a node
crashed in the run, or a file is malformed. Flags (defaults in brackets):
`;

const checkFlags = {
  workload: { ...maelstromFlags.workload, defaultText: "as recorded" },
  availability: { ...maelstromFlags.availability, defaultText: "as recorded" },
  "consistency-models": {
    ...maelstromFlags["consistency-models"],
    defaultText: "as recorded",
  },
  help: flag.help,
} as const;

/** Runs the command; returns its exit code. Throws {@link UsageError}. */
export async function checkCommand(args: readonly string[]): Promise<number> {
  const { flags, positional, rest } = parseFlags(args, checkFlags);
  if (flags.help) {
    print(`${USAGE}${describeFlags(checkFlags)}\n${WORKLOAD_LIST}`);
    return ExitCode.valid;
  }
  const [folder, extra] = [...positional, ...rest];
  if (folder === undefined) {
    throw new UsageError("missing folder of a recorded run; give one such as store/latest");
  }
  if (extra !== undefined) {
    throw new UsageError(`unexpected argument "${extra}"; check takes one folder`);
  }
  try {
    return await check(folder, flags);
  } catch (error) {
    if (!(error instanceof MalformedHistoryError)) throw error;
    printError(error.message);
    return ExitCode.crash;
  }
}

async function check(
  folder: string,
  given: Parameters<typeof readRun>[1],
): Promise<number> {
  const run = readRun(folder, given);
  const workload = await workloadOf(run.flags);
  const options = checkOptions(run.flags, workload);
  const net = run.journal === undefined ? undefined : new NetStatistics();
  for (const { type, id, src, dest } of run.journal ?? []) net?.[type](id, src, dest);
  if (run.history.length === 0) {
    printError(`${run.historyFile} is empty: no operations to check`);
    return ExitCode.unknown;
  }
  const paint = stdoutPalette();
  print(`checking ${options.workload}: ${run.history.length} entries of ${run.historyFile}`);
  const results = analyse({
    options,
    workload,
    history: run.history,
    ...run.recorded,
    ...(net === undefined ? {} : { net }),
    now: () => performance.now(),
  });
  print("");
  print(summarise(results, paint));
  const report = await tryToWriteReport(folder, {
    test: stringifyJson({ options, engine: "", bin: folder, args: [] }),
    results: stringifyJson(plainResults(results)),
    history: () => encodeHistoryJsonl(run.history),
  });
  print(`  ${"report page".padEnd(15)} ${report}`);
  print("");
  const valid = results["valid?"] as Valid;
  print(
    (valid === true ? paint.good : valid === false ? paint.bad : paint.unsure)(lastLine(valid)),
  );
  return (run.recorded.crashes ?? []).length > 0 ? ExitCode.crash : exitCodeOf(valid);
}
