import { assert, assertEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import type { Operation } from "../../lib/history/mod.ts";
import { sleep } from "../../lib/workbench/clock.ts";
import { Interpreter } from "../../lib/workbench/interpreter.ts";
import { Recorder } from "../../lib/workbench/recorder.ts";
import {
  type Completion,
  forever,
  type Generator,
  type Invocation,
  oncePerWorker,
  PENDING,
} from "../../lib/workload/mod.ts";
import { assertNear } from "../support/assert_near.ts";
import { inVirtualTime } from "../support/in_virtual_time.ts";

interface Settings {
  readonly concurrency?: number;
  readonly generator?: Generator;
  readonly meanGapMs?: number;
  readonly endMs?: number;
  readonly reusesClients?: boolean;
  readonly signal?: AbortSignal;
  readonly seed?: string;
  /** The duration of an operation in milliseconds; 0 by default. */
  durationMs?(invocation: Invocation): number;
  /** The completion of an operation; `ok` by default. */
  completion?(invocation: Invocation): Completion;
  /** Called when a worker opens a client. */
  open?(worker: number): void;
}

interface PhaseResult {
  readonly history: readonly Operation[];
  /** The calls that opened and closed clients: `open 0`, `close 0`. */
  readonly clients: readonly string[];
  /** The time at which the phase ended, in milliseconds. */
  readonly endedAtMs: number;
}

/** Runs one phase of an interpreter. */
function interpret(settings: Settings): Promise<PhaseResult> {
  const { concurrency = 5, meanGapMs = 0, endMs = Infinity, reusesClients = false } = settings;
  let value = 0;
  const generator = settings.generator ?? forever(() => ({ f: "op", value: value++ }));
  return inVirtualTime(async (clock) => {
    const recorder = new Recorder(clock);
    const clients: string[] = [];
    const interpreter = new Interpreter({
      clock,
      recorder,
      concurrency,
      reusesClients,
      random: new Random(settings.seed ?? "1"),
      signal: settings.signal ?? new AbortController().signal,
      openClient(worker) {
        clients.push(`open ${worker}`);
        settings.open?.(worker);
        return {
          close: () => clients.push(`close ${worker}`),
          client: {
            async invoke(invocation) {
              const durationMs = settings.durationMs?.(invocation) ?? 0;
              if (durationMs > 0) await sleep(clock, durationMs);
              return settings.completion?.(invocation) ?? { type: "ok" };
            },
          },
        };
      },
    });
    await interpreter.run({ generator, meanGapMs, endMs });
    const endedAtMs = clock.now();
    interpreter.close();
    return { history: recorder.history, clients, endedAtMs };
  });
}

function invocations({ history }: PhaseResult): Operation[] {
  return history.filter(({ type }) => type === "invoke");
}

function gaps(result: PhaseResult): number[] {
  const times = invocations(result).map(({ time }) => time / 1e6);
  return times.slice(1).map((time, index) => time - (times[index] as number));
}

Deno.test("gaps between operations are uniform in [0, 2 × mean) across all workers", async () => {
  const result = await interpret({
    meanGapMs: 10,
    endMs: 200_000,
    concurrency: 25,
    durationMs: () => 3,
  });
  const all = gaps(result);
  assertNear(all.length, 20_000, 300, "operations");
  // Times are whole nanoseconds.
  assert(all.every((gap) => gap > -1e-5 && gap < 20 + 1e-5));
  for (const [from, to] of [[0, 5], [5, 10], [10, 15], [15, 20]] as const) {
    const share = all.filter((gap) => gap >= from && gap < to).length / all.length;
    assertNear(share, 0.25, 0.015, `gaps of ${from} to ${to} ms`);
  }
});

Deno.test("when all workers are busy, each takes the next operation when it becomes free", async () => {
  const result = await interpret({
    meanGapMs: 1,
    endMs: 10_000,
    concurrency: 4,
    durationMs: () => 50,
  });
  assertNear(invocations(result).length, 4 * 10_000 / 50, 8, "operations");
});

Deno.test("operations without a free worker are not made up for later", async () => {
  const result = await interpret({
    meanGapMs: 10,
    endMs: 10_000,
    concurrency: 2,
    durationMs: ({ value }) => value === 100 || value === 101 ? 3000 : 0,
  });
  const times = invocations(result).map(({ time }) => time / 1e6);
  const stall = (times[101] as number) + 3000;
  const soonAfter = times.filter((time) => time >= stall - 100 && time < stall + 500).length;
  assertNear(soonAfter, 50, 15, "operations in the half second after a stall");
  assertNear(times.length, 700, 60, "operations in 10 s with 3 s of stall");
});

Deno.test("without a rate each worker continues immediately, and all are used equally", async () => {
  const result = await interpret({ endMs: 1000, concurrency: 3, durationMs: () => 10 });
  const perProcess = new Map<unknown, number>();
  for (const { process } of invocations(result)) {
    perProcess.set(process, (perProcess.get(process) ?? 0) + 1);
  }
  assertEquals([...perProcess], [[0, 100], [1, 100], [2, 100]]);
});

Deno.test("free workers are used round-robin", async () => {
  const result = await interpret({ meanGapMs: 10, endMs: 500, concurrency: 3 });
  const processes = invocations(result).map(({ process }) => process);
  assertEquals(processes, processes.map((_, index) => index % 3));
});

Deno.test("no operation is invoked after the end, and outstanding operations complete", async () => {
  const result = await interpret({ meanGapMs: 10, endMs: 1000, durationMs: () => 400 });
  assert(invocations(result).every(({ time }) => time < 1000e6));
  assert(result.endedAtMs > 1000 && result.endedAtMs <= 1400, `ended at ${result.endedAtMs}`);
  const completions = result.history.filter(({ type }) => type === "ok").length;
  assertEquals(completions, invocations(result).length);
});

Deno.test("a process that ended with info is never reused, nor is its client", async () => {
  const result = await interpret({
    concurrency: 2,
    meanGapMs: 10,
    endMs: 200,
    completion: ({ value }) => ({ type: value === 2 || value === 4 ? "info" : "ok" }),
  });
  const byValue = new Map(invocations(result).map(({ value, process }) => [value, process]));
  const first = [0, 1, 2, 3, 4, 5, 6].map((value) => byValue.get(value));
  assertEquals(first, [0, 1, 0, 1, 2, 1, 4]);
  assertEquals(result.clients.slice(0, 6), [
    "open 0",
    "open 1",
    "close 0",
    "open 0",
    "close 0",
    "open 0",
  ]);
});

Deno.test("a reused client continues under a new process", async () => {
  const result = await interpret({
    concurrency: 1,
    meanGapMs: 10,
    endMs: 100,
    reusesClients: true,
    completion: () => ({ type: "info" }),
  });
  const processes = invocations(result).map(({ process }) => process);
  assertEquals(processes, processes.map((_, index) => index));
  assertEquals(result.clients, ["open 0", "close 0"]);
});

Deno.test("a process continues after an operation that failed", async () => {
  const result = await interpret({
    concurrency: 1,
    meanGapMs: 10,
    endMs: 100,
    completion: () => ({ type: "fail", error: ["abort", "no"] }),
  });
  assertEquals(new Set(result.history.map(({ process }) => process)), new Set([0]));
  assertEquals(result.history[1]?.error, ["abort", "no"]);
});

Deno.test("an exception in a client completes the operation with info and records the exception", async () => {
  const result = await interpret({
    concurrency: 1,
    generator: oncePerWorker(() => ({ f: "read", value: null })),
    completion() {
      throw new RangeError("planted");
    },
  });
  const { index: _, time: __, ...completion } = result.history[1] as Operation;
  assertEquals(completion, {
    type: "info",
    process: 0,
    f: "read",
    value: null,
    error: "indeterminate",
    exception: { via: [{ type: "RangeError", message: "planted" }], cause: "planted" },
  });
});

Deno.test("a client that cannot be opened completes the operation with info; the next operation retries", async () => {
  let attempts = 0;
  const result = await interpret({
    concurrency: 1,
    meanGapMs: 10,
    endMs: 60,
    open() {
      if (++attempts === 1) throw new Error("planted");
    },
  });
  assertEquals(result.history[1]?.type, "info");
  assert(result.history.filter(({ type }) => type === "ok").length > 2);
});

Deno.test("a pending generator is called again after the next event, or at its time", async () => {
  const calls: number[] = [];
  let generated = 0;
  const generator: Generator = {
    next({ nowMs, free }) {
      calls.push(nowMs);
      if (generated === 2) return undefined;
      if (nowMs < 40 || (generated === 1 && nowMs < 100)) {
        return { ...PENDING, untilMs: nowMs < 40 ? 40 : 500 };
      }
      generated++;
      return { worker: free[0] as number, invocation: { f: "op", value: generated } };
    },
  };
  const result = await interpret({ generator, concurrency: 2, durationMs: () => 70 });
  assertEquals(invocations(result).map(({ time }) => time / 1e6), [40, 110]);
  assertEquals(calls, [0, 40, 40, 110, 110]);
});

Deno.test("update receives every invocation and completion with its worker", async () => {
  const updates: string[] = [];
  let generated = 0;
  const generator: Generator = {
    next: ({ free }) =>
      generated === 3
        ? undefined
        : { worker: free.at(-1) as number, invocation: { f: "op", value: generated++ } },
    update: ({ type, process }, worker, { concurrency }) =>
      updates.push(`${type} ${process} of worker ${worker}/${concurrency}`),
  };
  await interpret({
    generator,
    concurrency: 2,
    meanGapMs: 10,
    completion: ({ value }) => ({ type: value === 0 ? "info" : "ok", value: "done" }),
  });
  assertEquals(updates, [
    "invoke 1 of worker 1/2",
    "info 1 of worker 1/2",
    "invoke 3 of worker 1/2",
    "ok 3 of worker 1/2",
    "invoke 3 of worker 1/2",
    "ok 3 of worker 1/2",
  ]);
});

Deno.test("an abort ends a phase immediately, despite outstanding operations", async () => {
  const abort = new AbortController();
  const result = await interpret({
    meanGapMs: 10,
    endMs: 1e9,
    signal: abort.signal,
    durationMs({ value }) {
      if (value === 50) abort.abort();
      return 1e6;
    },
    concurrency: 100,
  });
  assert(result.endedAtMs < 1500, `ended at ${result.endedAtMs}`);
  assertEquals(result.history.every(({ type }) => type === "invoke"), true);
});

Deno.test("the same seed gives the same times, another seed other times", async () => {
  const run = async (seed: string) =>
    (await interpret({ meanGapMs: 10, endMs: 1000, seed })).history.map(({ time }) => time);
  assertEquals(await run("a"), await run("a"));
  assert(JSON.stringify(await run("a")) !== JSON.stringify(await run("b")));
});
