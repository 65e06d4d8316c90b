/**
 * `deno task replay`: repeats a case that explore stored.
 *
 * @module
 */

import { describeFlags, flag, parseFlags, UsageError } from "../../lib/base/mod.ts";
import { lastLine, summarise } from "../../lib/report/mod.ts";
import {
  CaseError,
  type CaseFile,
  decodeCase,
  describeSize,
  loadEngineFactory,
} from "../../lib/workbench/explore/mod.ts";
import { findOrLoadWorkload } from "../../lib/workbench/load_workload.ts";
import { isFolder } from "./history_file.ts";
import { print, printText, stdoutPalette } from "./console.ts";
import { ExitCode, exitCodeOf } from "./exit_code.ts";
import { prepareProgram } from "./prepare_program.ts";
import { saveCase } from "./save_case.ts";
import { builtInEngineFlags, maelstromFlags } from "./test_flags.ts";
import { isOutside } from "./users_folder.ts";

const USAGE = `deno task replay FILE [flags]

Repeats a failing case that explore stored, with the same seed, schedule and
messages, and writes the results of the run with a report page. FILE is its
case.json, or the folder that holds it. Exit codes: 0 valid, 1 invalid,
2 unknown, 254 invalid arguments, 255 the node does not start, or the results
cannot be written. Flags:
`;
/** The flags of replay. */
export const replayFlags = {
  trace: flag.toggle({ help: "print messages, operations, faults, logs in order" }),
  store: flag.text({ placeholder: "DIR", help: "directory for results", default: "store" }),
  workload: { ...maelstromFlags.workload, help: "workload", defaultText: "as recorded" },
  "wasm-exec": builtInEngineFlags["wasm-exec"],
  "allow-outside": flag.toggle({ help: "run a node from outside of the working directory" }),
  help: flag.help,
} as const;

/** Runs the command; returns its exit code. Throws {@link UsageError} and `StartError`. */
export async function replayCommand(args: readonly string[]): Promise<number> {
  const { flags, positional, rest } = parseFlags(args, replayFlags);
  if (flags.help) {
    print(USAGE + describeFlags(replayFlags));
    return ExitCode.valid;
  }
  const [path, extra = rest[0]] = positional;
  if (path === undefined) throw new UsageError("missing case file; give the path of a case.json");
  if (extra !== undefined) {
    throw new UsageError(
      `unexpected argument "${extra}"; the case already holds the arguments of the nodes`,
    );
  }
  const { case: testCase, failure } = readCase(path);
  const nameOrPath = flags.workload ?? testCase.workloadModule;
  if (!flags["allow-outside"]) {
    rejectOutside(path, testCase.bin);
    if (flags.workload === undefined && nameOrPath !== undefined) rejectOutside(path, nameOrPath);
  }
  const workload = nameOrPath === undefined ? undefined : await findOrLoadWorkload(nameOrPath);
  print(
    `replaying ${testCase.options.workload} with ${[testCase.bin, ...testCase.args].join(" ")}`,
  );
  print(`  ${describeSize(testCase)} · seed ${testCase.options.seed}`);
  const createEngine = await loadEngineFactory(
    await prepareProgram(testCase.bin, "sim", flags["wasm-exec"]),
  );
  const { outcome, folder, report } = await saveCase({ case: testCase, failure }, {
    createEngine,
    ...(workload === undefined ? {} : { workload }),
    root: `${flags.store}/replay`,
    ...(flags.trace ? { onTrace: printText } : {}),
  });
  const paint = stdoutPalette();
  print("");
  print(summarise(outcome.verdict, paint));
  print(`  ${"results in".padEnd(15)} ${folder}`);
  print(`  ${"report page".padEnd(15)} ${report}`);
  print("");
  if (failure.join("\n") !== outcome.failure.join("\n")) {
    const stored = failure.length === 0 ? "nothing" : failure.join(", ");
    const found = outcome.failure.length === 0 ? "nothing" : outcome.failure.join(", ");
    print(paint.unsure(
      `expected the recorded failure (${stored}), found: ${found}; the node may have changed`,
    ));
  }
  const colour = outcome.valid === true ? paint.good : paint.bad;
  print(colour(lastLine(outcome.valid)));
  return exitCodeOf(outcome.valid);
}

/**
 * Rejects a case whose node or workload is neither in the working directory nor one of this
 * project's nodes: a case file from elsewhere must not choose which program runs.
 */
function rejectOutside(path: string, module: string): void {
  if (!isOutside(module)) return;
  throw new UsageError(
    `${path} runs ${module}, which is outside of the working directory ${Deno.cwd()}; read that ` +
      "program, then run it with --allow-outside",
  );
}

/**
 * Reads a case file; of a folder, the one in it. Throws a {@link UsageError} if there is none, or
 * another file.
 */
export function readCase(path: string): CaseFile {
  const file = isFolder(path) ? `${path.replace(/\/+$/, "")}/case.json` : path;
  try {
    return decodeCase(Deno.readTextFileSync(file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UsageError(
        `the folder ${path} has no case.json; explore stores each failing case in a folder of its ` +
          "own: store/explore/WORKLOAD/TIME/case.json",
      );
    }
    if (error instanceof CaseError) {
      throw new UsageError(`${file} is not a case file: ${error.message}`);
    }
    throw error;
  }
}
