import { assert, assertEquals } from "std/testing";
import { withFault } from "../../tasks/planted/run_planted.ts";
import {
  caseSize,
  exploreSeed,
  generateCase,
  loadEngineFactory,
  runCase,
  shrink,
  type SwarmConfig,
} from "../../lib/workbench/explore/mod.ts";
import { checkDeterminism, loadAnyProgram, simulate } from "../../lib/workbench/sim/mod.ts";
import { findWorkload, type Workload, workloads } from "../../lib/workload/mod.ts";
import { buildGoWasm } from "../support/build_go.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";
import { testWith } from "../support/run_example.ts";

/** A slip in one of the Go examples, and the number of seeds within which explore must find it. */
interface Slip {
  readonly example: string;
  readonly workload: string;
  readonly from: string;
  readonly to: string;
  /** The faults to explore; {@link FAULTS} by default. */
  readonly faults?: readonly string[];
}

const MAX_SEEDS = 60;
const MAX_SHRINK_RUNS = 12;
const DISK_FAULTS = ["kill", "disk"];
const FAULTS = ["partition", "loss", "duplicate", "reorder", "pause"];

const SLIPS: Readonly<Record<string, Slip>> = {
  "broadcast forgets values that it has sent once": {
    example: "broadcast",
    workload: "broadcast",
    from: 'n.send(neighbour, body{Type: "gossip", Values: added})',
    to: 'n.send(neighbour, body{Type: "gossip", Values: added})\n' +
      "\t\tn.pending[neighbour] = set{}",
  },
  "broadcast takes any acknowledgement for all values": {
    example: "broadcast",
    workload: "broadcast",
    from: "delete(n.pending[request.Src], value)",
    to: "_ = value\n\t\t\tn.pending[request.Src] = set{}",
  },
  "g_counter adds counts instead of keeping the higher one": {
    example: "g_counter",
    workload: "g-counter",
    from: "n.counts[id] = count\n",
    to: "n.counts[id] += count\n",
  },
  "g_counter counts changes as acknowledged when they are sent": {
    example: "g_counter",
    workload: "g-counter",
    from: 'n.send(peer, body{Type: "gossip", Counts: n.counts, Version: n.version})',
    to: 'n.send(peer, body{Type: "gossip", Counts: n.counts, Version: n.version})\n' +
      "\t\t\t\tn.acknowledged[peer] = n.version",
  },
  "kafka stores a repeated send again": {
    example: "kafka",
    workload: "kafka",
    from: "if _, ok := seen[received.MsgID]; !ok {",
    to: "if _, ok := seen[-received.MsgID]; !ok {",
  },
  "lin_kv acknowledges a change before it is durable": {
    example: "lin_kv",
    workload: "lin-kv",
    from: "if err := n.file.Sync(); err != nil {",
    to: "if err := error(nil); err != nil {",
    faults: DISK_FAULTS,
  },
};

function configOf({ workload, faults = FAULTS }: Slip, bin: string): SwarmConfig {
  return {
    bin,
    workload: findWorkload(workload) as Workload,
    args: [],
    faults,
    fixedOptions: faults === DISK_FAULTS
      ? { nodes: ["n0"], timeLimitSeconds: 3, ratePerSecond: 100, keyCount: 2 }
      : { nodes: ["n0", "n1", "n2"], timeLimitSeconds: 4, ratePerSecond: 10 },
    agreement: false,
  };
}

testWith("go", "slips in the Go examples are found, and their cases shrink", async () => {
  await inTemporaryFolder(async (folder) => {
    for (const [name, slip] of Object.entries(SLIPS)) {
      const { example, workload, from, to } = slip;
      const source = `examples/go/${example}/main.go`;
      const fault = { name, file: source, from, to, subject: workload };
      const copy = `${folder}/${example}.go`;
      Deno.writeTextFileSync(copy, withFault(fault, Deno.readTextFileSync(source)));
      const broken = await loadEngineFactory({ path: await buildGoWasm(copy, folder) });
      const correct = await loadEngineFactory({
        path: await buildGoWasm(`./${example}`, folder, "examples/go"),
      });
      const config = configOf(slip, copy);
      let seed = 0;
      let { failure } = await exploreSeed(config, seed, broken);
      while (failure.length === 0 && ++seed < MAX_SEEDS) {
        ({ failure } = await exploreSeed(config, seed, broken));
      }
      assert(failure.length > 0, `${name}: no seed below ${MAX_SEEDS} failed`);
      assertEquals((await exploreSeed(config, seed, correct)).failure, [], `${name}: seed ${seed}`);
      const found = { case: generateCase(config, String(seed)), failure };
      const { runs: _, ...shrunk } = await shrink(
        found,
        async (testCase) => (await runCase(testCase, broken)).failure,
        { maxRuns: MAX_SHRINK_RUNS },
      );
      assert(caseSize(shrunk.case) < caseSize(found.case), `${name}: not smaller`);
      assertEquals((await runCase(shrunk.case, broken)).failure, shrunk.failure, name);
    }
  });
});

testWith("go", "the Go examples are simulated, the same each time", async () => {
  await inTemporaryFolder(async (folder) => {
    const examples = [["g_counter", FAULTS], ["kafka", FAULTS], ["lin_kv", DISK_FAULTS]] as const;
    for (const [example, faults] of examples) {
      const path = await buildGoWasm(`./${example}`, folder, "examples/go");
      const { differences } = await checkDeterminism(
        await loadAnyProgram({ path }),
        findWorkload(example.replace("_", "-")) as Workload,
        { nodes: 3, timeLimitSeconds: 4, ratePerSecond: 20, faults, seed: 2 },
      );
      assertEquals(differences, [], example);
    }
  });
});

testWith(
  "go",
  "the broadcast node in Go saves messages and no value when it collects acknowledgements",
  async () => {
    await inTemporaryFolder(async (folder) => {
      const program = await loadAnyProgram({
        path: await buildGoWasm("./broadcast", folder, "examples/go"),
      });
      const run = (args: readonly string[], faults: readonly string[] = []) =>
        simulate(program, workloads.broadcast, {
          nodes: 5,
          timeLimitSeconds: 4,
          ratePerSecond: 50,
          faults,
          nemesisIntervalSeconds: 1,
          args,
          seed: 1,
        });
      assertEquals((await run(["200ms"], ["partition", "loss"])).results["valid?"], true);
      const [plain, collecting] = [await run([]), await run(["200ms"])];
      assertEquals(collecting.results["valid?"], true);
      assert(collecting.journal.length < 0.9 * plain.journal.length);
    });
  },
);
