/**
 * Monotonic reads: what a node has shown, it shows to all clients that read later.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import type { Operation } from "../../../lib/history/mod.ts";
import type { Node } from "../../../lib/node/mod.ts";
import {
  exploreSeed,
  simEngineFactory,
  type SwarmConfig,
} from "../../../lib/workbench/explore/mod.ts";
import { checkMonotonicReads } from "../../../lib/workbench/explore/monotonic_reads.ts";
import { findWorkload, type Workload } from "../../../lib/workload/mod.ts";

type Part = Pick<Operation, "process" | "type" | "value">;

/** Returns the messages about two nodes with two workers each. */
function messages(workload: string, ...parts: readonly (Part & { readonly f?: string })[]) {
  const history = parts.map((part, index) => ({ index, time: index, f: "read", ...part }));
  const reads = findWorkload(workload)?.reads;
  const verdict = checkMonotonicReads(history, reads, { concurrency: 4, nodes: ["n0", "n1"] });
  if (verdict["valid?"] === "unknown") return "unknown";
  assertEquals(verdict["maelstrom-valid?"], verdict["valid?"] === true ? undefined : true);
  return (verdict.explanations as { message: string }[] ?? []).map(({ message }) => message);
}

const begin = (process: number): Part => ({ process, type: "invoke", value: null });
const end = (process: number, value: unknown): Part => ({ process, type: "ok", value });
const read = (process: number, value: unknown) => [begin(process), end(process, value)];
const kill = {
  process: "nemesis",
  type: "info",
  f: "start-kill",
  value: { n0: "killed" },
} as const;
const start = { ...kill, f: "stop-kill", value: { n0: "started" } } as const;

Deno.test("a counter must not go back at a node, whichever client reads", () => {
  const lower = ["n0 showed the counter as 5 to a client, and to a later one as 4"];
  assertEquals(messages("g-counter", ...read(0, 5), ...read(2, 4)), lower);
  assertEquals(messages("g-counter", ...read(0, 5), ...read(4, 4)), lower);
  assertEquals(messages("g-counter", ...read(0, 5), ...read(2, 5), ...read(0, 6)), []);
  assertEquals(messages("g-counter", ...read(0, 3), ...read(0, 5), ...read(2, 4)), lower);
  assertEquals(messages("g-counter", ...read(0, 5), ...read(1, 4)), [], "another node");
});

Deno.test("a read must show only what was shown before it began", () => {
  assertEquals(messages("g-counter", begin(0), ...read(2, 5), end(0, 4)), []);
  assertEquals(messages("g-counter", begin(0), ...read(2, 5), end(0, 4), ...read(2, 4)), [
    "n0 showed the counter as 5 to a client, and to a later one as 4",
  ]);
  const failed: Part = { process: 0, type: "info", value: null };
  assertEquals(messages("g-counter", ...read(0, 5), begin(0), failed, ...read(2, 5)), []);
});

Deno.test("elements of a set must not vanish at a node", () => {
  assertEquals(messages("g-set", ...read(0, [1, 2]), ...read(2, [2, 3])), [
    "n0 showed 1 to a client, and to a later one no more",
  ]);
  assertEquals(messages("broadcast", ...read(0, [1]), ...read(2, [2, 1])), []);
});

Deno.test("a restart of the node may take back what it has shown", () => {
  assertEquals(messages("g-counter", ...read(0, 5), kill, start, ...read(0, 4)), []);
  assertEquals(messages("g-counter", begin(0), kill, end(0, 5), start, ...read(2, 4)), []);
  assertEquals(messages("g-counter", ...read(1, 5), kill, start, ...read(1, 4)), [
    "n1 showed the counter as 5 to a client, and to a later one as 4",
  ]);
  const partition = { ...kill, f: "start-partition", value: { n0: ["n1"] } };
  assert(messages("g-counter", ...read(0, 5), partition, ...read(0, 4)).length > 0);
});

Deno.test("a state that may shrink is not judged", () => {
  assertEquals(messages("pn-counter", ...read(0, 5), ...read(0, 4)), "unknown");
  assertEquals(messages("echo"), "unknown");
});

Deno.test("explore finds non-monotonic reads of nodes that claim to have none", async () => {
  /** A counter on one node that shows its first total from time to time, but not in the end. */
  const forgetful = (node: Node) => {
    let total = 0;
    let reads = 0;
    node.on("add", ({ delta }) => {
      total += delta as number;
      return { type: "add_ok" };
    });
    node.on("read", () => {
      const isEarly = node.monotonic() < 1000;
      return { type: "read_ok", value: isEarly && ++reads % 2 === 0 ? 0 : total };
    });
  };
  const config: SwarmConfig = {
    workload: findWorkload("g-counter") as Workload,
    bin: "",
    args: [],
    faults: [],
    fixedOptions: { nodes: ["n0"], ratePerSecond: 100 },
  };
  const failures = async (monotonicReads: boolean) => {
    const found = new Set<string>();
    for (let seed = 0; seed < 5; seed++) {
      const claiming = { ...config, monotonicReads };
      const report = await exploreSeed(claiming, seed, simEngineFactory(forgetful));
      for (const entry of report.failure) found.add(entry);
    }
    return [...found];
  };
  assertEquals(await failures(false), []);
  assertEquals(await failures(true), ["monotonic-reads: non-monotonic-read"]);
});
