/**
 * Handles Ctrl-C and other signals that end a command. The first signal requests an orderly end;
 * the second one exits immediately.
 *
 * @module
 */

import { ExitCode } from "./exit_code.ts";

/** One Ctrl-C arrives twice: from the terminal, and forwarded by `deno task`. */
const DUPLICATE_SIGNAL_WINDOW_MS = 300;

/**
 * Calls `stop` on the first signal, exits on the second. Returns the function that removes the
 * handlers.
 */
export function onInterrupt(stop: () => void): () => void {
  let first: number | undefined;
  const handler = () => {
    if (first === undefined) {
      first = performance.now();
      stop();
    } else if (performance.now() - first > DUPLICATE_SIGNAL_WINDOW_MS) {
      Deno.exit(ExitCode.interrupted);
    }
  };
  // Deno on Windows has no SIGTERM.
  const signals: readonly Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGHUP"]
    : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) Deno.addSignalListener(signal, handler);
  return () => {
    for (const signal of signals) Deno.removeSignalListener(signal, handler);
  };
}
