import { assert, assertEquals } from "std/testing";
import type { Verdict } from "../../lib/check/mod.ts";
import { REFERENCE_NODES } from "../support/reference_nodes.ts";
import { PROJECT_NODES } from "../support/project_nodes.ts";
import {
  anomaliesOf,
  type Outcome,
  runAsProcesses,
  runSimulated,
  type TestedNode,
} from "../support/tested_node.ts";

/** Process runs mostly wait, so several run concurrently. */
const MAX_CONCURRENT_RUNS = 6;
const SEED = 1;

/**
 * The allowed difference between the engines, in server messages per operation. The absolute part is
 * for messages that nodes send at intervals, independent of operations.
 */
const TOLERANCE = { relative: 0.2, absolute: 0.1 };
/**
 * On an overloaded machine nodes reply late, and clients make too few operations to show a fault. So
 * a node whose runs disagree runs again, alone and with a longer quiescence.
 */
const MAX_ATTEMPTS = 4;
const RETRY_QUIESCENCE_MS = 5000;
/** Processes start slowly, so clusters are just large enough for messages between nodes. */
const MAX_NODES = 3;

interface ExpectedNode extends TestedNode {
  /** The anomaly that the checker must report; undefined if the run must be valid. */
  readonly anomaly: string | undefined;
}

const ALL: readonly ExpectedNode[] = [
  ...REFERENCE_NODES,
  ...PROJECT_NODES.map((node) => ({ ...node, anomaly: undefined })),
].map((node) => ({ ...node, nodeCount: Math.min(node.nodeCount, MAX_NODES) }));

/** Runs a function on all items, several concurrently. Returns the results in the items' order. */
async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  async function runWorker(): Promise<void> {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as T);
    }
  }
  await Promise.all(Array.from({ length: MAX_CONCURRENT_RUNS }, runWorker));
  return results;
}

/** The operations per second that clients made; fewer than requested on an overloaded machine. */
function measuredRate(
  { results }: Outcome,
  { options: { timeLimitSeconds = 1 } }: TestedNode,
): number {
  const { count } = results["stats"] as { readonly count: number };
  return Math.max(1, count / timeLimitSeconds);
}

function serverMessagesPerOperation({ results }: Outcome): number {
  const { servers } = results["net"] as { readonly servers: Record<string, number> };
  return servers["msgs-per-op"] as number;
}

/** Whether a run has the expected verdict: valid, or invalid with the expected anomaly. */
function isAsExpected({ anomaly }: ExpectedNode, { results }: Outcome): boolean {
  if (anomaly === undefined) return results["valid?"] === true;
  return results["valid?"] === false &&
    anomaliesOf(results["workload"] as Verdict).has(anomaly);
}

function describe({ results, logs }: Outcome): string {
  return `${Deno.inspect(results, { depth: 5 })}\n${logs.slice(-10).join("\n")}`;
}

function titleOf({ workload, file, args, anomaly }: ExpectedNode): string {
  const name = file.includes("/examples/") ? "reference node" : "node";
  const expected = anomaly === undefined ? "valid" : `invalid, with ${anomaly}`;
  return [`${workload}, ${name}`, ...args, `is ${expected} on both engines`].join(" ");
}

/** Describes how a process run differs from a simulated run; undefined if they agree. */
async function disagreement(node: ExpectedNode, real: Outcome): Promise<string | undefined> {
  if (!isAsExpected(node, real)) return `as processes: ${describe(real)}`;
  // At the measured ratePerSecond: messages sent at intervals count more where operations are fewer.
  const simulated = await runSimulated(node, SEED, {
    options: { ratePerSecond: measuredRate(real, node) },
  });
  const [asProcesses, inSimulation] = [
    serverMessagesPerOperation(real),
    serverMessagesPerOperation(simulated),
  ];
  const allowed = TOLERANCE.relative * inSimulation + TOLERANCE.absolute;
  if (Math.abs(asProcesses - inSimulation) <= allowed) return undefined;
  return `server messages per operation: ${asProcesses} as processes, ${inSimulation} simulated`;
}

Deno.test("process engine and simulation agree on every node", async (test) => {
  const outcomes = await inParallel(ALL, (node) => runAsProcesses(node, SEED));
  for (const [index, node] of ALL.entries()) {
    await test.step(titleOf(node), async () => {
      const simulated = await runSimulated(node, SEED);
      assert(isAsExpected(node, simulated), `simulated: ${describe(simulated)}`);
      let real = outcomes[index] as Outcome;
      let problem = await disagreement(node, real);
      for (let attempt = 2; problem !== undefined && attempt <= MAX_ATTEMPTS; attempt++) {
        real = await runAsProcesses(node, SEED, { quiescenceMs: RETRY_QUIESCENCE_MS });
        problem = await disagreement(node, real);
      }
      assertEquals(problem, undefined);
    });
  }
});
