import { assert, assertEquals, assertRejects } from "std/testing";
import { StartError } from "../../../lib/workbench/engine.ts";
import { exploreSeed, type SeedReport } from "../../../lib/workbench/explore/explore_seed.ts";
import { sameFailure } from "../../../lib/workbench/explore/failure.ts";
import { NEVER_ENDED, WorkerPool } from "../../../lib/workbench/explore/worker_pool.ts";
import { PLANTED } from "./planted.ts";

const forgetful = PLANTED[0] as (typeof PLANTED)[number];
const { workload, bin, args, faults, pinned } = forgetful.request;
const setup = { workload: workload.name, bin, args, faults, pinned };
const never = new AbortController().signal;

function echoOf(program: string) {
  const bin = `tests/support/explore_nodes/${program}.ts`;
  return { bin, workload: "echo", args: [], faults: [], pinned: {} };
}

async function explore(jobs: number, count: number, goOn: (report: SeedReport) => boolean) {
  const pool = new WorkerPool(setup, jobs);
  const reports: SeedReport[] = [];
  try {
    await pool.explore({
      count,
      from: 0,
      signal: never,
      take(report) {
        reports.push(report);
        return goOn(report);
      },
    });
  } finally {
    pool.close();
  }
  return reports;
}

Deno.test("any number of threads reports the same seeds in the same order", async () => {
  const expected: SeedReport[] = [];
  for (let seed = 0; seed < 8; seed++) {
    expected.push(await exploreSeed(forgetful.request, seed, forgetful.createEngine));
  }
  assertEquals(await explore(1, 8, () => true), expected);
  assertEquals(await explore(3, 8, () => true), expected);
});

Deno.test("an exploration ends with the first seed that is taken no more", async () => {
  const untilFailure = (report: SeedReport) => report.failure.length === 0;
  const one = await explore(1, 100, untilFailure);
  const two = await explore(2, 100, untilFailure);
  assertEquals(two, one);
  assert((one.at(-1)?.failure.length ?? 0) > 0);
  assert(one.length < 100);
});

Deno.test("a thread shrinks the case of a seed", async () => {
  const failed = (await explore(1, 100, ({ failure }) => failure.length === 0)).at(-1);
  assert(failed !== undefined);
  const pool = new WorkerPool(setup, 1);
  const sizes: string[] = [];
  try {
    const result = await pool.shrink(failed.seed, failed.failure, 30, (size) => sizes.push(size));
    assert(result.runs <= 30);
    assert(sameFailure(result.shrunk.failure, failed.failure));
    assertEquals(result.found.failure, failed.failure);
    assert(sizes.length > 0);
  } finally {
    pool.close();
  }
});

Deno.test("a seed that never ends is given up and reported, and the others go on", async () => {
  const pool = new WorkerPool({ ...echoOf("endless"), pinned: { rate: 5 } }, 1, 1000);
  const reports: SeedReport[] = [];
  try {
    const take = (report: SeedReport) => reports.push(report) > 0;
    await pool.explore({ from: 0, count: 2, signal: never, take });
  } finally {
    pool.close();
  }
  assertEquals(reports.map(({ seed, failure }) => [seed, failure]), [
    [0, [NEVER_ENDED]],
    [1, [NEVER_ENDED]],
  ]);
});

Deno.test("aborting ends an exploration in the middle of a seed", async () => {
  const pool = new WorkerPool({ ...echoOf("endless"), pinned: { rate: 5 } }, 2);
  const abort = new AbortController();
  const exploration = pool.explore({ from: 0, count: 9, signal: abort.signal, take: () => true });
  abort.abort();
  await exploration;
  pool.close();
});

Deno.test("a node that cannot be started ends the exploration with the reason", async () => {
  const pool = new WorkerPool(echoOf("there_is_none"), 2);
  try {
    await assertRejects(
      () => pool.explore({ from: 0, count: 9, signal: never, take: () => true }),
      StartError,
      "no such file",
    );
  } finally {
    pool.close();
  }
});
