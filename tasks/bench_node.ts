/**
 * `deno task bench:node`: throughput of one echo node through its pipes, under closed-loop load
 * with 1, 64 and 4,096 requests outstanding, and the time from start to `init_ok`. Baselines are
 * other echo programs.
 *
 * Each round measures all programs in turn, so that other load on the machine affects all of them.
 * The result is the median of the rounds.
 *
 * @module
 */

import { flag, type FlagValues } from "../lib/base/mod.ts";
import { EchoLoad, measureEmptyProgram, measureStartUp } from "./bench/echo_load.ts";
import { type EchoProgram, findBaselines, SUBJECT } from "./bench/echo_programs.ts";
import { runBenchmark } from "./bench/run_benchmark.ts";
import { print } from "./cli/console.ts";

const OUTSTANDING = [1, 64, 4096];
const STARTS_PER_ROUND = 5;

const USAGE = `deno task bench:node [flags]

Measures the throughput and start-up time of nodes/echo.ts beside other echo
programs. Flags (defaults in brackets):
`;

/** The flags of bench:node. */
export const benchFlags = {
  seconds: flag.number({
    placeholder: "S",
    help: "seconds per measurement",
    default: 1,
    above: true,
  }),
  rounds: flag.number({
    placeholder: "N",
    help: "rounds; the result is their median",
    default: 3,
    min: 1,
    integer: true,
  }),
  maelstrom: flag.text({
    placeholder: "DIR",
    help: "Maelstrom's source, for its demos",
    default: "maelstrom",
  }),
  help: flag.help,
} as const;

type Options = FlagValues<typeof benchFlags>;

/** The measurements of a program in each round. */
interface Measurements {
  /** Echoes per second, by the number of requests outstanding. */
  readonly rates: Map<number, number[]>;
  readonly startUpMs: number[];
}

async function measureRound(
  program: EchoProgram,
  measurements: Measurements,
  seconds: number,
): Promise<void> {
  for (const outstanding of OUTSTANDING) {
    const load = await EchoLoad.start(program.command);
    try {
      if (!program.onlyCopies) await load.check(outstanding);
      const rate = await load.measure(outstanding, seconds * 1000);
      measurements.rates.get(outstanding)?.push(rate);
    } finally {
      await load.stop();
    }
  }
  if (program.onlyCopies) return;
  for (let start = 0; start < STARTS_PER_ROUND; start++) {
    measurements.startUpMs.push(await measureStartUp(program.command));
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function row(program: EchoProgram, measurements: Measurements, subject: Measurements): string {
  const rates = OUTSTANDING.map((outstanding) => {
    const rate = median(measurements.rates.get(outstanding) ?? []);
    const ratio = median(subject.rates.get(outstanding) ?? []) / rate;
    return `${Math.round(rate).toLocaleString("en").padStart(10)}/s ${speedUp(program, ratio)}`;
  });
  const startUpMs = median(measurements.startUpMs);
  const startUp = program.onlyCopies
    ? ""
    : `${startUpMs.toFixed(1).padStart(8)} ms ${
      speedUp(program, startUpMs / median(subject.startUpMs))
    }`;
  return `${program.name.padEnd(32)}${rates.join("")}${startUp}`.trimEnd();
}

/** Returns the speed-up of the subject over a baseline as a cell. */
function speedUp(program: EchoProgram, ratio: number): string {
  return (program === SUBJECT ? "" : `×${ratio.toFixed(2)}`).padEnd(8);
}

async function run({ seconds, rounds, maelstrom }: Options): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "bench-" });
  try {
    const { baselines, missing } = await findBaselines(maelstrom, folder);
    const programs = [SUBJECT, ...baselines];
    const all = new Map(programs.map((program) => [program, noMeasurements()]));
    const emptyProgramMs: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      for (const [program, measurements] of all) {
        await measureRound(program, measurements, seconds);
      }
      for (let start = 0; start < STARTS_PER_ROUND; start++) {
        emptyProgramMs.push(await measureEmptyProgram());
      }
    }
    printTable(all);
    print(
      `\nEchoes per second and time to init_ok, medians of ${rounds} rounds of ${seconds} s. ` +
        "×N: nodes/echo.ts is N times\nas fast as this baseline. " +
        `Deno starts and ends an empty program in ${median(emptyProgramMs).toFixed(1)} ms. ` +
        "Idle processors\nwake up slowly: with 1 outstanding, compare with cat, not with other machines.",
    );
    for (const reason of missing) print(`not measured: ${reason}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function printTable(all: ReadonlyMap<EchoProgram, Measurements>): void {
  const columns = OUTSTANDING.map((n) => `${n.toLocaleString("en")}  `.padStart(12).padEnd(21));
  print(`${"requests outstanding".padEnd(32)}${columns.join("")}   start-up`);
  const subject = all.get(SUBJECT) as Measurements;
  for (const [program, measurements] of all) print(row(program, measurements, subject));
}

function noMeasurements(): Measurements {
  return { rates: new Map(OUTSTANDING.map((outstanding) => [outstanding, []])), startUpMs: [] };
}

if (import.meta.main) {
  const code = await runBenchmark(USAGE, benchFlags, run);
  // Exits explicitly, since a write to a removed pipe may still be pending.
  Deno.exit(code);
}
