import { assertEquals } from "std/testing";
import type { Operation } from "../../lib/history/mod.ts";
import { proofOf } from "../../lib/report/mod.ts";

const SECOND = 1e9;

/** A run of one operation a second at n0 (process 0) and n1 (process 1), in turn. */
function runWith(message: string, valid = false) {
  const history: Operation[] = [];
  const journal: Parameters<typeof proofOf>[0]["journal"][number][] = [];
  for (let number = 0; number < 100; number++) {
    const process = number % 2;
    const time = number * SECOND;
    const common = { process, f: "read", value: null };
    history.push({ index: 2 * number, time, type: "invoke", ...common } as Operation);
    history.push({ index: 2 * number + 1, time: time + 10, type: "ok", ...common } as Operation);
    const request = { src: `c${process}`, dest: `n${process}`, body: { type: "read" } };
    const reply = { src: `n${process}`, dest: `c${process}`, body: { type: "read_ok" } };
    for (const [offset, sent] of [request, reply].entries()) {
      const id = 2 * number + offset;
      journal.push({ type: "send", time: time + offset, id, message: sent });
      journal.push({ type: "recv", time: time + offset, id, message: sent });
    }
  }
  const workload = { "valid?": valid, explanations: [{ message }] };
  return {
    history,
    journal,
    nodes: ["n0", "n1"],
    concurrency: 2,
    results: { "valid?": valid, workload },
  };
}

Deno.test("a proof is the messages around the operations that the first reason names", () => {
  const run = runWith(
    "0 was in the set at operation 41 (add of process 0); operation 120 lacks it",
  );
  const { events, marks } = proofOf(run);
  assertEquals([...marks], [[40, "operation 40 (read)"], [120, "operation 120 (read)"]]);
  const seconds = [...new Set(events.map(({ time }) => Math.floor(time / SECOND)))];
  assertEquals(seconds.includes(20) && seconds.includes(60), true);
  assertEquals(seconds.includes(0) || seconds.includes(45) || seconds.includes(99), false);
});

Deno.test("without a reason that names an operation, all messages are shown", () => {
  for (const run of [runWith("nothing"), runWith("operation 999 is unknown"), runWith("x", true)]) {
    const { events, marks } = proofOf(run);
    assertEquals([events, marks.size], [run.journal, 0]);
  }
});
