/**
 * `deno task bench:check`: throughput of the checkers on histories of correct systems, and how
 * their time grows with the size of the history.
 *
 * @module
 */

import { type DefaultedFlag, flag, Random } from "../lib/base/mod.ts";
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
import { runBenchmark } from "./bench/run_benchmark.ts";
import { print } from "./cli/console.ts";

interface CheckerBenchmark {
  readonly name: string;
  readonly model: (operations: number) => ReferenceModel;
  readonly check: Checker;
}

/** The number of reads in a set's history; limited, since each read holds all elements. */
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

const USAGE = `deno task bench:check [flags]

Measures the checkers on generated histories of correct systems.
Flags (defaults in brackets):
`;

const sizes: DefaultedFlag<readonly number[]> = {
  placeholder: "N,…",
  help: "operations per history",
  expectation: "comma-separated integers from 1, such as 1000,10000",
  default: [1000, 10_000, 100_000],
  parse(value) {
    const numbers = value.split(",").map(Number);
    const areValid = numbers.every((size) => Number.isSafeInteger(size) && size >= 1);
    return areValid ? numbers : undefined;
  },
};

/** The flags of bench:check. */
export const benchFlags = {
  sizes,
  only: flag.oneOf(BENCHMARKS.map(({ name }) => name), { help: "run one checker only (all)" }),
  help: flag.help,
} as const;

interface Measurement {
  readonly operations: number;
  readonly elapsedMs: number;
}

/** Returns the fastest of several runs. Throws when the checker reports an anomaly. */
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
  let bestMs = Infinity;
  let totalMs = 0;
  for (let run = 0; run < MAX_RUNS && totalMs < TARGET_DURATION_MS; run++) {
    const start = performance.now();
    const verdict = check(history);
    const elapsedMs = performance.now() - start;
    if (verdict["valid?"] !== true) {
      throw new Error(`${name}: expected valid? true, got ${verdict["valid?"]}`);
    }
    bestMs = Math.min(bestMs, elapsedMs);
    totalMs += elapsedMs;
  }
  return { operations, elapsedMs: bestMs };
}

function row(name: string, measurements: readonly Measurement[]): string {
  const cells = measurements.map((measurement, index) => {
    const { operations, elapsedMs } = measurement;
    const perSecond = Math.round(operations / elapsedMs * 1000)
      .toLocaleString("en");
    const before = measurements[index - 1];
    const growth = before === undefined ? "" : `×${growthOf(before, measurement)}`;
    return `${elapsedMs.toFixed(1).padStart(9)} ms ${perSecond.padStart(11)}/s ${
      growth.padStart(6)
    }`;
  });
  return `${name.padEnd(13)}${cells.join(" |")}`;
}

/** Returns the ratio of the times per operation at two sizes; 1 means linear growth. */
function growthOf(before: Measurement, after: Measurement): string {
  const ratio = (after.elapsedMs / after.operations) /
    (before.elapsedMs / before.operations);
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
    `\nms: fastest of at most ${MAX_RUNS} runs. ×N: time per operation relative to the previous size; ` +
      `×1 is linear.\nset-full: about ${SET_READS} reads at most, each of all elements so far. ` +
      `Resident memory at the end: ${Math.round(Deno.memoryUsage().rss / 2 ** 20)} MiB.`,
  );
}

if (import.meta.main) {
  Deno.exit(
    await runBenchmark(USAGE, benchFlags, (flags) => {
      run(flags.sizes, flags.only);
    }),
  );
}
