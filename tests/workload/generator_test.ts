import { assertEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { forever, mix, oncePerWorker, withTimeLimit } from "../../lib/workload/mod.ts";
import { assertNear } from "../support/assert_near.ts";
import { drive, invocations } from "../support/drive_generator.ts";

const read = { f: "read", value: null };

Deno.test("forever assigns operations to the preferred free worker", () => {
  const invoked = invocations(drive(forever(() => read), { concurrency: 3, maxOperations: 7 }));
  assertEquals(invoked.map(({ process }) => process), [0, 1, 2, 0, 1, 2, 0]);
});

Deno.test("forever skips a busy worker", () => {
  const invoked = invocations(drive(forever(() => read), {
    concurrency: 2,
    gapMs: 1,
    maxOperations: 4,
    complete: (_, worker) => ({ type: "ok", afterMs: worker === 0 ? 1000 : 0 }),
  }));
  assertEquals(invoked.map(({ process }) => process), [0, 1, 1, 1]);
});

Deno.test("mix uses each of its sources equally often", () => {
  const sources = ["a", "b", "c"].map((f) => () => ({ f, value: null }));
  const invoked = invocations(
    drive(mix(new Random(1), sources), { concurrency: 1, maxOperations: 3000 }),
  );
  for (const source of ["a", "b", "c"]) {
    assertNear(invoked.filter(({ f }) => f === source).length, 1000, 90, source);
  }
});

Deno.test("oncePerWorker assigns one operation to each worker, to a busy one when it is free again", () => {
  const history = drive(oncePerWorker((worker) => ({ f: "read", value: worker })), {
    concurrency: 3,
    complete: () => ({ type: "info", afterMs: 5 }),
  });
  const invoked = invocations(history);
  assertEquals(invoked.map(({ process, value }) => [process, value]), [[0, 0], [1, 1], [2, 2]]);
  assertEquals(history.length, 6);
});

Deno.test("withTimeLimit counts from the first call", () => {
  const invoked = invocations(
    drive(withTimeLimit(100, forever(() => read)), { concurrency: 1, gapMs: 30, startMs: 5000 }),
  );
  assertEquals(invoked.map(({ time }) => time / 1e6), [5000, 5030, 5060, 5090]);
});

Deno.test("withTimeLimit ends a pending generator", () => {
  const limited = withTimeLimit(100, { next: () => ({ pending: true, untilMs: 10_000 }) });
  const context = { free: [0], concurrency: 1, processOf: (worker: number) => worker };
  assertEquals(limited.next({ ...context, nowMs: 50 }), { pending: true, untilMs: 150 });
  assertEquals(limited.next({ ...context, nowMs: 149 }), { pending: true, untilMs: 150 });
  assertEquals(limited.next({ ...context, nowMs: 150 }), undefined);
});

Deno.test("withTimeLimit forwards updates", () => {
  const seen: unknown[] = [];
  const limited = withTimeLimit(100, {
    ...forever(() => read),
    update: ({ type }, worker) => seen.push([type, worker]),
  });
  drive(limited, { concurrency: 2, maxOperations: 1 });
  assertEquals(seen, [["invoke", 0], ["ok", 0]]);
});
