/**
 * Ctrl-C, and other requests to end (the terminal was closed, say): the first asks a command to end
 * in good order, the second ends it at once.
 *
 * @module
 */

import { ExitCode } from "./exit_code.ts";

/** One Ctrl-C comes twice: from the terminal, and passed on by `deno task`. */
const DUPLICATE_SIGNAL_WINDOW_MS = 300;

/** Calls `stop` on the first interrupt and exits on the second; returns what undoes that. */
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
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, handler);
  return () => {
    for (const signal of signals) Deno.removeSignalListener(signal, handler);
  };
}
