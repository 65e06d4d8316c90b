import { assert, assertEquals } from "std/testing";
import { decodeHistoryEdn, type History, type Operation } from "../../lib/history/mod.ts";
import { simulate } from "../../lib/workbench/mod.ts";
import { findWorkload, type TestOptions, type Workload } from "../../lib/workload/mod.ts";
import { REFERENCE_NODES } from "../support/reference_nodes.ts";

/** Runs of the real Maelstrom against correct nodes, and their options. */
const runs: readonly [name: string, workload: string, nodes: number, Partial<TestOptions>][] = [
  ["echo-good", "echo", 1, { timeLimitSeconds: 4, ratePerSecond: 10 }],
  ["unique-ids-good", "unique-ids", 3, { timeLimitSeconds: 4, ratePerSecond: 100 }],
  ["broadcast-good", "broadcast", 5, { timeLimitSeconds: 5, ratePerSecond: 20 }],
  ["g-set-good", "g-set", 3, { timeLimitSeconds: 5, ratePerSecond: 20 }],
  ["g-counter-good", "g-counter", 3, { timeLimitSeconds: 5, ratePerSecond: 20 }],
  ["kafka-good", "kafka", 2, { timeLimitSeconds: 6, ratePerSecond: 100, concurrency: 4 }],
  ["lin-kv-good", "lin-kv", 2, { timeLimitSeconds: 5, ratePerSecond: 40, concurrency: 8 }],
  ["txn-list-append-good", "txn-list-append", 2, {
    timeLimitSeconds: 5,
    ratePerSecond: 100,
    concurrency: 8,
  }],
  ["txn-rw-register-good-strict", "txn-rw-register", 2, {
    timeLimitSeconds: 5,
    ratePerSecond: 100,
    concurrency: 8,
  }],
];

async function recorded(name: string): Promise<History> {
  const file = new URL(`../conformance/vectors/${name}/history.edn`, import.meta.url);
  return decodeHistoryEdn(await Deno.readTextFile(file), name);
}

async function ours(
  workload: string,
  nodes: number,
  options: Partial<TestOptions>,
): Promise<History> {
  const reference = REFERENCE_NODES.find((node) =>
    node.workload === workload && node.fault === "none"
  );
  assert(reference !== undefined);
  const { history } = await simulate(reference.program, findWorkload(workload) as Workload, {
    ...options,
    nodes,
  });
  return history;
}

/** The types that a value consists of, without the values and their number. */
function shapeOf(value: unknown): string {
  if (value === null || typeof value !== "object") return typeof (value ?? undefined);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  if (!Array.isArray(value)) {
    return `{${[...new Set(entries.map(([, item]) => shapeOf(item)))].sort()}}`;
  }
  return `[${[...new Set(value.map(shapeOf))].sort()}]`;
}

/** An operation without its data: type, function, shape of the value, names of other fields. */
function formOf({ type, f, value, final, error, extra }: Operation): string {
  const others = Object.keys(extra ?? {}).sort();
  return `${type} ${f} ${shapeOf(value)} ${final ?? ""} ${shapeOf(error)} ${others}`;
}

/** The number of operations of each form. */
function forms(history: History): Map<string, number> {
  const counts = new Map<string, number>();
  for (const operation of history) {
    counts.set(formOf(operation), (counts.get(formOf(operation)) ?? 0) + 1);
  }
  return counts;
}

/** Forms that occur often. A form that is rare in one run may be missing in another. */
function usualForms(history: History): string[] {
  return [...forms(history)].filter(([, count]) => count >= 8).map(([form]) => form);
}

Deno.test("operations have the forms that they have in histories recorded from Maelstrom", async () => {
  for (const [name, workload, nodes, options] of runs) {
    const [theirs, mine] = [await recorded(name), await ours(workload, nodes, options)];
    const [theirForms, myForms] = [forms(theirs), forms(mine)];
    for (const form of usualForms(theirs)) assert(myForms.has(form), `${name} lacks ${form}`);
    for (const form of usualForms(mine)) {
      assert(theirForms.has(form), `${name} has the additional ${form}`);
    }
  }
});

Deno.test("operations have the proportions that they have in histories recorded from Maelstrom", async () => {
  for (const [name, workload, nodes, options] of runs) {
    const [theirs, mine] = [await recorded(name), await ours(workload, nodes, options)];
    const fraction = (history: History, f: string) => {
      const invoked = history.filter(({ type, process }) =>
        // In Maelstrom only the first group of lin-kv's workers has readers; in ours every group.
        type === "invoke" && (workload !== "lin-kv" || (process as number) % 8 < 2 * nodes)
      );
      return invoked.filter((operation) => operation.f === f).length / invoked.length;
    };
    const functions = new Set([...theirs, ...mine].map(({ f }) => f));
    for (const f of functions) {
      const [expected, actual] = [fraction(theirs, f), fraction(mine, f)];
      assert(
        Math.abs(expected - actual) < 0.15,
        `${name}: fraction of ${f} is ${actual}, expected ${expected}`,
      );
    }
    assertEquals(functions.size, new Set(theirs.map(({ f }) => f)).size, name);
  }
});
