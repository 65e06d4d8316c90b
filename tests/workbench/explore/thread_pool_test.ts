import { assert, assertEquals, assertRejects } from "std/testing";
import { StartError } from "../../../lib/workbench/engine.ts";
import { describeSize } from "../../../lib/workbench/explore/case_size.ts";
import { exploreSeed, type SeedReport } from "../../../lib/workbench/explore/explore_seed.ts";
import { sameFailure } from "../../../lib/workbench/explore/failure.ts";
import { runCase } from "../../../lib/workbench/explore/run_case.ts";
import {
  OUT_OF_MEMORY,
  SEED_TIMED_OUT,
  ThreadPool,
} from "../../../lib/workbench/explore/thread_pool.ts";
import { PLANTED } from "./planted.ts";

const faulty = PLANTED[0] as (typeof PLANTED)[number];
const { workload, bin, args, faults, fixedOptions } = faulty.config;
const setup = { workload: workload.name, bin, args, faults, fixedOptions };
const neverAborted = new AbortController().signal;

function echoSetup(program: string) {
  const bin = `tests/support/explore_nodes/${program}.ts`;
  return { bin, workload: "echo", args: [], faults: [], fixedOptions: {} };
}

async function explore(threads: number, count: number, onReport: (report: SeedReport) => boolean) {
  const pool = new ThreadPool(setup, threads);
  const reports: SeedReport[] = [];
  try {
    await pool.explore({
      count,
      from: 0,
      signal: neverAborted,
      onReport(report) {
        reports.push(report);
        return onReport(report);
      },
    });
  } finally {
    pool.close();
  }
  return reports;
}

Deno.test("reports are the same, in the same order, for any number of threads", async () => {
  const expected: SeedReport[] = [];
  for (let seed = 0; seed < 8; seed++) {
    expected.push(await exploreSeed(faulty.config, seed, faulty.createEngine));
  }
  assertEquals(await explore(1, 8, () => true), expected);
  assertEquals(await explore(3, 8, () => true), expected);
});

Deno.test("explore ends when onReport returns false", async () => {
  const untilFailure = (report: SeedReport) => report.failure.length === 0;
  const one = await explore(1, 100, untilFailure);
  const two = await explore(2, 100, untilFailure);
  assertEquals(two, one);
  assert((one.at(-1)?.failure.length ?? 0) > 0);
  assert(one.length < 100);
});

Deno.test("shrink returns a smaller case with the same failure", async () => {
  const failed = (await explore(1, 100, ({ failure }) => failure.length === 0)).at(-1);
  assert(failed !== undefined);
  const pool = new ThreadPool(setup, 1);
  const sizes: string[] = [];
  const steps: number[] = [];
  try {
    const result = await pool.shrink(failed.seed, failed.failure, 30, (size, runs) => {
      sizes.push(size);
      steps.push(runs);
    });
    assertEquals(sizes.at(-1), describeSize(result.shrunk.case));
    assertEquals(steps, [...new Set(steps)].sort((a, b) => a - b), "the runs so far");
    assert(result.runs <= 30);
    assert(sameFailure(result.shrunk.failure, failed.failure));
    assertEquals(result.found.failure, failed.failure);
    assert(sizes.length > 0);
  } finally {
    pool.close();
  }
});

Deno.test("shrink returns the smallest case so far when the pool is closed", async () => {
  const failed = (await explore(1, 100, ({ failure }) => failure.length === 0)).at(-1);
  assert(failed !== undefined);
  const pool = new ThreadPool(setup, 1);
  const sizes: string[] = [];
  const { shrunk, runs } = await pool.shrink(failed.seed, failed.failure, 400, (size) => {
    if (sizes.push(size) === 2) pool.close();
  });
  assertEquals(sizes.at(-1), describeSize(shrunk.case));
  assert(runs > 0 && runs < 400, `${runs} runs`);
  const { failure } = await runCase(shrunk.case, faulty.createEngine, {}, workload);
  assert(sameFailure(failure, failed.failure), failure.join());
});

Deno.test("a seed that times out is reported as a failure, and later seeds still run", async () => {
  const pool = new ThreadPool(
    { ...echoSetup("endless_search"), fixedOptions: { ratePerSecond: 5 } },
    1,
    1000,
  );
  const reports: SeedReport[] = [];
  try {
    const onReport = (report: SeedReport) => reports.push(report) > 0;
    await pool.explore({ from: 0, count: 2, signal: neverAborted, onReport });
  } finally {
    pool.close();
  }
  assertEquals(reports.map(({ seed, failure }) => [seed, failure]), [
    [0, [SEED_TIMED_OUT]],
    [1, [SEED_TIMED_OUT]],
  ]);
});

Deno.test("aborting ends an exploration during a seed", async () => {
  const pool = new ThreadPool(
    { ...echoSetup("endless_search"), fixedOptions: { ratePerSecond: 5 } },
    2,
  );
  const abort = new AbortController();
  const exploration = pool.explore({
    from: 0,
    count: 9,
    signal: abort.signal,
    onReport: () => true,
  });
  abort.abort();
  await exploration;
  pool.close();
});

Deno.test("explore throws a StartError when a node cannot be started", async () => {
  const pool = new ThreadPool(echoSetup("nonexistent"), 2);
  try {
    await assertRejects(
      () => pool.explore({ from: 0, count: 9, signal: neverAborted, onReport: () => true }),
      StartError,
      "no such file",
    );
  } finally {
    pool.close();
  }
});

Deno.test("a node that fills the memory fails its seed, and later seeds still run", async () => {
  const pool = new ThreadPool({ ...echoSetup("hoarder"), fixedOptions: { ratePerSecond: 5 } }, 1);
  const failures: (readonly string[])[] = [];
  try {
    await pool.explore({
      from: 0,
      count: 2,
      signal: neverAborted,
      onReport: ({ failure }) => failures.push(failure) > 0,
    });
  } finally {
    pool.close();
  }
  assertEquals(failures, [[OUT_OF_MEMORY], [OUT_OF_MEMORY]]);
});
