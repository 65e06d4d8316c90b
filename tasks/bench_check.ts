/**
 * `deno task bench:check [--sizes 1000,10000,100000] [--only NAME]`: how fast the checkers are, on
 * histories of correct systems, and how their time grows when the history does.
 *
 * @module
 */

import { parseArgs } from "std/flags";
import { Random } from "../lib/base/mod.ts";
import {
  checkAvailability,
  checkCounter,
  checkEcho,
  type Checker,
  checkKafka,
  checkLinearizableRegisters,
  checkListAppend,
  checkRwRegister,
  checkSetFull,
  checkStats,
  checkUniqueIds,
} from "../lib/check/mod.ts";
import {
  counterModel,
  echoModel,
  generateHistory,
  listAppendModel,
  logModel,
  type ReferenceModel,
  registersModel,
  rwRegisterModel,
  setModel,
  uniqueIdsModel,
} from "../lib/check/generate/mod.ts";
import { print, printError } from "./cli/console.ts";

interface CheckerBenchmark {
  readonly name: string;
  readonly model: (operations: number) => ReferenceModel;
  readonly check: Checker;
}

/** How many reads a history of a set has: each holds all elements, so the history grows with both. */
const SET_READS = 1000;
const PROCESSES = 10;
const REGISTER_KEYS = 10;
const INFO_CHANCE = 0.001;
const TARGET_DURATION_MS = 1000;
const MAX_RUNS = 40;

const STRICT_SERIALIZABLE = { consistencyModels: ["strict-serializable"] };

const BENCHMARKS: readonly CheckerBenchmark[] = [
  { name: "echo", model: () => echoModel(), check: checkEcho },
  { name: "unique-ids", model: () => uniqueIdsModel(), check: checkUniqueIds },
  {
    name: "set-full",
    model: (operations) => setModel("add", Math.min(0.5, SET_READS / operations)),
    check: (history) => checkSetFull(history),
  },
  { name: "counter", model: () => counterModel(), check: checkCounter },
  { name: "stats", model: () => counterModel(), check: checkStats },
  {
    name: "availability",
    model: () => counterModel(),
    check: (history) => checkAvailability(history, 0.5),
  },
  {
    name: "kafka",
    model: () => logModel(),
    check: (history) => checkKafka(history),
  },
  {
    name: "linearizable",
    model: () => registersModel(REGISTER_KEYS),
    check: (history) => checkLinearizableRegisters(history),
  },
  {
    name: "list-append",
    model: () => listAppendModel(),
    check: (history) => checkListAppend(history, STRICT_SERIALIZABLE),
  },
  {
    name: "rw-register",
    model: () => rwRegisterModel(),
    check: (history) => checkRwRegister(history, STRICT_SERIALIZABLE),
  },
];

interface Measurement {
  readonly operations: number;
  readonly milliseconds: number;
}

/** The best of a few runs. Throws when the checker blames a correct system. */
function measure(
  { name, model, check }: CheckerBenchmark,
  operations: number,
): Measurement {
  const history = generateHistory(
    new Random(`bench ${name}`),
    model(operations),
    {
      operations,
      processes: PROCESSES,
      infoChance: INFO_CHANCE,
    },
  );
  let milliseconds = Infinity;
  let spent = 0;
  for (let run = 0; run < MAX_RUNS && spent < TARGET_DURATION_MS; run++) {
    const start = performance.now();
    const verdict = check(history);
    const elapsed = performance.now() - start;
    if (verdict["valid?"] !== true) {
      throw new Error(`${name} says ${verdict["valid?"]} of a correct system`);
    }
    milliseconds = Math.min(milliseconds, elapsed);
    spent += elapsed;
  }
  return { operations, milliseconds };
}

function row(name: string, measurements: readonly Measurement[]): string {
  const cells = measurements.map((measurement, index) => {
    const { operations, milliseconds } = measurement;
    const perSecond = Math.round(operations / milliseconds * 1000)
      .toLocaleString("en");
    const before = measurements[index - 1];
    const growth = before === undefined ? "" : `×${growthOf(before, measurement)}`;
    return `${milliseconds.toFixed(1).padStart(9)} ms ${perSecond.padStart(11)}/s ${
      growth.padStart(6)
    }`;
  });
  return `${name.padEnd(13)}${cells.join(" |")}`;
}

/** Time per operation, compared with that at the size before: 1 is linear. */
function growthOf(before: Measurement, after: Measurement): string {
  const ratio = (after.milliseconds / after.operations) /
    (before.milliseconds / before.operations);
  return ratio.toFixed(2);
}

function run(sizes: readonly number[], only: string | undefined): void {
  const chosen = BENCHMARKS.filter(({ name }) => only === undefined || name === only);
  print(
    `${"operations".padEnd(13)}${
      sizes.map((size) => `${size.toLocaleString("en").padStart(26)}       `)
        .join(" |")
    }`,
  );
  for (const subject of chosen) {
    measure(subject, Math.min(...sizes));
    print(row(subject.name, sizes.map((size) => measure(subject, size))));
  }
  print(
    `\nms is the best of up to ${MAX_RUNS} runs; ×1 is linear: time per operation next to that at ` +
      `the size before.\nset-full has at most about ${SET_READS} reads, each of all elements so far. ` +
      `Memory in the end: ${Math.round(Deno.memoryUsage().rss / 2 ** 20)} MiB.`,
  );
}

/** What the arguments ask for; a sentence where they make no sense. */
function parse(args: readonly string[]): { sizes: number[]; only?: string } | string {
  const unknown: string[] = [];
  const flags = parseArgs([...args], {
    string: ["sizes", "only"],
    unknown: (argument) => {
      unknown.push(argument);
      return false;
    },
  });
  if (unknown.length > 0) return `bench:check knows --sizes and --only, not '${unknown[0]}'`;
  const list = String(flags["sizes"] ?? "1000,10000,100000");
  const sizes = list.split(",").map(Number);
  if (sizes.some((size) => !Number.isSafeInteger(size) || size < 1)) {
    return `--sizes wants whole numbers such as 1000,10000, not '${list}'`;
  }
  const only = flags["only"];
  if (only === undefined) return { sizes };
  if (BENCHMARKS.some(({ name }) => name === only)) return { sizes, only: String(only) };
  return `there is no checker '${only}'; there are ${
    BENCHMARKS.map(({ name }) => name).join(", ")
  }`;
}

if (import.meta.main) {
  const asked = parse(Deno.args);
  if (typeof asked === "string") {
    printError(asked);
    Deno.exit(254);
  }
  try {
    run(asked.sizes, asked.only);
  } catch (error) {
    printError(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
