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
  /** Interrupted by Ctrl-C: 128 + SIGINT. */
  interrupted: 130,
  /** The command line is invalid. */
  badArguments: 254,
  /** The test did not run to its end: a node crashed or did not start. */
  crash: 255,
} as const;

/** Returns the exit code of a verdict. */
export function exitCodeOf(valid: Valid): number {
  return valid === true ? ExitCode.valid : valid === false ? ExitCode.invalid : ExitCode.unknown;
}

/**
 * Returns the first of these codes that is present, as Jepsen does: crash, interrupted, unknown,
 * invalid, valid.
 */
export function worstExitCode(codes: readonly number[]): number {
  const order: readonly number[] = [
    ExitCode.crash,
    ExitCode.interrupted,
    ExitCode.unknown,
    ExitCode.invalid,
  ];
  return order.find((code) => codes.includes(code)) ?? ExitCode.valid;
}
