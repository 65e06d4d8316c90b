import { assert } from "std/testing";
import { caseSize } from "../../../lib/workbench/explore/case_size.ts";
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
