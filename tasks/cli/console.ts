/**
 * Where a command writes: the terminal or whatever stands in its place.
 *
 * @module
 */

import { type Palette, palette } from "../../lib/report/mod.ts";
import type { Progress } from "../../lib/workbench/mod.ts";

const encoder = new TextEncoder();
const REDRAW_INTERVAL_MS = 250;
const LINE_INTERVAL_MS = 5000;

/** Writes a line to stdout. */
export function print(line: string): void {
  writeAll(Deno.stdout, `${line}\n`);
}

/** Writes a line to stderr. */
export function printError(line: string): void {
  writeAll(Deno.stderr, `${line}\n`);
}

/** Colours if stdout is a terminal and `NO_COLOR` is not set. */
export function stdoutPalette(): Palette {
  const refused = (Deno.env.get("NO_COLOR") ?? "") !== "";
  return palette(Deno.stdout.isTerminal() && !refused);
}

/** Shows how a test goes on until it is told to stop, as {@link showStatusLine} does. */
export function showProgress(look: () => Progress, timeLimit: number): () => void {
  return showStatusLine(() => describe(look(), timeLimit));
}

/**
 * Shows a line until it is told to stop: drawn again and again on a terminal, printed every five
 * seconds elsewhere.
 */
export function showStatusLine(describeProgress: () => string): () => void {
  const live = Deno.stdout.isTerminal();
  const timer = setInterval(() => {
    const line = describeProgress();
    if (live) writeAll(Deno.stdout, `\r${line}\u001b[K`);
    else print(line);
  }, live ? REDRAW_INTERVAL_MS : LINE_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    if (live) writeAll(Deno.stdout, "\r\u001b[K");
  };
}

function describe(
  { phase, elapsedMs: elapsed, counts, faults }: Progress,
  timeLimit: number,
): string {
  const passed = `${(elapsed / 1000).toFixed(0)} s`;
  const seconds = phase === "running" ? `${passed} of ${timeLimit} s` : passed;
  const operations = `${counts.invoke} operations: ${counts.ok} ok, ${counts.fail} fail, ` +
    `${counts.info} info`;
  const inForce = faults.length === 0 ? "" : ` · faults: ${faults.join(", ")}`;
  return `  ${phase} · ${seconds} · ${operations}${inForce}`;
}

/** What nobody reads any more (`| head`) is not written; the command goes on, and keeps results. */
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
