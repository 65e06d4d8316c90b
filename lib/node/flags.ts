/**
 * A node's own command-line flags, which stand after `--` on Maelstrom's command line.
 *
 * @module
 */

import {
  asksForHelp,
  describeFlags,
  type FlagTable,
  type FlagValues,
  HelpRequest,
  parseFlags,
  UsageError,
} from "../base/mod.ts";
import { TRANSPORT_HELP } from "./transport.ts";

/** A process's exit code for invalid arguments. */
export const EXIT_USAGE = 2;

/** The longest interval that a flag accepts: an hour. */
export const MAX_INTERVAL_MS = 3_600_000;

/**
 * Parses a node's arguments by its flags.
 *
 * @param findProblem Returns what is wrong with a combination of values; undefined for a valid one.
 * @throws {UsageError} For invalid arguments; the message names the problem and lists the node's
 *   flags.
 * @throws {HelpRequest} For `--help` and `-h`.
 */
export function parseNodeFlags<F extends FlagTable>(
  args: readonly string[],
  table: F,
  findProblem: (values: FlagValues<F>) => string | undefined = () => undefined,
): FlagValues<F> {
  // Maelstrom removes the `--` before a node's arguments; a user who starts a node by hand may keep
  // it.
  const own = args[0] === "--" ? args.slice(1) : args;
  if (asksForHelp(own)) throw new HelpRequest(`${usage(table)}\n${TRANSPORT_HELP}`);
  try {
    const { flags, positional, rest } = parseFlags(own, table, "");
    const [stray] = own.includes("--") ? ["--", ...rest] : positional;
    if (stray !== undefined) throw new UsageError(`unexpected argument "${stray}"`);
    const problem = findProblem(flags);
    if (problem !== undefined) throw new UsageError(problem);
    return flags;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${error.message}\n${usage(table)}`);
  }
}

function usage(table: FlagTable): string {
  if (Object.keys(table).length === 0) return "This node takes no flags.";
  return `This node's flags:\n${describeFlags(table)}`;
}
