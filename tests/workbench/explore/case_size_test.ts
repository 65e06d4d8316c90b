import { assert, assertEquals } from "std/testing";
import { caseSize, describeSize } from "../../../lib/workbench/explore/case_size.ts";
import { generateCase } from "../../../lib/workbench/explore/swarm.ts";
import type { TestCase } from "../../../lib/workbench/explore/test_case.ts";
import { CORRECT } from "./planted.ts";

const usual = generateCase(CORRECT.config, "1");
const { options, schedule } = usual;

function withOptions(changes: Partial<TestCase["options"]>): TestCase {
  return { ...usual, options: { ...options, ...changes } };
}

const larger: Readonly<Record<string, TestCase>> = {
  "one more node": withOptions({ nodes: [...options.nodes, "n99"] }),
  "one more client": withOptions({ concurrency: options.concurrency + 1 }),
  "one more second": withOptions({ timeLimitSeconds: options.timeLimitSeconds + 1 }),
  "a higher rate": withOptions({ ratePerSecond: options.ratePerSecond + 1 }),
  "longer transactions": withOptions({ maxTxnLength: options.maxTxnLength + 1 }),
  "more latency": withOptions({
    latency: { ...options.latency, meanMs: options.latency.meanMs + 1 },
  }),
  "one more event": { ...usual, schedule: [...schedule, ...schedule.slice(-1)] },
  "a slow disk": { ...usual, diskLatencyMs: (usual.diskLatencyMs ?? 0) + 1 },
  "one more flag": { ...usual, flags: { ...usual.flags, extra: 1 } },
};

for (const [name, testCase] of Object.entries(larger)) {
  Deno.test(`a case with ${name} is larger`, () => {
    assert(caseSize(testCase) > caseSize(usual), `${caseSize(testCase)} > ${caseSize(usual)}`);
  });
}

Deno.test("a case with random latencies is larger than one with constant latencies", () => {
  const size = (distribution: "constant" | "uniform") =>
    caseSize(withOptions({ latency: { meanMs: 10, distribution } }));
  assert(size("uniform") > size("constant"));
});

Deno.test("the size of a case is a sum of weights", () => {
  const sizeWith = (changes: Partial<TestCase>) =>
    caseSize({ ...usual, schedule: [], ...changes }) - caseSize({ ...usual, schedule: [] });
  const event = (plan: unknown, at = 0) => [{ at, f: "start-kill", value: null, plan }];
  assertEquals(sizeWith({ schedule: event(null) }), 10);
  assertEquals(sizeWith({ schedule: event(null, 3000) }), 13);
  assertEquals(sizeWith({ schedule: event({ messages: [1, 2] }) }), 12);
  assertEquals(sizeWith({ schedule: event({ nodes: ["n1", "n2", null] }) }), 17);
  assertEquals(sizeWith({ schedule: event({ probability: 0.5, seed: "s" }) }), 117);
  const latencyOf = (distribution: "constant" | "uniform" | "exponential") =>
    sizeWith({ options: { ...options, latency: { meanMs: 10, distribution } } });
  assertEquals(latencyOf("uniform") - latencyOf("constant"), 1);
  assertEquals(latencyOf("exponential") - latencyOf("constant"), 1);
  assertEquals(sizeWith({ diskLatencyMs: 3 }), 3 - (usual.diskLatencyMs ?? 0));
  const base = caseSize({ ...usual, finalWorkers: [] });
  assertEquals(caseSize({ ...usual, finalWorkers: [0, 1] }) - base, 10);
});

Deno.test("the size of a case is described for people", () => {
  const { bin, args, serialDelivery } = usual;
  const testCase: TestCase = {
    ...{ bin, args, serialDelivery, schedule: [], mostOperations: 0 },
    options: {
      ...options,
      nodes: ["n0"],
      concurrency: 2,
      timeLimitSeconds: 5,
      ratePerSecond: 10,
      latency: { meanMs: 0, distribution: "constant" },
      nemesis: ["kill", "loss"],
    },
  };
  const loss = (messages: readonly number[]) => ({
    at: 0,
    f: "start-loss",
    value: null,
    plan: { messages },
  });
  const described = (changes: Partial<TestCase>) => describeSize({ ...testCase, ...changes });
  assertEquals(
    described({}),
    "1 node · 2 workers · 5 s at rate 10 · 0 operations before the final phase · no faults",
  );
  const rest = (changes: Partial<TestCase>) => described(changes).split(" · ").slice(3).join(" · ");
  assertEquals(rest({ mostOperations: 1 }), "at most 1 operation · no faults");
  // Random gaps: a run may have twice the operations of its rate.
  assertEquals(rest({ mostOperations: 1000 }), "at most 100 operations · no faults");
  assertEquals(
    rest({ mostOperations: 7, diskLatencyMs: 3, flags: { a: 1 }, schedule: [loss([4])] }),
    "at most 7 operations · fsync 3 ms · --a 1 · 1 lost message",
  );
  assertEquals(
    rest({ schedule: [loss([4, 5])] }),
    "0 operations before the final phase · 2 lost messages",
  );
  assertEquals(
    rest({ schedule: [loss([4]), { ...loss([5]), f: "start-kill", plan: null }] }),
    "0 operations before the final phase · 2 fault events (kill, loss)",
  );
  const latency = { meanMs: 3, distribution: "uniform" } as const;
  assertEquals(
    rest({ options: { ...testCase.options, latency } }),
    "0 operations before the final phase · latency 3 ms uniform · no faults",
  );
});
