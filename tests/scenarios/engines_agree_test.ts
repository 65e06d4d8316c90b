import { assert, assertEquals } from "std/testing";
import type { Verdict } from "../../lib/check/mod.ts";
import { REFERENCE_NODES } from "../support/nodes/mod.ts";
import { PROJECT_NODES } from "../support/project_nodes.ts";
import {
  anomaliesOf,
  type Outcome,
  runAsProcesses,
  runSimulated,
  type TestedNode,
} from "../support/tested_node.ts";

/** Most of a run as processes is spent waiting, so several go side by side. */
const AT_A_TIME = 6;
const SEED = 1;

/**
 * By how much the engines may differ in messages between servers per operation: a fifth, and a
 * tenth of a message for what is sent now and then whatever is asked.
 */
const TOLERANCE = { relative: 0.2, absolute: 0.1 };
/**
 * A machine that is too busy to answer in time measures itself, and the few operations that clients
 * manage show no fault. So whoever disagrees is run again, alone and with more rest before the end.
 */
const ATTEMPTS = 4;
const PATIENT_QUIESCENCE_MS = 5000;
/** Each process takes a while to start: no more of them than it takes to see messages between them. */
const MOST_NODES = 3;

interface Judged extends TestedNode {
  /** By what it is to be found; undefined when it is to be valid. */
  readonly anomaly: string | undefined;
}

const ALL: readonly Judged[] = [
  ...REFERENCE_NODES,
  ...PROJECT_NODES.map((node) => ({ ...node, anomaly: undefined })),
].map((node) => ({ ...node, nodeCount: Math.min(node.nodeCount, MOST_NODES) }));

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

/** Operations a second that clients managed: a busy machine manages fewer than it is asked for. */
function rateOf({ results }: Outcome, { options: { timeLimit = 1 } }: TestedNode): number {
  const { count } = results["stats"] as { readonly count: number };
  return Math.max(1, count / timeLimit);
}

function serverMessagesPerOperation({ results }: Outcome): number {
  const { servers } = results["net"] as { readonly servers: Record<string, number> };
  return servers["msgs-per-op"] as number;
}

/** Whether a run came out as it is to: valid, or invalid by the right anomaly. */
function isAsExpected({ anomaly }: Judged, { results }: Outcome): boolean {
  if (anomaly === undefined) return results["valid?"] === true;
  return results["valid?"] === false &&
    anomaliesOf(results["workload"] as Verdict).has(anomaly);
}

function describe({ results, logs }: Outcome): string {
  return `${Deno.inspect(results, { depth: 5 })}\n${logs.slice(-10).join("\n")}`;
}

function titleOf({ workload, file, args, anomaly }: Judged): string {
  const name = file.includes("/tests/") ? "reference node" : "node";
  const expected = anomaly === undefined ? "valid" : `invalid, with ${anomaly}`;
  return [`${workload}, ${name}`, ...args, `is ${expected} on both engines`].join(" ");
}

/** In what a run as processes differs from one simulated; undefined when in nothing. */
async function disagreement(node: Judged, real: Outcome): Promise<string | undefined> {
  if (!isAsExpected(node, real)) return `as processes: ${describe(real)}`;
  // At the same load: what is sent at intervals is more an operation where there are fewer.
  const simulated = await runSimulated(node, SEED, { options: { rate: rateOf(real, node) } });
  const [one, other] = [serverMessagesPerOperation(real), serverMessagesPerOperation(simulated)];
  const allowed = TOLERANCE.relative * other + TOLERANCE.absolute;
  if (Math.abs(one - other) <= allowed) return undefined;
  return `${one} messages between servers an operation as processes, ${other} simulated`;
}

Deno.test("processes and simulation agree on every node", async (test) => {
  const outcomes = await inParallel(ALL, (node) => runAsProcesses(node, SEED));
  for (const [place, node] of ALL.entries()) {
    await test.step(titleOf(node), async () => {
      const simulated = await runSimulated(node, SEED);
      assert(isAsExpected(node, simulated), `simulated: ${describe(simulated)}`);
      let real = outcomes[place] as Outcome;
      let problem = await disagreement(node, real);
      for (let attempt = 2; problem !== undefined && attempt <= ATTEMPTS; attempt++) {
        real = await runAsProcesses(node, SEED, { quiescenceMs: PATIENT_QUIESCENCE_MS });
        problem = await disagreement(node, real);
      }
      assertEquals(problem, undefined);
    });
  }
});
