/**
 * A program with its command-line arguments.
 *
 * @module
 */

import type { ExploredFlags, NodeFunction, NodeProgram } from "./define_node.ts";
import { parseNodeFlags } from "./flags.ts";
import type { Node } from "./node.ts";

/** A program whose arguments are known, ready to start. */
export interface PreparedProgram {
  /** Whether the program keeps data on disk, with these arguments. */
  readonly persists: boolean;
  /** Whether the program serves changes of the membership, with these arguments. */
  readonly changesMembership: boolean;
  /** Values of flags that these arguments do not have, see `FlagDefinition.explores`. */
  readonly explores: ExploredFlags;
  /** Runs the program. */
  start(node: Node): unknown;
}

/**
 * Parses the arguments of a program without running it.
 *
 * @throws {UsageError} For arguments that the program does not accept.
 */
export function prepareProgram(program: NodeFunction, args: readonly string[]): PreparedProgram {
  const {
    flags = {},
    start = program,
    problem = () => undefined,
    persists = false,
    changesMembership = false,
    explores = {},
  } = program as NodeProgram;
  const values = parseNodeFlags(args, flags, (values) => problem(values as never)) as never;
  return {
    persists: typeof persists === "boolean" ? persists : persists(values),
    changesMembership: typeof changesMembership === "boolean"
      ? changesMembership
      : changesMembership(values),
    explores: withoutGiven(typeof explores === "function" ? explores(values) : explores, args),
    start: (node) => start(node, values),
  };
}

/** Leaves out the flags that arguments have. */
function withoutGiven(flags: ExploredFlags, args: readonly string[]): ExploredFlags {
  const isGiven = (name: string) =>
    args.some((argument) => argument === `--${name}` || argument.startsWith(`--${name}=`));
  return Object.fromEntries(Object.entries(flags).filter(([name]) => !isGiven(name)));
}
