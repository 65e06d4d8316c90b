/**
 * `deno task mutate`: mutates source files, runs tests on each mutant, and reports the survivors.
 *
 * @module
 */

import {
  describeFlags,
  type Flag,
  flag,
  type FlagValues,
  parseFlags,
  UsageError,
} from "../../lib/base/mod.ts";
import { findWorkload, WORKLOADS } from "../../lib/workload/mod.ts";
import { print, showStatusLine, stdoutPalette } from "../cli/console.ts";
import { ExitCode } from "../cli/exit_code.ts";
import { onInterrupt } from "../cli/interrupt.ts";
import { readEquivalents, staleEquivalents, withoutEquivalents } from "./equivalents.ts";
import { mutantsOf } from "./mutants.ts";
import { scoreOf, store, survivorsAmong } from "./results.ts";
import { sample } from "./sample.ts";
import { filesOf } from "./source_files.ts";
import { type MutantResult, type MutationRun, runMutants } from "./run_mutants.ts";

const USAGE = `deno task mutate PATH… --test PATH,… [flags]

Changes the source files in one place at a time: flips a comparison, + and -,
&& and ||, true and false, another integer, a removed statement, a negated
condition, swapped arguments. A mutant is killed if a test fails or times out.
A mutant that survives shows what no test requires, or that the change makes no
difference: name that one in the file of --equivalents, with the reason.
Mutants are tested in a copy, without type checks. One process loads the tests
once, with all mutants; each mutant runs only the tests that reach it, the
fastest first, until one fails. Flags (defaults in brackets):
`;
const FOOTER = `With --explore, S is a strategy: --explore broadcast:hub,g-set
Exit codes: 0 all mutants were tested, 130 interrupted, 254 invalid arguments,
255 a test fails without a mutant`;

const list: Flag<readonly string[]> = {
  placeholder: "PATH,…",
  help: "test files or folders",
  expectation: "a comma-separated list",
  defaultText: "none",
  parse: (value) => value.split(",").map((item) => item.trim()).filter((item) => item !== ""),
};

const positive = { placeholder: "N", min: 1, integer: true } as const;

/** The flags of mutate. */
export const mutateFlags = {
  test: list,
  explore: { ...list, placeholder: "W[:S],…", help: "workloads to explore" },
  seeds: flag.number({ ...positive, help: "number of seeds that explore runs", default: 10 }),
  limit: flag.number({
    ...positive,
    help: "max mutants, evenly spread over all",
    default: Infinity,
    defaultText: "all",
  }),
  seed: flag.number({
    ...{ placeholder: "N", min: 0, integer: true },
    help: "seed of a random sample of --limit",
    defaultText: "evenly spread",
  }),
  again: flag.text({ placeholder: "FILE", help: "only the survivors in these results" }),
  equivalents: flag.text({
    placeholder: "FILE",
    help: "equivalent mutants",
    default: "tests/mutants.json",
  }),
  timeout: flag.number({
    placeholder: "S",
    help: "seconds for a test of a mutant",
    defaultText: "4 × usual + 5",
    above: true,
  }),
  jobs: flag.number({ ...positive, help: "mutants tested at a time", default: 2 }),
  store: flag.text({ placeholder: "DIR", help: "directory for results", default: "store" }),
  help: flag.help,
} as const;

type MutateFlags = FlagValues<typeof mutateFlags>;

const isTest = (name: string) => name.endsWith("_test.ts");
const isSource = (name: string) => name.endsWith(".ts") && !/(?:_test|\.d)\.ts$/.test(name);

/** Runs the command; returns its exit code. Throws `UsageError` and `StartError`. */
export async function mutateCommand(args: readonly string[]): Promise<number> {
  const { flags, positional: paths } = parseFlags(args, mutateFlags);
  if (flags.help) {
    print(USAGE + describeFlags(mutateFlags));
    print(FOOTER);
    return ExitCode.valid;
  }
  const commands = (flags.explore ?? []).map((target) => exploreArgs(target, flags.seeds));
  const testFiles = filesOf(flags.test ?? [], isTest);
  if (paths.length === 0) throw new UsageError("missing file; give the source files to mutate");
  if (commands.length === 0 && testFiles.length === 0) {
    throw new UsageError("missing tests; give --test PATH,… or --explore WORKLOAD,…");
  }
  const files = filesOf(paths, isSource);
  const texts = new Map(files.map((file) => [file, Deno.readTextFileSync(file)]));
  const all = [...texts].flatMap(([file, text]) => mutantsOf(file, text));
  const equivalents = readEquivalents(flags.equivalents).filter(({ file }) => files.includes(file));
  for (const { file, original, mutated } of staleEquivalents(all, equivalents)) {
    print(`${flags.equivalents}: ${file} no longer has ${original} → ${mutated}`);
  }
  const candidates = withoutEquivalents(all, equivalents);
  const wanted = flags.again === undefined ? candidates : survivorsAmong(candidates, flags.again);
  const mutants = sample(wanted, flags.limit, flags.seed);
  print(
    `mutating ${paths.join(", ")}: ${mutants.length} of ${candidates.length} mutants, beside ` +
      `${all.length - candidates.length} equivalent ones`,
  );
  return await testAll(flags, { mutants, texts, testFiles, commands }, candidates.length);
}

function exploreArgs(target: string, seeds: number): string[] {
  const [workload = "", strategy] = target.split(":");
  if (findWorkload(workload) === undefined) {
    const names = WORKLOADS.map(({ name }) => name).join(", ");
    throw new UsageError(`--explore: unknown workload "${workload}"; choose one of ${names}`);
  }
  return [
    ...["run", "--quiet", "--no-check", "--allow-read", "--allow-write", "--allow-env=NO_COLOR"],
    ...["tasks/explore.ts", workload],
    ...(strategy === undefined ? [] : ["--strategy", strategy]),
    ...["--seeds", String(seeds), "--jobs", "1", "--shrink-runs", "0"],
  ];
}

async function testAll(
  flags: MutateFlags,
  run: Pick<MutationRun, "mutants" | "texts" | "testFiles" | "commands">,
  total: number,
): Promise<number> {
  const begun = performance.now();
  const counts = { killed: 0, "timed out": 0, survived: 0 };
  const abort = new AbortController();
  const release = onInterrupt(() => abort.abort());
  let status = "  loading the tests";
  const stop = showStatusLine(() => status);
  const results = await runMutants({
    ...run,
    jobs: flags.jobs,
    timeoutMs: flags.timeout === undefined ? undefined : flags.timeout * 1000,
    signal: abort.signal,
    onMeasured(tests, total) {
      status = `  without a mutant: ${tests} of ${total} tests`;
    },
    onBaseline(tests, elapsedMs) {
      print(`  without a mutant: ${tests} tests in ${(elapsedMs / 1000).toFixed(1)} s`);
    },
    onResult({ outcome }) {
      counts[outcome]++;
      const done = counts.killed + counts["timed out"] + counts.survived;
      status = `  ${done} of ${run.mutants.length} mutants · ${counts.killed} killed · ` +
        `${counts["timed out"]} timed out · ${counts.survived} survived`;
    },
  }).finally(() => {
    stop();
    release();
  });
  const isInterrupted = abort.signal.aborted;
  if (isInterrupted) print("Interrupted.");
  if (isInterrupted && results.length === 0) return ExitCode.interrupted;
  print(describeResults(results, (performance.now() - begun) / 1000));
  print(`Results in ${store(flags.store, results, total)}`);
  return isInterrupted ? ExitCode.interrupted : ExitCode.valid;
}

function describeResults(results: readonly MutantResult[], seconds: number): string {
  const paint = stdoutPalette();
  const count = (wanted: string) => results.filter(({ outcome }) => outcome === wanted).length;
  const survivors = results.filter(({ outcome }) => outcome === "survived");
  const timedOut = count("timed out");
  const lines = [
    `${results.length} mutants in ${seconds.toFixed(0)} s: ${count("killed") + timedOut} killed ` +
    `(${timedOut} by a timeout), ${survivors.length} survived, score ${
      scoreOf(results).toFixed(1)
    } %`,
  ];
  if (survivors.length > 0) lines.push("Survivors:");
  for (const { mutant: { file, line, original, mutated }, tests } of survivors) {
    const reach = tests > 0 ? "" : " (no test reaches it)";
    lines.push(paint.unsure(`  ${file}:${line}: ${original} → ${mutated}${reach}`));
  }
  return lines.join("\n");
}
