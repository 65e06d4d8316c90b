/**
 * `deno task replay`: runs a case again, exactly.
 *
 * @module
 */

import { lastLine, summarise } from "../../lib/report/mod.ts";
import {
  CaseError,
  type CaseFile,
  decodeCase,
  describeSize,
  runCase,
  simulated,
  traceObserver,
} from "../../lib/workbench/explore/mod.ts";
import type { Engine } from "../../lib/workbench/mod.ts";
import { loadProgram } from "../../lib/workbench/sim/mod.ts";
import { print, stdoutPalette } from "./console.ts";
import { BadArguments, ExitCode, exitCodeOf } from "./exit_code.ts";
import { help, toggle } from "./flag_kinds.ts";
import { describeFlags, readCommandLine } from "./flags.ts";

const USAGE = `deno task replay FILE [flags]

Runs a case that explore has kept (case.json) again. Flags:
`;
const replayFlags = {
  trace: toggle("show every message, operation, fault and line of a log as it happens"),
  help,
} as const;

/** Runs the command; returns its exit code. Throws {@link BadArguments} and `StartError`. */
export async function replayCommand(args: readonly string[]): Promise<number> {
  const { flags, positional, rest } = readCommandLine(args, replayFlags);
  if (flags.help) {
    print(USAGE + describeFlags(replayFlags));
    return ExitCode.valid;
  }
  const [path, stranger] = positional;
  if (path === undefined) throw new BadArguments("Which case? Give the path of its case.json.");
  if (stranger !== undefined || rest.length > 0) {
    throw new BadArguments(
      `'${stranger ?? rest[0]}' is one argument too many; the case says what the nodes get.`,
    );
  }
  const { case: testCase, failure } = readCase(path);
  print(
    `replaying ${testCase.options.workload} with ${[testCase.bin, ...testCase.args].join(" ")}`,
  );
  print(`  ${describeSize(testCase)} · seed ${testCase.options.seed}`);
  const createEngine = simulated(await loadProgram(testCase.bin));
  let engine: Engine | undefined;
  const observer = flags.trace ? traceObserver(() => engine?.clock.now() ?? 0, print) : {};
  const outcome = await runCase(
    testCase,
    (own) => engine = createEngine(own),
    observer,
  );
  const paint = stdoutPalette();
  print("");
  print(summarise(outcome.verdict, paint));
  print("");
  if (failure.join("\n") !== outcome.failure.join("\n")) {
    const then = failure.length === 0 ? "nothing" : failure.join(", ");
    const now = outcome.failure.length === 0 ? "nothing" : outcome.failure.join(", ");
    print(paint.unsure(`When it was kept, ${then} failed; now ${now} does. Has the node changed?`));
  }
  const colour = outcome.valid === true ? paint.good : paint.bad;
  print(colour(lastLine(outcome.valid)));
  return exitCodeOf(outcome.valid);
}

function readCase(path: string): CaseFile {
  try {
    return decodeCase(Deno.readTextFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new BadArguments(`There is no file ${path} (looked for it in ${Deno.cwd()}).`);
    }
    if (error instanceof CaseError) throw new BadArguments(`${path} is no case: ${error.message}`);
    throw error;
  }
}
