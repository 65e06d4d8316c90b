/**
 * Exit codes, the same as Maelstrom's.
 *
 * @module
 */

import type { Valid } from "../../lib/check/mod.ts";

/** What an exit code means. */
export const ExitCode = {
  valid: 0,
  invalid: 1,
  unknown: 2,
  /** Ended by Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
  /** The command line is wrong. */
  badArguments: 254,
  /** The test could not be run to its end: a node crashed or did not start. */
  crash: 255,
} as const;

/** The exit code of a verdict. */
export function exitCodeOf(valid: Valid): number {
  return valid === true ? ExitCode.valid : valid === false ? ExitCode.invalid : ExitCode.unknown;
}

/** The code of several tests, as Jepsen has it: crashed, interrupted, unknown, invalid, valid. */
export function worstExitCode(codes: readonly number[]): number {
  const order: readonly number[] = [
    ExitCode.crash,
    ExitCode.interrupted,
    ExitCode.unknown,
    ExitCode.invalid,
  ];
  return order.find((code) => codes.includes(code)) ?? ExitCode.valid;
}

/** Thrown for a command line that is wrong; says what would be right. */
export class BadArguments extends Error {
  override readonly name = "BadArguments";
}
