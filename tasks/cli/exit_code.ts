/**
 * Exit codes, as in Maelstrom.
 *
 * @module
 */

import type { Valid } from "../../lib/check/mod.ts";

/** The exit codes by meaning. */
export const ExitCode = {
  valid: 0,
  invalid: 1,
  unknown: 2,
  /** Interrupted by Ctrl-C or another signal: 128 + SIGINT. */
  interrupted: 130,
  /** The command line is invalid. */
  badArguments: 254,
  /** The test did not run to its end: a node crashed or did not start, or Maelstrom did not. */
  crash: 255,
} as const;

/** Returns the exit code of a verdict. */
export function exitCodeOf(valid: Valid): number {
  return valid === true ? ExitCode.valid : valid === false ? ExitCode.invalid : ExitCode.unknown;
}

/**
 * Returns the worst of some exit codes, as Jepsen does: crash, invalid arguments, interrupted,
 * unknown, invalid, valid. A code without a meaning is a crash.
 */
export function worstExitCode(codes: readonly number[]): number {
  const order: readonly number[] = [
    ExitCode.crash,
    ExitCode.badArguments,
    ExitCode.interrupted,
    ExitCode.unknown,
    ExitCode.invalid,
    ExitCode.valid,
  ];
  if (!codes.every((code) => order.includes(code))) return ExitCode.crash;
  return order.find((code) => codes.includes(code)) ?? ExitCode.valid;
}
