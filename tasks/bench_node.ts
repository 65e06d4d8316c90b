/**
 * `deno task bench:node [--seconds S] [--rounds N] [--maelstrom DIR]`: how fast one echo node is
 * through its pipes, with 1, 64 and 4,096 requests outstanding, and how soon it answers `init`,
 * beside other echo nodes in the same run.
 *
 * All are measured in turn, round after round, so that whatever else the machine does hits all of
 * them; the figure is the median of the rounds.
 *
 * @module
 */

import { parseArgs } from "std/flags";
import { EchoLoad, measureEmptyProgram, measureStartUp } from "./bench/echo_load.ts";
import { type EchoProgram, findBaselines, SUBJECT } from "./bench/echo_programs.ts";
import { print, printError } from "./cli/console.ts";

const OUTSTANDING = [1, 64, 4096];
const STARTS_PER_ROUND = 5;

interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly maelstrom: string;
}

/** All figures of a program: echoes per second by requests outstanding, milliseconds to start. */
interface Figures {
  readonly rates: Map<number, number[]>;
  readonly starts: number[];
}

async function measureRound(peer: EchoProgram, figures: Figures, seconds: number): Promise<void> {
  for (const outstanding of OUTSTANDING) {
    const load = await EchoLoad.start(peer.command);
    try {
      if (!peer.onlyCopies) await load.check(outstanding);
      figures.rates.get(outstanding)?.push(await load.measure(outstanding, seconds * 1000));
    } finally {
      await load.stop();
    }
  }
  if (peer.onlyCopies) return;
  for (let start = 0; start < STARTS_PER_ROUND; start++) {
    figures.starts.push(await measureStartUp(peer.command));
  }
}

function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function row(peer: EchoProgram, figures: Figures, ours: Figures): string {
  const rates = OUTSTANDING.map((outstanding) => {
    const rate = median(figures.rates.get(outstanding) ?? []);
    const ratio = median(ours.rates.get(outstanding) ?? []) / rate;
    return `${Math.round(rate).toLocaleString("en").padStart(10)}/s ${times(peer, ratio)}`;
  });
  const start = median(figures.starts);
  const starting = peer.onlyCopies
    ? ""
    : `${start.toFixed(1).padStart(8)} ms ${times(peer, start / median(ours.starts))}`;
  return `${peer.name.padEnd(32)}${rates.join("")}${starting}`.trimEnd();
}

/** How many times as fast ours is. */
function times(peer: EchoProgram, ratio: number): string {
  return (peer === SUBJECT ? "" : `×${ratio.toFixed(2)}`).padEnd(8);
}

async function run({ seconds, rounds, maelstrom }: Options): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "bench-" });
  try {
    const { baselines: peers, missing } = await findBaselines(maelstrom, folder);
    const all = [SUBJECT, ...peers];
    const figures = new Map(all.map((peer) => [peer, noFigures()]));
    const nothing: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      for (const peer of all) await measureRound(peer, figures.get(peer) as Figures, seconds);
      for (let start = 0; start < STARTS_PER_ROUND; start++) {
        nothing.push(await measureEmptyProgram());
      }
    }
    printTable(figures);
    print(
      `\nEchoes per second and time to init_ok, medians of ${rounds} rounds of ${seconds} s; × is how ` +
        "many times as fast ours is.\n" +
        `Deno alone starts and ends an empty script in ${median(nothing).toFixed(1)} ms. ` +
        "An idle processor takes long to\nwake up: with 1 outstanding, compare with cat rather than " +
        "with other machines.",
    );
    for (const why of missing) print(`Not compared: ${why}.`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function printTable(figures: ReadonlyMap<EchoProgram, Figures>): void {
  const columns = OUTSTANDING.map((n) => `${n.toLocaleString("en")}  `.padStart(12).padEnd(21));
  print(`${"requests outstanding".padEnd(32)}${columns.join("")}   start-up`);
  const ours = figures.get(SUBJECT) as Figures;
  for (const [peer, its] of figures) print(row(peer, its, ours));
}

function noFigures(): Figures {
  return { rates: new Map(OUTSTANDING.map((outstanding) => [outstanding, []])), starts: [] };
}

/** What the arguments ask for; a sentence where they make no sense. */
function parse(args: readonly string[]): Options | string {
  const unknown: string[] = [];
  const flags = parseArgs(args, {
    string: ["seconds", "rounds", "maelstrom"],
    unknown: (argument) => {
      unknown.push(argument);
      return false;
    },
  });
  if (unknown.length > 0) {
    return `bench:node knows --seconds, --rounds and --maelstrom, not '${unknown[0]}'`;
  }
  const seconds = Number(flags["seconds"] ?? 1);
  if (!(seconds > 0)) return `--seconds takes a number above 0, not '${flags["seconds"]}'`;
  const rounds = Number(flags["rounds"] ?? 3);
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    return `--rounds takes an integer from 1, not '${flags["rounds"]}'`;
  }
  return { seconds, rounds, maelstrom: String(flags["maelstrom"] ?? "maelstrom") };
}

if (import.meta.main) {
  const asked = parse(Deno.args);
  if (typeof asked === "string") {
    printError(asked);
    Deno.exit(254);
  }
  try {
    await run(asked);
  } catch (error) {
    printError(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
  // A request may still be on its way into a pipe that is gone.
  Deno.exit(0);
}
