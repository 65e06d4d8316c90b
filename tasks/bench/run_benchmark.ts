/**
 * Runs a benchmark's command: parses its flags, prints its help, and turns errors into exit codes.
 *
 * @module
 */

import { print, printError } from "../cli/console.ts";
import { BadArguments, ExitCode } from "../cli/exit_code.ts";
import { describeFlags, type FlagTable, type GivenFlags, readCommandLine } from "../cli/flags.ts";

/** A benchmark: gets its flags and the arguments after `--`. */
export type Benchmark<F extends FlagTable> = (
  flags: GivenFlags<F>,
  rest: readonly string[],
) => Promise<void> | void;

/** Runs a benchmark with the arguments of this process; returns its exit code. */
export async function runBenchmark<F extends FlagTable>(
  usage: string,
  table: F,
  benchmark: Benchmark<F>,
): Promise<number> {
  try {
    const { flags, positional: [extra], rest } = readCommandLine(Deno.args, table);
    if (Object.hasOwn(flags, "help")) {
      print(usage + describeFlags(table));
      return ExitCode.valid;
    }
    if (extra !== undefined) {
      throw new BadArguments(`unexpected argument "${extra}"; run with --help for the flags`);
    }
    await benchmark(flags, rest);
    return ExitCode.valid;
  } catch (error) {
    printError(error instanceof Error ? error.message : String(error));
    return error instanceof BadArguments ? ExitCode.badArguments : ExitCode.invalid;
  }
}
