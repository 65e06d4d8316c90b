import { assert, assertEquals } from "std/testing";
import type { Verdict } from "../../lib/check/mod.ts";
import { simulate } from "../../lib/workbench/mod.ts";
import {
  findWorkload,
  type TestOptions,
  type Workload,
  WORKLOADS,
} from "../../lib/workload/mod.ts";
import { REFERENCE_NODES, type ReferenceNode } from "../support/nodes/mod.ts";
import { runProcessTest } from "../support/run_process_test.ts";

/** Most of a test's time is spent waiting, so several run side by side. */
const AT_A_TIME = 8;
const SEEDS = [1, 2, 3, 4, 5];

/** What came of a run: the whole results, and what the nodes logged. */
interface Outcome {
  readonly results: Verdict;
  readonly logs: readonly string[];
}

async function runAsProcesses(reference: ReferenceNode): Promise<Outcome> {
  const { workload, file, fault, nodeCount, options } = reference;
  const { results, logs } = await runProcessTest({
    bin: file,
    args: ["--fault", fault],
    nodeCount,
    options: { workload, ...options },
  });
  return { results, logs };
}

async function runSimulated(
  { workload, program, fault, nodeCount, options }: ReferenceNode,
  seed: number,
  more: Partial<TestOptions> = {},
): Promise<Outcome> {
  const { results, log } = await simulate({
    program,
    args: ["--fault", fault],
    workload: findWorkload(workload) as Workload,
    options: { ...options, ...more, nodes: nodeCount },
    seed,
  });
  return { results, logs: log.map(({ node, line }) => `${node}: ${line}`) };
}

/** Runs the function on all items, some at a time; the results in the items' order. */
async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  async function workSome(): Promise<void> {
    while (next < items.length) {
      const place = next++;
      results[place] = await work(items[place] as T);
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, workSome));
  return results;
}

/** The names of the anomalies that a workload's checker found. */
function anomaliesOf(verdict: Verdict): Set<string> {
  const named = ["anomaly-types", "error-types"].flatMap((key) => verdict[key] as string[] ?? []);
  const explained = verdict["explanations"] as { readonly type: string }[] | undefined ?? [];
  const failures = verdict["failures"] as unknown[] | undefined ?? [];
  return new Set([
    ...named,
    ...explained.map(({ type }) => type),
    ...(failures.length > 0 ? ["nonlinearizable"] : []),
  ]);
}

function titleOf({ workload, fault, anomaly }: ReferenceNode): string {
  return anomaly === undefined
    ? `a correct ${workload} node is not blamed`
    : `${workload} with the fault '${fault}' is found by ${anomaly}`;
}

function assertJudged({ anomaly }: ReferenceNode, { results, logs }: Outcome): void {
  const verdict = results["workload"] as Verdict;
  const seen = `${Deno.inspect(results, { depth: 5 })}\n${logs.slice(-10).join("\n")}`;
  if (anomaly === undefined) return assertEquals(results["valid?"], true, seen);
  assertEquals(results["valid?"], false, seen);
  assertEquals(verdict["valid?"], false, seen);
  assert(anomaliesOf(verdict).has(anomaly), seen);
}

Deno.test("reference nodes, run as processes", async (test) => {
  const outcomes = await inParallel(REFERENCE_NODES, runAsProcesses);
  for (const [place, reference] of REFERENCE_NODES.entries()) {
    const outcome = outcomes[place] as Outcome;
    await test.step(titleOf(reference), () => assertJudged(reference, outcome));
  }
});

Deno.test("reference nodes, simulated", async (test) => {
  for (const reference of REFERENCE_NODES) {
    await test.step(titleOf(reference), async () => {
      for (const seed of SEEDS) assertJudged(reference, await runSimulated(reference, seed));
    });
  }
});

Deno.test("correct reference nodes under latency and partitions, simulated", async (test) => {
  const hardship: Partial<TestOptions> = {
    timeLimit: 8,
    nemesis: ["partition"],
    nemesisInterval: 1,
    latency: { mean: 20, distribution: "exponential" },
  };
  for (const reference of REFERENCE_NODES.filter(({ anomaly }) => anomaly === undefined)) {
    await test.step(titleOf(reference), async () => {
      for (const seed of SEEDS) {
        const outcome = await runSimulated(reference, seed, hardship);
        assertJudged(reference, outcome);
        assertEquals(outcome.logs, []);
      }
    });
  }
});

Deno.test("every workload has a correct reference node, and faults planted in it", () => {
  for (const { name } of WORKLOADS) {
    const own = REFERENCE_NODES.filter(({ workload }) => workload === name);
    assertEquals(own.filter(({ anomaly }) => anomaly === undefined).length, 1, name);
    assert(own.length >= 3, `${name} has ${own.length - 1} faults`);
  }
  assert(REFERENCE_NODES.filter(({ fault }) => fault !== "none").length >= 20);
});
