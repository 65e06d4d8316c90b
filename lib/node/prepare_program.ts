/**
 * A program with its command-line arguments.
 *
 * @module
 */

import type { NodeFunction, NodeProgram } from "./define_node.ts";
import { parseNodeFlags } from "./flags.ts";
import type { Node } from "./node.ts";

/** A program whose arguments are known, ready to start. */
export interface PreparedProgram {
  /** Whether the program keeps data on disk, with these arguments. */
  readonly persists: boolean;
  /** Whether the program serves changes of the membership, with these arguments. */
  readonly changesMembership: boolean;
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
  } = program as NodeProgram;
  const values = parseNodeFlags(args, flags, (values) => problem(values as never)) as never;
  return {
    persists: typeof persists === "boolean" ? persists : persists(values),
    changesMembership: typeof changesMembership === "boolean"
      ? changesMembership
      : changesMembership(values),
    start: (node) => start(node, values),
  };
}
