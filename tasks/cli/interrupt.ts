/**
 * Ctrl-C: the first asks a command to end in good order, the second ends it at once.
 *
 * @module
 */

import { ExitCode } from "./exit_code.ts";

/** Calls `stop` on the first interrupt and exits on the second; returns what undoes that. */
export function onInterrupt(stop: () => void): () => void {
  let interrupted = false;
  const handler = () => {
    if (interrupted) Deno.exit(ExitCode.interrupted);
    interrupted = true;
    stop();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, handler);
  return () => {
    for (const signal of signals) Deno.removeSignalListener(signal, handler);
  };
}
