/**
 * `deno task bench:files`: the time and the memory that `deno task check` takes for long recorded
 * histories. Each history is generated, written to a folder as a run records it, and checked by a
 * process of its own.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { type DefaultedFlag, flag, Random } from "../lib/base/mod.ts";
import {
  generateHistory,
  listAppendModel,
  logModel,
  type ReferenceModel,
  registersModel,
  rwRegisterModel,
  setModel,
} from "../lib/check/generate/mod.ts";
import { encodeOperationJson, type History } from "../lib/history/mod.ts";
import type { Usage } from "./bench/measured_check.ts";
import { runBenchmark } from "./bench/run_benchmark.ts";
import { print } from "./cli/console.ts";
import { ExitCode } from "./cli/exit_code.ts";
import { onInterrupt } from "./cli/interrupt.ts";

const MEASURED_CHECK = fileURLToPath(new URL("bench/measured_check.ts", import.meta.url));
const PROCESSES = 10;
const REGISTER_KEYS = 1000;
const INFO_CHANCE = 0.001;
/** The number of reads of a set; limited, since each holds all elements. */
const SET_READS = 100;
/** Written in pieces of this many characters. */
const PIECE_LENGTH = 2 ** 20;

const MODELS: Readonly<Record<string, (operations: number) => ReferenceModel>> = {
  kafka: () => logModel(),
  "txn-list-append": () => listAppendModel(),
  "txn-rw-register": () => rwRegisterModel(),
  "lin-kv": () => registersModel(REGISTER_KEYS),
  "g-set": (operations) => setModel("add", Math.min(0.5, SET_READS / operations)),
};

const USAGE = `deno task bench:files [flags]

Measures check on recorded histories of correct systems, one process each.
Flags (defaults in brackets):
`;

const operations: DefaultedFlag<number> = flag.number({
  placeholder: "N",
  help: "operations of each history",
  integer: true,
  min: 1,
  default: 1_000_000,
});

/** The flags of bench:files. */
export const benchFlags = {
  operations,
  only: flag.oneOf(Object.keys(MODELS), { help: "check one workload only (all)" }),
  help: flag.help,
} as const;

async function writeHistory(history: History, path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const writer = file.writable.getWriter();
  const encoder = new TextEncoder();
  let piece = "";
  for (const operation of history) {
    piece += `${encodeOperationJson(operation)}\n`;
    if (piece.length < PIECE_LENGTH) continue;
    await writer.write(encoder.encode(piece));
    piece = "";
  }
  await writer.write(encoder.encode(piece));
}

/** Runs the check task on a folder. Throws an Error unless the verdict is valid. */
async function check(folder: string, workload: string, signal: AbortSignal): Promise<Usage> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--allow-read", "--allow-write", "--allow-env=NO_COLOR,INIT_CWD"],
      ...[MEASURED_CHECK, folder, "--workload", workload],
    ],
    env: { NO_COLOR: "1" },
    stdout: "null",
    signal,
  }).output();
  const lines = new TextDecoder().decode(stderr).trimEnd().split("\n");
  if (!success) throw new Error(`check of ${workload} failed:\n${lines.join("\n")}`);
  return JSON.parse(lines.at(-1) as string);
}

async function measure(
  workload: string,
  operations: number,
  signal: AbortSignal,
): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "bench-files-" });
  try {
    const model = (MODELS[workload] as (operations: number) => ReferenceModel)(operations);
    const size = { operations, processes: PROCESSES, infoChance: INFO_CHANCE };
    const path = `${folder}/history.jsonl`;
    await writeHistory(generateHistory(new Random(`bench ${workload}`), model, size), path);
    const megabytes = (await Deno.stat(path)).size / 1e6;
    const startedAt = performance.now();
    const { cpuSeconds, maxMegabytes } = await check(folder, workload, signal);
    const seconds = (performance.now() - startedAt) / 1000;
    return [
      workload.padEnd(15),
      megabytes.toFixed(0).padStart(7),
      seconds.toFixed(1).padStart(8),
      cpuSeconds.toFixed(1).padStart(8),
      maxMegabytes.toFixed(0).padStart(12),
    ].join(" ");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function measureAll(workloads: readonly string[], operations: number): Promise<void> {
  print(`${operations.toLocaleString("en")} operations each, of ${PROCESSES} processes\n`);
  print("workload        file MB  seconds    CPU s  max memory MB");
  const stopping = new AbortController();
  const removeHandler = onInterrupt(() => stopping.abort());
  try {
    for (const workload of workloads) {
      print(await measure(workload, operations, stopping.signal));
    }
  } catch (error) {
    if (stopping.signal.aborted) Deno.exit(ExitCode.interrupted);
    throw error;
  } finally {
    removeHandler();
  }
  print("\nThe time includes the start of Deno, reading, and the report page. CPU: all threads.");
}

if (import.meta.main) {
  Deno.exit(
    await runBenchmark(
      USAGE,
      benchFlags,
      ({ operations, only }) =>
        measureAll(only === undefined ? Object.keys(MODELS) : [only], operations),
    ),
  );
}
