/**
 * `deno task worker`: explores seeds for the starters of a fleet.
 *
 * @module
 */

import { resolve } from "node:path";
import { describeFlags, flag, parseFlags, UsageError } from "../../lib/base/mod.ts";
import { ALLOWED_FAULT_NAMES } from "../../lib/workbench/explore/mod.ts";
import { isModulePath } from "../../lib/workbench/import_module.ts";
import { findWorkload } from "../../lib/workload/mod.ts";
import { print, printText } from "../cli/console.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { onInterrupt } from "../cli/interrupt.ts";
import { isBelow, PROJECT } from "../cli/users_folder.ts";
import { jobsFlag } from "../explore/extent_flags.ts";
import { revisionOf } from "../explore/run_records.ts";
import { describeAddress, fleetFlags } from "./address.ts";
import { connectFleet } from "./connect.ts";
import type { JobSpec } from "./job.ts";
import { FleetWorker } from "./worker.ts";

const USAGE = `deno task worker --fleet URL [flags]

Explores seeds for deno task explore WORKLOAD --fleet URL, until Ctrl-C. Runs
only nodes of this checkout, and only jobs of the same code and Deno. Exit
codes: 0 stopped, 254 invalid arguments, 255 the server cannot be reached.
Flags:
`;

/** The flags of worker. */
export const workerFlags = {
  ...fleetFlags,
  jobs: jobsFlag,
  help: flag.help,
} as const;

const NAME_CHARACTERS = 6;

/** Runs the command until a signal; returns its exit code. Throws {@link UsageError}. */
export async function workerCommand(args: readonly string[]): Promise<number> {
  const { flags, positional, rest } = parseFlags(args, workerFlags);
  if (flags.help) {
    print(USAGE + describeFlags(workerFlags));
    return ExitCode.valid;
  }
  const [extra] = [...positional, ...rest];
  if (extra !== undefined) {
    throw new UsageError(`unexpected argument "${extra}"; a worker takes its jobs from the server`);
  }
  const { fleet: url, creds, jobs } = flags;
  if (url === undefined) throw new UsageError("missing --fleet URL, the fleet's NATS server");
  const credentials = creds === undefined ? {} : { creds: resolve(creds) };
  // The paths of a job are relative to the project.
  Deno.chdir(PROJECT);
  const stop = new AbortController();
  const release = onInterrupt(() => stop.abort());
  const connection = await connectFleet({ url, ...credentials }, "worker");
  try {
    const name = crypto.randomUUID().slice(0, NAME_CHARACTERS);
    let seeds = 0;
    const worker = new FleetWorker(name, connection, problemOf, {
      onEvent: printText,
      onRange: (count) => seeds += count,
    }, stop.signal);
    const threads = `${jobs} ${jobs === 1 ? "thread" : "threads"}`;
    print(`worker ${name} of the fleet at ${describeAddress({ url })}, on ${threads}`);
    await worker.run(jobs);
    print(`stopped after ${seeds} seeds`);
  } finally {
    release();
    // What is sent last, such as that a range is free again, must leave before the connection closes.
    await Promise.race([connection.drain(), new Promise((resolve) => setTimeout(resolve, 1000))]);
  }
  return ExitCode.valid;
}

/** Returns why this checkout cannot run a job; undefined if it can. */
function problemOf({ revision, setup }: JobSpec): string | undefined {
  const { workload, bin, faults } = setup;
  const modules = isModulePath(workload) ? [bin, workload] : [bin];
  for (const module of modules) {
    try {
      // A link in the checkout may lead out of it.
      const file = Deno.realPathSync(module);
      if (!isBelow(file, Deno.realPathSync(PROJECT))) return `${module} is outside of the checkout`;
    } catch (error) {
      const { NotFound, NotADirectory } = Deno.errors;
      if (error instanceof NotFound || error instanceof NotADirectory) {
        return `this checkout has no ${module}`;
      }
      // A job comes from the server, so no path in it may end the worker.
      return `cannot read ${module}: ${(error as Error).message}`;
    }
  }
  if (!isModulePath(workload) && findWorkload(workload) === undefined) {
    return `unknown workload ${workload}`;
  }
  const unknown = faults.find((name) => !ALLOWED_FAULT_NAMES.includes(name));
  if (unknown !== undefined) return `unknown fault ${unknown}`;
  const own = revisionOf(setup);
  if (own.deno !== revision.deno) {
    return `the worker has Deno ${own.deno}, the starter Deno ${revision.deno}`;
  }
  if (own.code === revision.code) return undefined;
  return `the worker has other code (commit ${own.commit}, digest ${own.code}) than the starter ` +
    `(commit ${revision.commit}, digest ${revision.code}); check out the same commit on both`;
}
