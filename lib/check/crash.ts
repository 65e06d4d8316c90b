/**
 * Judges how nodes ended: one that is dead before the test is over has crashed.
 *
 * @module
 */

import type { Explanation } from "./explanation.ts";
import type { Verdict } from "./verdict.ts";

/** How many of a dead node's last lines are shown. */
export const MAX_LAST_LINES = 32;

/** A node that ended before the test did. */
export interface CrashReport {
  readonly node: string;
  /** Its exit status, or the name of the signal that ended it. */
  readonly exit: number | string;
  /** What it wrote last, without newlines; more than {@link MAX_LAST_LINES} are cut. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Where all that it wrote to stderr is kept. */
  readonly log?: string;
}

/**
 * Invalid when a node crashed; `crashes` then tells of each its exit status and its last 32 lines.
 * (Maelstrom ends with an error and no verdict at all.)
 */
export function checkCrashes(crashes: readonly CrashReport[]): Verdict {
  if (crashes.length === 0) return { "valid?": true };
  return {
    "valid?": false,
    crashes: crashes.map(({ node, exit, stdout, stderr, log }) => ({
      node,
      exit,
      stdout: stdout.slice(-MAX_LAST_LINES),
      stderr: stderr.slice(-MAX_LAST_LINES),
      ...(log === undefined ? {} : { log }),
    })),
    explanations: crashes.map(explain),
  };
}

function explain({ node, exit, stdout, stderr, log }: CrashReport): Explanation {
  const how = typeof exit === "number" ? `exited with status ${exit}` : `was ended by ${exit}`;
  return {
    type: "crash",
    message: `Node ${node} ${how} before the test was over.\n` +
      `${lastLines("stdout", stdout)}\n${lastLines("stderr", stderr)}` +
      (log === undefined ? "" : `\nAll of its stderr is in ${log}.`),
    node,
  };
}

function lastLines(stream: string, lines: readonly string[]): string {
  if (lines.length === 0) return `It wrote nothing to ${stream}.`;
  const shown = lines.slice(-MAX_LAST_LINES).map((line) => `  ${line}`);
  return `The last it wrote to ${stream}:\n${shown.join("\n")}`;
}
