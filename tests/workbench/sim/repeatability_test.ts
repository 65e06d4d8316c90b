import { assertEquals } from "std/testing";
import { loadProgram, simulate, transcriptOf } from "../../../lib/workbench/sim/mod.ts";
import { workloads } from "../../../lib/workload/mod.ts";
import { PROBES } from "./ambient_probes.ts";
import type { Probe } from "./probes/probe.ts";

const LIBRARY = new URL("../../../lib/node/mod.ts", import.meta.url).href;
const folder = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

/** The line of the handler in a probe's module, which every report must name. */
const LINE = "HANDLER";

function moduleOf({ top = "", value }: Probe): string {
  return `import { type Node } from "${LIBRARY}";
${top}
export default function probe(node: Node) {
  node.on("echo", async ({ echo }) => {
    node.log(String(${value})); // ${LINE}
    return { type: "echo_ok", echo };
  });
}
`;
}

let probes = 0;

/** Stores a probe's module; returns its path. */
function store(probe: Probe): string {
  const path = `${folder}/probe_${probes++}.ts`;
  Deno.writeTextFileSync(path, moduleOf(probe));
  return path;
}

/** Runs a new instance of a probe's module; returns the run's files and reported calls. */
async function run(path: string) {
  const result = await simulate(await loadProgram(path), workloads.echo, {
    nodes: 2,
    timeLimitSeconds: 2,
    ratePerSecond: 5,
    seed: 1,
  });
  const { problems } = result;
  return {
    files: transcriptOf(result),
    calls: [...new Set(problems.map(({ problem }) => problem.replace("it called ", "")))],
    locations: problems.map(({ line }) => line),
  };
}

for (const [kind, probes] of Object.entries(PROBES)) {
  for (const probe of probes) {
    Deno.test(`a simulated node reaches ${kind}: ${probe.name}`, async () => {
      const path = store(probe);
      const [first, second] = [await run(path), await run(path)];
      assertEquals(first.calls, probe.calls);
      assertEquals(second, first, "two runs with one seed differ");
      const lines = moduleOf(probe).split("\n");
      const top = probe.top?.split("\n") ?? [];
      const expected = new Set([
        lines.findIndex((line) => line.includes(LINE)) + 1,
        ...top.map((_, index) => index + 2),
      ]);
      for (const location of first.locations) {
        const line = Number(/probe_\d+\.ts:(\d+):\d+/.exec(location)?.[1]);
        assertEquals(expected.has(line), true, `${location} is not in the probe's own line`);
      }
    });
  }
}

Deno.test("docs/REPEATABILITY.md lists all probes with what a simulation reports", () => {
  const table = Object.entries(PROBES).flatMap(([kind, probes]) =>
    probes.map(({ name, calls }) =>
      `| ${kind} | ${name} | ${
        calls.length === 0 ? "repeatable" : calls.map((call) => `names \`${call}\``).join(", ")
      } |`
    )
  ).join("\n");
  const path = new URL("../../../docs/REPEATABILITY.md", import.meta.url);
  const [, stored] = Deno.readTextFileSync(path).split("|---|---|---|\n");
  assertEquals(stored?.trim(), table);
});
