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

/** Clears the line of a terminal in which the cursor is. */
const CLEAR_LINE = "\r\u001b[K";
/** The width of a terminal that does not tell its size. */
const DEFAULT_COLUMNS = 80;
/** Whether the terminal's last line shows a status. */
let isStatusShown = false;

/** Writes a line to stdout. */
export function print(line: string): void {
  writeAll(Deno.stdout, isStatusShown ? `${CLEAR_LINE}${line}\n` : `${line}\n`);
  isStatusShown = false;
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
    const line = printable(readLine());
    if (!isTerminal) return print(line);
    writeAll(Deno.stdout, `${CLEAR_LINE}${fitLine(line, columns())}`);
    isStatusShown = true;
  }, isTerminal ? REDRAW_INTERVAL_MS : LINE_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    if (isStatusShown) writeAll(Deno.stdout, CLEAR_LINE);
    isStatusShown = false;
  };
}

/** Returns the start of a line that a terminal with this number of columns shows without a break. */
export function fitLine(line: string, columns: number): string {
  // A terminal may break the line when its last column is written.
  const max = Math.max(1, columns - 1);
  const characters = [...line];
  return characters.length <= max ? line : `${characters.slice(0, max - 1).join("")}…`;
}

function columns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return DEFAULT_COLUMNS;
  }
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
