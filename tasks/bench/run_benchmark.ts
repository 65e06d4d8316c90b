/**
 * Runs a benchmark's command: parses its flags, prints its help, and turns errors into exit codes.
 *
 * @module
 */

import {
  asksForHelp,
  describeFlags,
  type FlagTable,
  type FlagValues,
  parseFlags,
  UsageError,
} from "../../lib/base/mod.ts";
import { print, printError } from "../cli/console.ts";
import { ExitCode } from "../cli/exit_code.ts";

/** A benchmark: gets its flags and the arguments after `--`. */
export type Benchmark<F extends FlagTable> = (
  flags: FlagValues<F>,
  rest: readonly string[],
) => Promise<void> | void;

/** Runs a benchmark with the arguments of this process; returns its exit code. */
export async function runBenchmark<F extends FlagTable>(
  usage: string,
  table: F,
  benchmark: Benchmark<F>,
): Promise<number> {
  try {
    if (asksForHelp(Deno.args)) {
      print(usage + describeFlags(table));
      return ExitCode.valid;
    }
    const { flags, positional: [extra], rest } = parseFlags(Deno.args, table);
    if (extra !== undefined) {
      throw new UsageError(`unexpected argument "${extra}"; run with --help for the flags`);
    }
    await benchmark(flags, rest);
    return ExitCode.valid;
  } catch (error) {
    printError(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? ExitCode.badArguments : ExitCode.invalid;
  }
}
