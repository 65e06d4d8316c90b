/**
 * `deno task bench:wasm`: simulates the same broadcast protocol in TypeScript, C and Go, side by side: the time of a seed of challenge 3b, start-up, and the memory of 25 nodes.
 *
 * Each language runs in a process of its own, so that the memory of one does not count for another.
 * The processor's time of all threads decides: a machine that does other work delays a run, but adds
 * little to it.
 *
 * @module
 */

import process from "node:process";
import { fileURLToPath } from "node:url";
import { flag } from "../lib/base/mod.ts";
import type { NodeFunction } from "../lib/node/mod.ts";
import { type GuestProgram, loadAnyProgram, simulate } from "../lib/workbench/sim/mod.ts";
import { workloads } from "../lib/workload/mod.ts";
import { gossipBroadcast } from "./bench/gossip_broadcast.ts";
import { runBenchmark } from "./bench/run_benchmark.ts";
import { print } from "./cli/console.ts";
import { prepareProgram } from "./cli/prepare_program.ts";

/** Go for JavaScript's hosts, and for WASI. */
const LANGUAGES = ["typescript", "c", "go", "go-wasip1"] as const;
type Language = typeof LANGUAGES[number];

const EXAMPLES = new URL("../examples/", import.meta.url);
/** Challenge 3b. */
const SETTINGS = { nodes: 5, timeLimitSeconds: 20, ratePerSecond: 10 };
/** V8 compiles what runs often again: the first seeds take several times as long as later ones. */
const WARM_UP_SEEDS = 30;
const CORES = 2;
const MEMORY_NODES = 25;
const MEBIBYTE = 2 ** 20;

interface Loaded {
  readonly program: NodeFunction | GuestProgram;
  readonly loadMs: number;
}

async function load(language: Language): Promise<Loaded> {
  if (language === "typescript") return { program: gossipBroadcast, loadMs: 0 };
  const path = await BUILDS[language]();
  const begun = performance.now();
  return { program: await loadAnyProgram({ path }), loadMs: performance.now() - begun };
}

async function buildGo(): Promise<string> {
  return (await prepareProgram(fileURLToPath(new URL("go/broadcast", EXAMPLES)), "sim")).path;
}

async function buildC(): Promise<string> {
  const path = Deno.makeTempFileSync({ suffix: ".wasm" });
  const source = fileURLToPath(new URL("c/broadcast.c", EXAMPLES));
  await build("clang", ["--target=wasm32-wasi", "--sysroot=/usr", "-O2", "-o", path, source], {});
  return path;
}

async function buildGoForWasi(): Promise<string> {
  const path = Deno.makeTempFileSync({ suffix: ".wasm" });
  const folder = fileURLToPath(new URL("go", EXAMPLES));
  const args = ["-C", folder, "build", "-trimpath", "-o", path, "./broadcast"];
  await build("go", args, { GOOS: "wasip1", GOARCH: "wasm" });
  return path;
}

async function build(
  command: string,
  args: string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value} `).join("");
  print(`building: ${settings}${command} ${args.join(" ")}`);
  const { success, stderr } = await new Deno.Command(command, { args, env }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

const BUILDS = { c: buildC, go: buildGo, "go-wasip1": buildGoForWasi } as const;

async function measure(language: Language, seeds: number): Promise<void> {
  const { program, loadMs } = await load(language);
  const run = (seed: number, settings = SETTINGS) =>
    simulate(program, workloads.broadcast, { ...settings, seed });
  const idle = { nodes: MEMORY_NODES, timeLimitSeconds: 0.1, ratePerSecond: 1 };
  const before = Deno.memoryUsage().rss;
  await run(0, idle);
  const memory = Deno.memoryUsage().rss - before;
  for (let seed = 0; seed < WARM_UP_SEEDS; seed++) await run(seed);
  const cpuMs: number[] = [];
  let messages = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const begun = process.cpuUsage();
    messages += (await run(seed)).journal.length / 2;
    const { user, system } = process.cpuUsage(begun);
    cpuMs.push((user + system) / 1000);
  }
  cpuMs.sort((a, b) => a - b);
  const median = cpuMs[Math.floor(cpuMs.length / 2)] as number;
  const best = cpuMs[0] as number;
  print([
    language.padEnd(10),
    `${best.toFixed(0)} / ${median.toFixed(0)} ms`.padStart(16),
    `${(1000 * CORES / best).toFixed(1)} / ${(1000 * CORES / median).toFixed(1)}`.padStart(15),
    (messages / seeds).toFixed(0).padStart(8),
    `${loadMs.toFixed(0)} ms`.padStart(8),
    `${(memory / MEBIBYTE).toFixed(0)} MiB`.padStart(9),
  ].join(" │ "));
}

const USAGE = `deno task bench:wasm [flags]

Simulates the same broadcast in TypeScript, C and Go: challenge 3b, with 5
nodes, 20 s and rate 10. Needs clang, lld, wasi-libc, and Go, for wasip1 since
1.21. Flags (defaults in brackets):
`;

/** The flags of bench:wasm. */
export const benchFlags = {
  only: flag.oneOf(LANGUAGES, { help: "run one language only (all)" }),
  seeds: flag.number({
    placeholder: "N",
    help: "seeds of each language",
    default: 50,
    min: 1,
    integer: true,
  }),
  help: flag.help,
} as const;

async function measureAll(seeds: number): Promise<void> {
  print(
    "language   │ cpu best/median │ seeds/s, 2 cores │ messages │     load │ 25 nodes\n" +
      "           │      for a seed │  by best/median  │   a seed │          │   memory",
  );
  for (const language of LANGUAGES) {
    const config = fileURLToPath(new URL("../deno.json", import.meta.url));
    const args = ["run", "--quiet", "--config", config, "--allow-read", "--allow-write"];
    await new Deno.Command(Deno.execPath(), {
      args: [
        ...[...args, "--allow-run", "--allow-env", fileURLToPath(import.meta.url)],
        ...["--only", language, "--seeds", String(seeds)],
      ],
      stdout: "inherit",
      stderr: "inherit",
    }).output();
  }
}

if (import.meta.main) {
  Deno.exit(
    await runBenchmark(
      USAGE,
      benchFlags,
      ({ only, seeds }) => only === undefined ? measureAll(seeds) : measure(only, seeds),
    ),
  );
}
