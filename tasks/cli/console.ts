/**
 * Writes to stdout and stderr, and shows progress.
 *
 * @module
 */

import { printable } from "../../lib/base/mod.ts";
import { type Palette, palette } from "../../lib/report/mod.ts";
import type { Progress } from "../../lib/workbench/mod.ts";

const encoder = new TextEncoder();
const REDRAW_INTERVAL_MS = 250;
const LINE_INTERVAL_MS = 5000;

/** Writes a line to stdout. */
export function print(line: string): void {
  writeAll(Deno.stdout, `${line}\n`);
}

/** Writes a line that may contain a node's text to stdout, without its control characters. */
export function printText(line: string): void {
  print(printable(line));
}

/** Writes a line to stderr, without the control characters of a node's text. */
export function printError(line: string): void {
  writeAll(Deno.stderr, `${printable(line)}\n`);
}

/** Returns colours if stdout is a terminal and `NO_COLOR` is not set or empty. */
export function stdoutPalette(): Palette {
  const isDisabled = (Deno.env.get("NO_COLOR") ?? "") !== "";
  return palette(Deno.stdout.isTerminal() && !isDisabled);
}

/** Shows the progress of a test with {@link showStatusLine}; returns the function that stops it. */
export function showProgress(readProgress: () => Progress, timeLimitSeconds: number): () => void {
  return showStatusLine(() => describeProgress(readProgress(), timeLimitSeconds));
}

/**
 * Shows a status line and returns the function that stops it. A terminal redraws the line in place;
 * other outputs get a new line every five seconds.
 */
export function showStatusLine(readLine: () => string): () => void {
  const isTerminal = Deno.stdout.isTerminal();
  const timer = setInterval(() => {
    const line = readLine();
    if (isTerminal) writeAll(Deno.stdout, `\r${line}\u001b[K`);
    else print(line);
  }, isTerminal ? REDRAW_INTERVAL_MS : LINE_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    if (isTerminal) writeAll(Deno.stdout, "\r\u001b[K");
  };
}

function describeProgress(
  { phase, elapsedMs, counts, faults }: Progress,
  timeLimitSeconds: number,
): string {
  const elapsedText = `${(elapsedMs / 1000).toFixed(0)} s`;
  const seconds = phase === "running" ? `${elapsedText} of ${timeLimitSeconds} s` : elapsedText;
  const operations = `${counts.invoke} operations: ${counts.ok} ok, ${counts.fail} fail, ` +
    `${counts.info} info`;
  const activeFaults = faults.length === 0 ? "" : ` · active faults: ${faults.join(", ")}`;
  return `  ${phase} · ${seconds} · ${operations}${activeFaults}`;
}

/** Ignores a closed pipe (`| head`), so that the command continues and stores its results. */
function writeAll(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = encoder.encode(text);
  try {
    for (let position = 0; position < bytes.length;) {
      position += to.writeSync(bytes.subarray(position));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
