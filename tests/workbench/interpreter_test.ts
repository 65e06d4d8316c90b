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

interface Setting {
  readonly concurrency?: number;
  readonly generator?: Generator;
  readonly meanGap?: number;
  readonly end?: number;
  readonly reusesClients?: boolean;
  readonly signal?: AbortSignal;
  readonly seed?: string;
  /** Milliseconds that an operation takes. */
  takes?(invocation: Invocation): number;
  /** How an operation ends; `ok` when not given. */
  ends?(invocation: Invocation): Completion;
  /** Called when a worker opens a client. */
  open?(worker: number): void;
}

interface Outcome {
  readonly history: readonly Operation[];
  /** What was done to clients: `open 0`, `close 0`. */
  readonly clients: readonly string[];
  /** When the phase was over, in milliseconds. */
  readonly over: number;
}

/** Runs one phase of an interpreter. */
function interpret(setting: Setting): Promise<Outcome> {
  const { concurrency = 5, meanGap = 0, end = Infinity, reusesClients = false } = setting;
  let value = 0;
  const generator = setting.generator ?? forever(() => ({ f: "op", value: value++ }));
  return inVirtualTime(async (clock) => {
    const recorder = new Recorder(clock);
    const clients: string[] = [];
    const interpreter = new Interpreter({
      clock,
      recorder,
      concurrency,
      reusesClients,
      random: new Random(setting.seed ?? "1"),
      signal: setting.signal ?? new AbortController().signal,
      openClient(worker) {
        clients.push(`open ${worker}`);
        setting.open?.(worker);
        return {
          close: () => clients.push(`close ${worker}`),
          client: {
            async invoke(invocation) {
              const takes = setting.takes?.(invocation) ?? 0;
              if (takes > 0) await sleep(clock, takes);
              return setting.ends?.(invocation) ?? { type: "ok" };
            },
          },
        };
      },
    });
    await interpreter.run({ generator, meanGapMs: meanGap, endMs: end });
    const over = clock.now();
    interpreter.close();
    return { history: recorder.history, clients, over };
  });
}

function invocations({ history }: Outcome): Operation[] {
  return history.filter(({ type }) => type === "invoke");
}

function gaps(outcome: Outcome): number[] {
  const times = invocations(outcome).map(({ time }) => time / 1e6);
  return times.slice(1).map((time, index) => time - (times[index] as number));
}

Deno.test("gaps between operations are uniform from 0 to twice their mean, across all workers", async () => {
  const outcome = await interpret({ meanGap: 10, end: 200_000, concurrency: 25, takes: () => 3 });
  const all = gaps(outcome);
  assertNear(all.length, 20_000, 300, "operations");
  // Times are whole nanoseconds.
  assert(all.every((gap) => gap > -1e-5 && gap < 20 + 1e-5));
  for (const [from, to] of [[0, 5], [5, 10], [10, 15], [15, 20]] as const) {
    const share = all.filter((gap) => gap >= from && gap < to).length / all.length;
    assertNear(share, 0.25, 0.015, `gaps of ${from} to ${to} ms`);
  }
});

Deno.test("with all workers busy each takes the next operation as soon as it is free", async () => {
  const outcome = await interpret({ meanGap: 1, end: 10_000, concurrency: 4, takes: () => 50 });
  assertNear(invocations(outcome).length, 4 * 10_000 / 50, 8, "operations");
});

Deno.test("operations that no worker was free for are not made up for later", async () => {
  const outcome = await interpret({
    meanGap: 10,
    end: 10_000,
    concurrency: 2,
    takes: ({ value }) => value === 100 || value === 101 ? 3000 : 0,
  });
  const times = invocations(outcome).map(({ time }) => time / 1e6);
  const stall = (times[101] as number) + 3000;
  const soonAfter = times.filter((time) => time >= stall - 100 && time < stall + 500).length;
  assertNear(soonAfter, 50, 15, "operations in the half second after a stall");
  assertNear(times.length, 700, 60, "operations in 10 s with 3 s of stall");
});

Deno.test("without a rate each worker goes on at once, and all are used alike", async () => {
  const outcome = await interpret({ end: 1000, concurrency: 3, takes: () => 10 });
  const perProcess = new Map<unknown, number>();
  for (const { process } of invocations(outcome)) {
    perProcess.set(process, (perProcess.get(process) ?? 0) + 1);
  }
  assertEquals([...perProcess], [[0, 100], [1, 100], [2, 100]]);
});

Deno.test("free workers take turns", async () => {
  const outcome = await interpret({ meanGap: 10, end: 500, concurrency: 3 });
  const processes = invocations(outcome).map(({ process }) => process);
  assertEquals(processes, processes.map((_, index) => index % 3));
});

Deno.test("no operation begins after the end, and those under way are waited for", async () => {
  const outcome = await interpret({ meanGap: 10, end: 1000, takes: () => 400 });
  assert(invocations(outcome).every(({ time }) => time < 1000e6));
  assert(outcome.over > 1000 && outcome.over <= 1400, `over at ${outcome.over}`);
  const completions = outcome.history.filter(({ type }) => type === "ok").length;
  assertEquals(completions, invocations(outcome).length);
});

Deno.test("a process whose operation ended info is never used again, nor is its client", async () => {
  const outcome = await interpret({
    concurrency: 2,
    meanGap: 10,
    end: 200,
    ends: ({ value }) => ({ type: value === 2 || value === 4 ? "info" : "ok" }),
  });
  const byValue = new Map(invocations(outcome).map(({ value, process }) => [value, process]));
  const first = [0, 1, 2, 3, 4, 5, 6].map((value) => byValue.get(value));
  assertEquals(first, [0, 1, 0, 1, 2, 1, 4]);
  assertEquals(outcome.clients.slice(0, 6), [
    "open 0",
    "open 1",
    "close 0",
    "open 0",
    "close 0",
    "open 0",
  ]);
});

Deno.test("a client that is reused goes on under a new process", async () => {
  const outcome = await interpret({
    concurrency: 1,
    meanGap: 10,
    end: 100,
    reusesClients: true,
    ends: () => ({ type: "info" }),
  });
  const processes = invocations(outcome).map(({ process }) => process);
  assertEquals(processes, processes.map((_, index) => index));
  assertEquals(outcome.clients, ["open 0", "close 0"]);
});

Deno.test("a failed operation leaves its process in use", async () => {
  const outcome = await interpret({
    concurrency: 1,
    meanGap: 10,
    end: 100,
    ends: () => ({ type: "fail", error: ["abort", "no"] }),
  });
  assertEquals(new Set(outcome.history.map(({ process }) => process)), new Set([0]));
  assertEquals(outcome.history[1]?.error, ["abort", "no"]);
});

Deno.test("what a client throws ends its operation info, with the exception on record", async () => {
  const outcome = await interpret({
    concurrency: 1,
    generator: oncePerWorker(() => ({ f: "read", value: null })),
    ends() {
      throw new RangeError("planted");
    },
  });
  const { index: _, time: __, ...completion } = outcome.history[1] as Operation;
  assertEquals(completion, {
    type: "info",
    process: 0,
    f: "read",
    value: null,
    error: "indeterminate",
    exception: { via: [{ type: "RangeError", message: "planted" }], cause: "planted" },
  });
});

Deno.test("a client that cannot be opened is an operation that ended info; the next one tries again", async () => {
  let attempts = 0;
  const outcome = await interpret({
    concurrency: 1,
    meanGap: 10,
    end: 60,
    open() {
      if (++attempts === 1) throw new Error("planted");
    },
  });
  assertEquals(outcome.history[1]?.type, "info");
  assert(outcome.history.filter(({ type }) => type === "ok").length > 2);
});

Deno.test("a generator that has nothing for now is asked again after the next event, or in time", async () => {
  const asked: number[] = [];
  let given = 0;
  const generator: Generator = {
    next({ nowMs: now, free }) {
      asked.push(now);
      if (given === 2) return undefined;
      if (now < 40 || (given === 1 && now < 100)) {
        return { ...PENDING, untilMs: now < 40 ? 40 : 500 };
      }
      given++;
      return { worker: free[0] as number, invocation: { f: "op", value: given } };
    },
  };
  const outcome = await interpret({ generator, concurrency: 2, takes: () => 70 });
  assertEquals(invocations(outcome).map(({ time }) => time / 1e6), [40, 110]);
  assertEquals(asked, [0, 40, 40, 110, 110]);
});

Deno.test("a generator is told of every invocation and completion, with the worker", async () => {
  const told: string[] = [];
  let made = 0;
  const generator: Generator = {
    next: ({ free }) =>
      made === 3
        ? undefined
        : { worker: free.at(-1) as number, invocation: { f: "op", value: made++ } },
    update: ({ type, process }, worker, { concurrency }) =>
      told.push(`${type} ${process} of worker ${worker}/${concurrency}`),
  };
  await interpret({
    generator,
    concurrency: 2,
    meanGap: 10,
    ends: ({ value }) => ({ type: value === 0 ? "info" : "ok", value: "done" }),
  });
  assertEquals(told, [
    "invoke 1 of worker 1/2",
    "info 1 of worker 1/2",
    "invoke 3 of worker 1/2",
    "ok 3 of worker 1/2",
    "invoke 3 of worker 1/2",
    "ok 3 of worker 1/2",
  ]);
});

Deno.test("an abort ends a phase at once, whatever is under way", async () => {
  const abort = new AbortController();
  const outcome = await interpret({
    meanGap: 10,
    end: 1e9,
    signal: abort.signal,
    takes({ value }) {
      if (value === 50) abort.abort();
      return 1e6;
    },
    concurrency: 100,
  });
  assert(outcome.over < 1500, `over at ${outcome.over}`);
  assertEquals(outcome.history.every(({ type }) => type === "invoke"), true);
});

Deno.test("one seed gives one sequence of times, another another", async () => {
  const run = async (seed: string) =>
    (await interpret({ meanGap: 10, end: 1000, seed })).history.map(({ time }) => time);
  assertEquals(await run("a"), await run("a"));
  assert(JSON.stringify(await run("a")) !== JSON.stringify(await run("b")));
});
