/**
 * `deno task planted`: explores planted faults, prints a table, and records it.
 *
 * @module
 */

import { describeFlags, flag, parseFlags, UsageError } from "../../lib/base/mod.ts";
import { print, showStatusLine, stdoutPalette } from "../cli/console.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { unlessMissing } from "../cli/file_problem.ts";
import { onInterrupt } from "../cli/interrupt.ts";
import { PLANTED_FAULTS } from "./all_faults.ts";
import { type PlantedResult, runPlanted } from "./run_planted.ts";

const USAGE = `deno task planted [SUBJECT|TEXT] [flags]

Breaks a protocol in one place at a time, in a copy of the project, and explores
the node until a seed fails. Prints for each fault how many seeds that took. A
fault that no seed finds shows what the explorer does not look at. SUBJECT is a
workload with a strategy, or a part of a fault's name; all faults by default.
Flags (defaults in brackets):
`;
const FOOTER = `Exit codes: 0 all faults were explored, 2 some were not, 130 interrupted,
254 invalid arguments`;
const RECORD = "tasks/planted/record.json";

const positive = { placeholder: "N", min: 1, integer: true } as const;
/** The flags of planted. */
export const plantedFlags = {
  seeds: flag.number({ ...positive, help: "max seeds for a fault", default: 1000 }),
  jobs: flag.number({ ...positive, help: "faults explored at a time", default: 2 }),
  record: flag.toggle({ help: `write the table to ${RECORD}` }),
  help: flag.help,
} as const;

/** Runs the command; returns its exit code. Throws `UsageError`. */
export async function plantedCommand(args: readonly string[]): Promise<number> {
  const { flags, positional } = parseFlags(args, plantedFlags);
  if (flags.help) {
    print(USAGE + describeFlags(plantedFlags));
    print(FOOTER);
    return ExitCode.valid;
  }
  const text = positional.join(" ");
  const faults = PLANTED_FAULTS.filter(({ name, subject }) =>
    name.includes(text) || subject.includes(text)
  );
  if (faults.length === 0) throw new UsageError(`no fault has "${text}" in its name or subject`);
  const abort = new AbortController();
  const release = onInterrupt(() => abort.abort());
  let done = 0;
  const stop = showStatusLine(() => `  ${done} of ${faults.length} faults`);
  const results = await runPlanted({
    faults,
    maxSeeds: flags.seeds,
    jobs: flags.jobs,
    signal: abort.signal,
    onResult(result) {
      done++;
      print(describeFault(result));
    },
  }).finally(() => {
    stop();
    release();
  });
  if (abort.signal.aborted) {
    print("Interrupted.");
    return ExitCode.interrupted;
  }
  print(describeTotal(results, flags.seeds));
  const explored = results.filter(({ problem }) => problem === undefined);
  if (flags.record) record(explored, flags.seeds);
  return explored.length === results.length ? ExitCode.valid : ExitCode.unknown;
}

function describeFault({ fault, seeds, failure, problem }: PlantedResult): string {
  const paint = stdoutPalette();
  const found = seeds ?? (problem !== undefined ? "?" : failure === "" ? "never" : "test");
  const detail = problem ?? failure;
  return `${String(found).padStart(6)}  ${fault.subject.padEnd(32)} ${fault.name}` +
    (detail === "" ? "" : paint.dim(`  (${detail})`));
}

function describeTotal(results: readonly PlantedResult[], maxSeeds: number): string {
  const explored = results.filter(({ seeds }) => seeds !== undefined).length;
  const tested = results.filter(({ seeds, failure }) => seeds === undefined && failure !== "");
  const percent = (100 * explored / Math.max(1, results.length)).toFixed(0);
  const unfinished = results.filter(({ problem }) => problem !== undefined).length;
  return `${explored} of ${results.length} faults found within ${maxSeeds} seeds (${percent} %), ` +
    `${tested.length} by a test only` +
    (unfinished === 0 ? "" : `, ${unfinished} not explored to the end`);
}

/** A line of the record. */
interface RecordedFault {
  readonly subject: string;
  readonly name: string;
  /** The number of seeds that it took; null when no seed failed. */
  readonly seeds: number | null;
  readonly failure: string;
}

/** Updates the record: faults that were not explored now keep their line. */
function record(results: readonly PlantedResult[], maxSeeds: number): void {
  const lines = new Map(recordedFaults().map((line) => [line.name, line]));
  for (const { fault: { subject, name }, seeds, failure } of results) {
    lines.set(name, { subject, name, seeds: seeds ?? null, failure });
  }
  const faults = PLANTED_FAULTS.flatMap(({ name }) => lines.get(name) ?? []);
  Deno.writeTextFileSync(RECORD, `${JSON.stringify({ maxSeeds, faults }, null, 2)}\n`);
  print(`Recorded in ${RECORD}`);
}

function recordedFaults(): readonly RecordedFault[] {
  return unlessMissing(() => JSON.parse(Deno.readTextFileSync(RECORD)).faults as RecordedFault[]) ??
    [];
}
