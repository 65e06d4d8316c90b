import { assertEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { forever, mix, onceEach, timeLimit } from "../../lib/workload/mod.ts";
import { assertNear } from "../support/assert_near.ts";
import { drive, invocations } from "../support/drive_generator.ts";

const read = { f: "read", value: null };

Deno.test("forever asks whichever worker is free, the preferred one first", () => {
  const asked = invocations(drive(forever(() => read), { concurrency: 3, operations: 7 }));
  assertEquals(asked.map(({ process }) => process), [0, 1, 2, 0, 1, 2, 0]);
});

Deno.test("a busy worker is passed over", () => {
  const asked = invocations(drive(forever(() => read), {
    concurrency: 2,
    gap: 1,
    operations: 4,
    complete: (_, worker) => ({ type: "ok", after: worker === 0 ? 1000 : 0 }),
  }));
  assertEquals(asked.map(({ process }) => process), [0, 1, 1, 1]);
});

Deno.test("a mix takes each of its sources as often", () => {
  const sources = ["a", "b", "c"].map((f) => () => ({ f, value: null }));
  const asked = invocations(
    drive(mix(new Random(1), sources), { concurrency: 1, operations: 3000 }),
  );
  for (const source of ["a", "b", "c"]) {
    assertNear(asked.filter(({ f }) => f === source).length, 1000, 90, source);
  }
});

Deno.test("each worker once, and those that are busy when they are free", () => {
  const history = drive(onceEach((worker) => ({ f: "read", value: worker })), {
    concurrency: 3,
    complete: () => ({ type: "info", after: 5 }),
  });
  const asked = invocations(history);
  assertEquals(asked.map(({ process, value }) => [process, value]), [[0, 0], [1, 1], [2, 2]]);
  assertEquals(history.length, 6);
});

Deno.test("a time limit begins with the first use", () => {
  const asked = invocations(
    drive(timeLimit(100, forever(() => read)), { concurrency: 1, gap: 30, start: 5000 }),
  );
  assertEquals(asked.map(({ time }) => time / 1e6), [5000, 5030, 5060, 5090]);
});

Deno.test("a time limit ends a generator that has nothing for now", () => {
  const limited = timeLimit(100, { next: () => ({ pending: true, until: 10_000 }) });
  const context = { free: [0], concurrency: 1, processOf: (worker: number) => worker };
  assertEquals(limited.next({ ...context, now: 50 }), { pending: true, until: 150 });
  assertEquals(limited.next({ ...context, now: 149 }), { pending: true, until: 150 });
  assertEquals(limited.next({ ...context, now: 150 }), undefined);
});

Deno.test("a time limit passes on what happens", () => {
  const seen: unknown[] = [];
  const limited = timeLimit(100, {
    ...forever(() => read),
    update: ({ type }, worker) => seen.push([type, worker]),
  });
  drive(limited, { concurrency: 2, operations: 1 });
  assertEquals(seen, [["invoke", 0], ["ok", 0]]);
});
