/**
 * `deno task check`, which also prints what it used, as the last line of stderr.
 *
 * @module
 */

import process from "node:process";
import { checkCommand } from "../cli/check_command.ts";
import { printError } from "../cli/console.ts";
import { runUserCommand } from "../cli/run_command.ts";

/** What a process used until its end. */
export interface Usage {
  /** The processor time of all threads, in seconds. */
  readonly cpuSeconds: number;
  /** The maximum resident memory, in megabytes. */
  readonly maxMegabytes: number;
}

if (import.meta.main) {
  const exitCode = await runUserCommand(() => checkCommand(Deno.args));
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const usage: Usage = {
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    maxMegabytes: maxRSS * 1024 / 1e6,
  };
  printError(JSON.stringify(usage));
  Deno.exit(exitCode);
}
