/**
 * Runs a broadcast program in WebAssembly under several faults, and prints all that a run records.
 * Also a program of its own, so that another process can do it: the path of the module, and then the
 * program's arguments.
 *
 * @module
 */

import { loadAnyProgram, simulate, transcriptOf } from "../../lib/workbench/sim/mod.ts";
import { workloads } from "../../lib/workload/mod.ts";
import { print } from "../../tasks/cli/console.ts";

const SETTINGS: readonly (readonly string[])[] = [
  [],
  ["partition", "loss", "duplicate", "reorder"],
  ["kill", "disk", "pause", "skew"],
];

/** Returns the histories, messages and logs of a program under each setting, line by line. */
export async function wasmTranscripts(path: string, args: readonly string[]): Promise<string[]> {
  const program = await loadAnyProgram({ path });
  const lines: string[] = [];
  for (const faults of SETTINGS) {
    const run = await simulate(program, workloads.broadcast, {
      nodes: 3,
      timeLimitSeconds: 3,
      nemesisIntervalSeconds: 0.5,
      ratePerSecond: 20,
      faults,
      seed: 7,
      args,
    });
    const { history, journal, logs } = transcriptOf(run);
    lines.push(`faults: ${faults.join()}`, ...history, ...journal, ...logs);
  }
  return lines;
}

if (import.meta.main) {
  const [path = "", ...args] = Deno.args;
  print((await wasmTranscripts(path, args)).join("\n"));
}
