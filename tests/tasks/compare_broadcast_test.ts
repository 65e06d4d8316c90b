import { assert, assertEquals, assertRejects } from "std/testing";
import { broadcastFlags } from "../../nodes/broadcast.ts";
import { BadArguments } from "../../tasks/cli/exit_code.ts";
import { compareBroadcast } from "../../tasks/compare/broadcast.ts";
import { CONTENDERS } from "../../tasks/compare/broadcast_contenders.ts";
import { NODE_DEFAULTS } from "../../tasks/compare/broadcast_expectation.ts";

interface Kept {
  readonly setting: string;
  readonly figures: readonly {
    readonly name: string;
    readonly valid: boolean;
    readonly expected: number;
    readonly messagesPerOperation: { readonly mean: number };
    readonly converged: number | null;
  }[];
}

async function compare(...args: string[]): Promise<Kept & { code: number; files: string[] }> {
  const out = Deno.makeTempDirSync();
  const setting = ["--node-count", "9", "--time-limit", "4", "--seeds", "1", "--out", out];
  const code = await compareBroadcast([...setting, ...args]);
  const files = [...Deno.readDirSync(out)].map(({ name }) => name).toSorted();
  const json = files.find((name) => name.endsWith(".json")) as string;
  const kept = JSON.parse(Deno.readTextFileSync(`${out}/${json}`)) as Kept;
  Deno.removeSync(out, { recursive: true });
  return { ...kept, code, files };
}

Deno.test("a comparison of broadcast measures every strategy, and comes near what is expected", async () => {
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

Deno.test("under faults a comparison of broadcast shows when all nodes agree, and flood does not", async () => {
  const faults = ["--nemesis", "partition", "--nemesis-interval", "1", "--latency", "0"];
  const { figures, code, files } = await compare(...faults);
  assertEquals(files, ["broadcast-faults.json", "broadcast-faults.svg"]);
  assertEquals(code, 0);
  for (const { name, valid, converged } of figures) {
    assertEquals(valid, name !== "flood", name);
    if (name !== "flood") assert(converged !== null && converged < 1000, `${name}: ${converged}`);
  }
});

Deno.test("a comparison of broadcast refuses what it does not know", async () => {
  await assertRejects(() => compareBroadcast(["--rate", "0"]), BadArguments);
  await assertRejects(() => compareBroadcast(["loud"]), BadArguments);
});

Deno.test("what is expected on paper is expected of the node's defaults", () => {
  const defaults: Record<string, number> = {
    hub: broadcastFlags.interval.initial,
    mesh: broadcastFlags["repair-interval"].initial,
    plumtree: broadcastFlags["lazy-interval"].initial,
    batch: broadcastFlags["batch-interval"].initial,
  };
  const expected = CONTENDERS.filter(({ isDefault, interval }) => isDefault && !isNaN(interval));
  assertEquals(
    Object.fromEntries(expected.map(({ name, interval }) => [name, interval * 1000])),
    defaults,
  );
  for (const [name, value] of Object.entries(NODE_DEFAULTS)) {
    assertEquals(value, broadcastFlags[name as keyof typeof NODE_DEFAULTS].initial, name);
  }
});
