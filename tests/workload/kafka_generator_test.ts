import { assert, assertEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import type { Operation } from "../../lib/history/mod.ts";
import { kafkaFinalGenerator, kafkaGenerator } from "../../lib/workload/kafka_generator.ts";
import { highestOffset } from "../../lib/workload/kafka_offsets.ts";
import { DEFAULT_OPTIONS } from "../../lib/workload/mod.ts";
import { assertNear } from "../support/assert_near.ts";
import { drive, type DriveOptions, invocations, type Outcome } from "../support/drive_generator.ts";

const concurrency = 5;
const options = { ...DEFAULT_OPTIONS, workload: "kafka", concurrency };

type Messages = Record<string, [offset: number, message: number][]>;

/** Logs in which every message gets the next offset. A poll returns all messages of shown keys. */
function logs(shown: (key: string) => boolean = () => true): NonNullable<DriveOptions["complete"]> {
  const messages: Messages = {};
  return ({ f, value }): Outcome => {
    if (f === "crash") return { type: "info" };
    if (f === "send") {
      const [, key, message] = (value as [["send", string, number]])[0];
      const log = messages[key] ??= [];
      log.push([log.length, message]);
      return { type: "ok", value: [["send", key, [log.length - 1, message]]] };
    }
    if (f !== "poll") return { type: "ok" };
    const entries = Object.entries(messages).filter(([key]) => shown(key));
    return {
      type: "ok",
      value: [["poll", Object.fromEntries(entries.map(([key, log]) => [key, [...log]]))]],
    };
  };
}

function runMain(driving: Partial<DriveOptions>): Operation[] {
  const generator = kafkaGenerator(options, new Random("kafka"));
  return drive(generator, { concurrency, gapMs: 10, complete: logs(), ...driving } as DriveOptions);
}

const count = (history: readonly Operation[], f: string) =>
  history.filter((operation) => operation.f === f).length;

Deno.test("main phase sends one message or polls, at random", () => {
  const invoked = invocations(runMain({ maxOperations: 6400 }));
  assertNear(count(invoked, "send"), 3150, 200, "sends");
  assertNear(count(invoked, "poll"), 3150, 200, "polls");
  const sent = new Map<string, number>();
  for (const { f, value } of invoked) {
    if (f === "poll") assertEquals(value, [["poll"]]);
    if (f !== "send") continue;
    const [, key, message] = (value as [["send", string, number]])[0];
    assertEquals(message, (sent.get(key) ?? 0) + 1, "messages of a key are numbered");
    sent.set(key, message);
  }
  assertEquals(Math.max(...sent.values()), 16);
});

Deno.test("one operation in 64 is an assign, and one assign in three adds all unseen keys", () => {
  const invoked = invocations(runMain({ maxOperations: 20_000, complete: logs(() => false) }));
  const assigns = invoked.filter(({ f }) => f === "assign");
  assertNear(assigns.length, 20_000 / 64, 60, "assigns");
  const catchingUp = assigns.filter(({ extra }) => extra?.["unseen"] !== undefined);
  assertNear(catchingUp.length, assigns.length / 3, 30, "assigns of unseen keys");
  for (const { value, extra } of assigns) {
    const keys = value as string[];
    if (extra === undefined) assertEquals(keys.length, 1);
    assertEquals(new Set(keys).size, keys.length);
  }
});

Deno.test("assign of unseen keys records the highest sent and polled offset of each", () => {
  const history = runMain({ maxOperations: 5000, complete: logs((key) => key !== "7") });
  const sent = new Map<string, number>();
  for (const { type, f, value, extra } of history) {
    if (type === "ok" && f === "send") {
      const [, key, [offset]] = (value as [["send", string, [number, number]]])[0];
      sent.set(key, offset);
    }
    const unseen = extra?.["unseen"] as Record<string, unknown> | undefined;
    if (type !== "invoke" || unseen === undefined) continue;
    assertEquals(unseen["7"], { polled: -1, sent: sent.get("7") });
    assert((value as string[]).includes("7"));
  }
});

Deno.test("key polled to its end is no longer unseen", () => {
  const history = runMain({ maxOperations: 5000 });
  let unseen = new Set<string>();
  for (const { type, f, value, extra } of history) {
    if (type === "ok" && f === "send") unseen.add((value as [["send", string]])[0][1]);
    if (type === "ok" && f === "poll") unseen = new Set();
    const recorded = extra?.["unseen"];
    if (type === "invoke" && recorded !== undefined) {
      assertEquals(new Set(Object.keys(recorded as object)), unseen);
    }
  }
});

Deno.test("each client crashes about every 30 s, and the first crash comes immediately", () => {
  const history = runMain({ maxOperations: 60_000, complete: logs(() => false) });
  const crashes = invocations(history).filter(({ f }) => f === "crash");
  assertNear(crashes.length, 600 / 30 * concurrency, 12, "crashes in ten minutes");
  assert((crashes[0] as Operation).time < 200e6);
});

Deno.test("a crash that is due competes with the next access at equal chances", () => {
  const firsts = Array.from({ length: 200 }, (_, seed) => {
    const generator = kafkaGenerator(options, new Random(seed));
    return invocations(drive(generator, { concurrency, maxOperations: 1, complete: logs() }))[0]?.f;
  });
  assertNear(firsts.filter((f) => f === "crash").length, 100, 25, "crashes");
});

Deno.test("the highest offset of no messages is below all offsets", () => {
  assertEquals([null, [], [[0, 1], [4, 1], [2, 1]] as [number, number][]].map(highestOffset), [
    -1,
    -1,
    4,
  ]);
});

/** A main phase with these highest sent and polled offsets by key. */
function mainPhase(sent: Record<string, number>, polled: Record<string, number>): Operation[] {
  const base = { time: 0, type: "ok" as const, process: 0 };
  return [
    ...Object.entries(sent).map(([key, offset]) => ({
      f: "send",
      value: [["send", key, [offset, 1]]],
    })),
    ...Object.entries(polled).map(([key, offset]) => ({
      f: "poll",
      value: [["poll", { [key]: offset < 0 ? [] : [[offset, 1]] }]],
    })),
    { f: "send", value: [["send", "99", 5]], type: "info" as const },
  ].map((operation, index) => ({ index, ...base, ...operation }));
}

/** Drives the final phase. The i-th poll of each worker returns the i-th of these messages. */
function runFinal(main: Operation[], polls: Messages[], workers = 1): Operation[] {
  const pollCounts = new Map<number, number>();
  return drive(kafkaFinalGenerator(new Random("final"), main), {
    concurrency: workers,
    startMs: 20_000,
    complete({ f }, worker) {
      if (f === "crash") return { type: "info" };
      if (f !== "poll") return { type: "ok" };
      const count = pollCounts.get(worker) ?? 0;
      pollCounts.set(worker, count + 1);
      return { type: "ok", value: [["poll", polls[count] ?? {}]], afterMs: 1 };
    },
  });
}

Deno.test("in the final phase a worker crashes, seeks to the beginning of all keys, and polls", () => {
  const main = mainPhase({ "10": 2, "9": 0 }, { "3": 4, "5": -1 });
  const polls: Messages[] = [{ "10": [[1, 1]] }, { "10": [[2, 1]], "3": [[4, 1]] }, {
    "9": [[0, 1]],
  }];
  const invoked = invocations(runFinal(main, polls));
  assertEquals(invoked.map(({ f, value, process, extra }) => ({ f, value, process, extra })), [
    { f: "crash", value: null, process: 0, extra: undefined },
    {
      f: "assign",
      value: ["3", "9", "10"],
      process: 1,
      extra: { "seek-to-beginning?": true },
    },
    ...polls.map(() => ({
      f: "poll",
      value: [["poll"]],
      process: 1,
      extra: { "poll-ms": 1000 },
    })),
  ]);
});

Deno.test("a worker whose final poll is indeterminate assigns all keys to its next client", () => {
  let polls = 0;
  const history = drive(kafkaFinalGenerator(new Random("final"), mainPhase({ "1": 0 }, {})), {
    concurrency: 1,
    complete({ f }) {
      if (f !== "poll") return { type: f === "crash" ? "info" : "ok" };
      const isLast = ++polls === 3;
      return isLast ? { type: "ok", value: [["poll", { "1": [[0, 1]] }]] } : { type: "info" };
    },
  });
  const invoked = invocations(history).map(({ f, process, extra }) =>
    [f, process, extra?.["seek-to-beginning?"]] as const
  );
  assertEquals(invoked, [
    ["crash", 0, undefined],
    ["assign", 1, true],
    ["poll", 1, undefined],
    ["assign", 2, true],
    ["poll", 2, undefined],
    ["assign", 3, true],
    ["poll", 3, undefined],
  ]);
});

Deno.test("final polls are about 0.2 s apart and end after 10 s, even with unseen messages", () => {
  const invoked = invocations(runFinal(mainPhase({ "1": 3 }, {}), []));
  const times = invoked.filter(({ f }) => f === "poll").map(({ time }) => time / 1e6);
  assertNear(times.length, 50, 12, "polls in ten seconds");
  const gaps = times.slice(1).map((time, index) => time - (times[index] as number));
  assert(gaps.every((gap) => gap >= 0 && gap <= 400), `${gaps}`);
  assert(times.every((time) => time >= 20_000 && time < 30_000));
});

Deno.test("every worker polls all messages in the final phase", () => {
  const history = runFinal(mainPhase({ "1": 0 }, {}), [{}, { "1": [[0, 1]] }], 3);
  const polls = invocations(history).filter(({ f }) => f === "poll");
  assertEquals(polls.map(({ process }) => process).sort(), [3, 3, 4, 4, 5, 5]);
});

Deno.test("final phase is empty if no message was sent or polled", () => {
  assertEquals(runFinal(mainPhase({}, { "4": -1 }), []), []);
});

Deno.test("the final phase ends when no worker has anything left to poll, and waits for busy ones", () => {
  const generator = kafkaFinalGenerator(new Random("final"), []);
  const context = { nowMs: 0, concurrency: 2, processOf: (worker: number) => worker };
  assertEquals(generator.next({ ...context, free: [0, 1] }), undefined);
  assertEquals(generator.next({ ...context, free: [0] }), { pending: true, untilMs: 10_000 });
});
