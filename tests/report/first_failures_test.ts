import { assertEquals } from "std/testing";
import type { Operation } from "../../lib/history/mod.ts";
import { FirstFailures } from "../../lib/report/mod.ts";

function event(type: string, process: number | "nemesis", timeMs: number, more = {}): Operation {
  return {
    index: 0,
    type,
    process,
    time: timeMs * 1e6,
    f: "read",
    value: null,
    ...more,
  } as Operation;
}

Deno.test("the first failure for each reason is described with its node, at most three", () => {
  const failures = new FirstFailures(["n0", "n1"], 2);
  const fail = (process: number, timeMs: number, error: unknown) => {
    failures.observe(event("invoke", process, timeMs - 5000));
    return failures.observe(event("fail", process, timeMs, { error }));
  };
  assertEquals(failures.observe(event("invoke", 0, 0)), undefined);
  assertEquals(failures.observe(event("ok", 0, 1)), undefined);
  assertEquals(failures.observe(event("info", "nemesis", 1)), undefined);
  assertEquals(
    fail(3, 6200, "net-timeout"),
    "6.2 s: read at n1 did not succeed: no reply within 5 s",
  );
  assertEquals(fail(2, 7000, "net-timeout"), undefined);
  assertEquals(
    fail(2, 7000, ["crash", "boom"]),
    '7.0 s: read at n0 did not succeed: error crash ("boom")',
  );
  assertEquals(fail(2, 7000, ["abort", "x"])?.includes("error abort"), true);
  assertEquals(fail(2, 7000, ["precondition-failed", "x"]), undefined);
});
