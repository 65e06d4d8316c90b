import { assert, assertEquals, assertRejects } from "std/testing";
import { UsageError } from "../../lib/base/mod.ts";
import { DEFAULT_INTERVAL_MS } from "../../lib/protocol/broadcast/mod.ts";
import { broadcastFlags } from "../../nodes/broadcast.ts";
import { compareBroadcast } from "../../tasks/compare/broadcast.ts";
import { NODE_DEFAULTS } from "../../tasks/compare/broadcast_model.ts";
import { VARIANTS } from "../../tasks/compare/broadcast_variants.ts";

interface SavedReport {
  readonly setting: string;
  readonly figures: readonly {
    readonly name: string;
    readonly valid: boolean;
    readonly expected: number;
    readonly messagesPerOperation: { readonly mean: number };
    readonly converged: number | null;
  }[];
}

async function compare(
  ...args: string[]
): Promise<SavedReport & { code: number; files: string[] }> {
  const out = Deno.makeTempDirSync();
  const setting = ["--node-count", "9", "--time-limit", "4", "--seeds", "1", "--out", out];
  const code = await compareBroadcast([...setting, ...args]);
  const files = [...Deno.readDirSync(out)].map(({ name }) => name).toSorted();
  const json = files.find((name) => name.endsWith(".json")) as string;
  const saved = JSON.parse(Deno.readTextFileSync(`${out}/${json}`)) as SavedReport;
  Deno.removeSync(out, { recursive: true });
  return { ...saved, code, files };
}

Deno.test("compare broadcast measures every variant within 40 % of the model", async () => {
  const { figures, setting, code, files } = await compare();
  assertEquals(setting, "9 nodes, 4 s at rate 100, latency 100 ms constant, 1 run of each");
  assertEquals(files, ["broadcast.json", "broadcast.svg"]);
  assertEquals([code, figures.length], [0, 9]);
  for (const { name, valid, expected, messagesPerOperation } of figures) {
    assert(valid, name);
    assert(messagesPerOperation.mean < 1.4 * expected, `${name}: ${expected}`);
    assert(messagesPerOperation.mean > 0.7 * expected, `${name}: ${expected}`);
  }
});

Deno.test("compare broadcast measures convergence under faults, and reports the values that flood loses", async () => {
  const faults = ["--nemesis", "partition", "--nemesis-interval", "1", "--latency", "0"];
  const { figures, code, files } = await compare(...faults);
  assertEquals(files, ["broadcast-faults.json", "broadcast-faults.svg"]);
  assertEquals(code, 0);
  for (const { name, valid, converged } of figures) {
    assertEquals(valid, name !== "flood", name);
    if (name !== "flood") assert(converged !== null && converged < 1000, `${name}: ${converged}`);
  }
});

Deno.test("compare broadcast rejects invalid arguments", async () => {
  await assertRejects(() => compareBroadcast(["--rate", "0"]), UsageError);
  await assertRejects(() => compareBroadcast(["loud"]), UsageError);
});

Deno.test("the model uses the defaults of the node", () => {
  const intervalsMs = VARIANTS.flatMap(({ name, isDefault, intervalSeconds }) =>
    isDefault && !isNaN(intervalSeconds) ? [[name, intervalSeconds * 1000]] : []
  );
  assertEquals(Object.fromEntries(intervalsMs), DEFAULT_INTERVAL_MS);
  for (const [name, value] of Object.entries(NODE_DEFAULTS)) {
    assertEquals(value, broadcastFlags[name as keyof typeof NODE_DEFAULTS].default, name);
  }
});
