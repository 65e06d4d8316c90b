/**
 * Checks that no node process exited before the end of the test.
 *
 * @module
 */

import type { Explanation } from "./explanation.ts";
import type { Verdict } from "./verdict.ts";

/** The maximum number of a crashed node's last lines in a verdict. */
export const MAX_LAST_LINES = 32;

/** A node process that exited before the end of the test. */
export interface CrashReport {
  /** The node's id. */
  readonly node: string;
  /** The exit status, or the name of the signal that killed the process. */
  readonly exit: number | string;
  /** The last lines, without newlines. Only the last {@link MAX_LAST_LINES} are shown. */
  readonly stdout: readonly string[];
  /** The last lines that it wrote to stderr. */
  readonly stderr: readonly string[];
  /** The path of the file with the node's whole stderr. */
  readonly log?: string;
}

/**
 * Returns an invalid verdict if a node crashed; `crashes` holds the exit status and the last lines
 * of each. (Maelstrom aborts with an error and gives no verdict.)
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
  const how = typeof exit === "number" ? `exited with status ${exit}` : `was killed by ${exit}`;
  return {
    type: "crash",
    message: `Node ${node} ${how} before the end of the test.\n` +
      `${lastLines("stdout", stdout)}\n${lastLines("stderr", stderr)}` +
      (log === undefined ? "" : `\nIts whole stderr is in ${log}.`),
    node,
  };
}

function lastLines(stream: string, lines: readonly string[]): string {
  if (lines.length === 0) return `It wrote nothing to ${stream}.`;
  const shown = lines.slice(-MAX_LAST_LINES).map((line) => `  ${line}`);
  return `Last lines of ${stream}:\n${shown.join("\n")}`;
}
