import { assert, assertEquals } from "std/testing";
import type { Verdict } from "../../lib/check/mod.ts";
import { type TestOptions, WORKLOADS } from "../../lib/workload/mod.ts";
import { QUIESCENCE_MS } from "../../lib/workbench/quiescence.ts";
import { REFERENCE_NODES, type ReferenceNode } from "../support/reference_nodes.ts";
import { anomaliesOf, type Outcome, runSimulated } from "../support/tested_node.ts";

const SEEDS = [1, 2, 3];

function titleOf({ workload, fault, anomaly }: ReferenceNode): string {
  return anomaly === undefined
    ? `correct ${workload} node is valid`
    : `${workload} node with the fault '${fault}' is invalid with ${anomaly}`;
}

function assertJudged({ anomaly }: ReferenceNode, { results, logs }: Outcome): void {
  const verdict = results["workload"] as Verdict;
  const seen = `${Deno.inspect(results, { depth: 5 })}\n${logs.slice(-10).join("\n")}`;
  if (anomaly === undefined) return assertEquals(results["valid?"], true, seen);
  assertEquals(results["valid?"], false, seen);
  assertEquals(verdict["valid?"], false, seen);
  assert(anomaliesOf(verdict).has(anomaly), seen);
}

Deno.test("reference nodes, simulated", async (test) => {
  for (const reference of REFERENCE_NODES) {
    await test.step(titleOf(reference), async () => {
      for (const seed of SEEDS) assertJudged(reference, await runSimulated(reference, seed));
    });
  }
});

Deno.test("correct reference nodes under latency and partitions, simulated", async (test) => {
  const faultyNetwork: Partial<TestOptions> = {
    timeLimitSeconds: 8,
    nemesis: ["partition"],
    nemesisIntervalSeconds: 1,
    latency: { meanMs: 20, distribution: "exponential" },
  };
  for (const reference of REFERENCE_NODES.filter(({ anomaly }) => anomaly === undefined)) {
    await test.step(titleOf(reference), async () => {
      for (const seed of SEEDS) {
        const outcome = await runSimulated(reference, seed, {
          options: faultyNetwork,
          quiescenceMs: QUIESCENCE_MS,
        });
        assertJudged(reference, outcome);
        assertEquals(outcome.logs, []);
      }
    });
  }
});

Deno.test("every workload has a correct reference node and at least two planted faults", () => {
  for (const { name } of WORKLOADS) {
    const ofWorkload = REFERENCE_NODES.filter(({ workload }) => workload === name);
    assertEquals(ofWorkload.filter(({ anomaly }) => anomaly === undefined).length, 1, name);
    assert(ofWorkload.length >= 3, `${name} has ${ofWorkload.length - 1} faults`);
  }
  assert(REFERENCE_NODES.filter(({ fault }) => fault !== "none").length >= 20);
});

Deno.test("each example describes its planted faults and their anomalies", () => {
  for (const { file, fault, anomaly } of REFERENCE_NODES) {
    if (anomaly === undefined) continue;
    const rows = Deno.readTextFileSync(file).split("\n").map((line) => line.split("|"));
    const row = rows.find(([, name]) => name?.trim() === `\`${fault}\``);
    const expected = anomaly === "nonlinearizable" ? "not linearizable" : `\`${anomaly}\``;
    assertEquals(row?.[3]?.trim(), expected, `${file} ${fault}`);
  }
});
