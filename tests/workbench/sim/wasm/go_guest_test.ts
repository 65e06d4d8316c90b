import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "std/testing";
import { StartError } from "../../../../lib/workbench/mod.ts";
import { FAULT_NAMES } from "../../../../lib/workbench/fault/mod.ts";
import {
  checkDeterminism,
  loadAnyProgram,
  simulate,
  type SimulationOptions,
} from "../../../../lib/workbench/sim/mod.ts";
import { workloads } from "../../../../lib/workload/mod.ts";
import { buildGoWasm } from "../../../support/build_go.ts";
import { inTemporaryFolder } from "../../../support/in_temporary_folder.ts";
import { testWith } from "../../../support/run_example.ts";

/** Defines a test that gets the path of the probe as a module. */
function testProbe(name: string, fn: (path: string) => Promise<void>): void {
  testWith(
    "go",
    name,
    () =>
      inTemporaryFolder(async (folder) =>
        fn(await buildGoWasm("probe.go", folder, import.meta.dirname))
      ),
  );
}

function linesOf(log: readonly { readonly line: string }[]): string {
  return log.map(({ line }) => line).join("\n");
}

async function runProbe(path: string, behaviour: string, options: SimulationOptions = {}) {
  return await simulate(await loadAnyProgram({ path }), workloads.echo, {
    nodes: 1,
    timeLimitSeconds: 2,
    args: behaviour === "" ? [] : [behaviour],
    ...options,
  });
}

testProbe("a Go program that ends badly is named with its place", async (path) => {
  const spun = await runProbe(path, "spin");
  assertStringIncludes(spun.problems[0]?.line ?? "", "main.spinForever");
  assertMatch(spun.problems[0]?.problem ?? "", /did not yield after \d+ ms/);

  const deadlocked = await runProbe(path, "deadlock");
  const log = linesOf(deadlocked.log);
  assertStringIncludes(log, "fatal error: all goroutines are asleep - deadlock!");
  assertMatch(log, /main\.misbehave/);
  assertEquals(deadlocked.crashes[0]?.exit.code, 2);

  const [waiting] = (await runProbe(path, "forever")).problems;
  assertStringIncludes(waiting?.problem ?? "", "no goroutine runs or reads stdin, and the next");

  const inattentive = await runProbe(path, "inattentive", { timeLimitSeconds: 30 });
  assertEquals(
    linesOf(inattentive.log),
    "the program has not read its input for 5 s: no goroutine reads stdin",
  );

  const panicked = await runProbe(path, "panic");
  assertStringIncludes(linesOf(panicked.log), "panic: a problem of the program");
  assertEquals(panicked.crashes[0]?.exit.code, 2);

  assertEquals((await runProbe(path, "exit")).crashes[0]?.exit.code, 3);
});

testProbe(
  "a Go program reads the node's clocks and environment, not the machine's",
  async (path) => {
    const slept = await runProbe(path, "sleep");
    assertMatch(linesOf(slept.log), /^slept 25[01](\.\d+)?ms UTC 1$/);
    assertEquals(slept.results["valid?"], true);

    const read = linesOf((await runProbe(path, "file")).log);
    assertStringIncludes(
      read,
      'the program called fs.open("/etc/passwd"), but a simulated node has',
    );
    assertStringIncludes(read, "read: open /etc/passwd: No such file or directory");

    assertMatch(
      linesOf((await runProbe(path, "socket")).log),
      /dial: .*refused|dial: .*unreachable/,
    );
  },
);

testProbe("the order of maps, goroutines and random numbers follow from the seed", async (path) => {
  const program = await loadAnyProgram({ path });
  const options = { nodes: 2, timeLimitSeconds: 2, args: ["chance"] };
  for (const fault of FAULT_NAMES) {
    const settings = { ...options, faults: [fault], nemesisIntervalSeconds: 0.4, seed: 5 };
    const { differences } = await checkDeterminism(program, workloads.echo, settings);
    assertEquals(differences, [], fault);
  }
  const logs = async (seed: number) =>
    linesOf((await simulate(program, workloads.echo, { ...options, seed })).log);
  const [one, other] = [await logs(1), await logs(2)];
  assertMatch(one, /^\d+ [a-e]{5} \d \d+ 2025-01-01T00:00:0/);
  assert(new Set([...one.matchAll(/ ([a-e]{5}) /g)].map(([, order]) => order)).size > 1);
  assert(one !== other);
});

testProbe("a Go program survives pauses, restarts and jumps of its clock", async (path) => {
  const run = await runProbe(path, "chance", {
    script: async ({ sleep, pause, resume, kill, restart, skew }) => {
      await sleep(300);
      pause("n0");
      await sleep(200);
      resume("n0");
      skew("n0", 3_600_000);
      await sleep(300);
      await kill("n0");
      await restart("n0");
    },
  });
  assertEquals(run.results["valid?"], true);
  assertStringIncludes(linesOf(run.log), "2025-01-01T01:00:0");
});

testProbe(
  "the glue is found, and one of another version or another file is refused",
  async (path) => {
    const root = new TextDecoder().decode(
      (await new Deno.Command("go", { args: ["env", "GOROOT"] }).output()).stdout,
    ).trim();
    const isOld = [...Deno.readDirSync(root)].some(({ name }) => name === "misc");
    const text = Deno.readTextFileSync(`${root}/${isOld ? "misc" : "lib"}/wasm/wasm_exec.js`);
    const glue = path.replace("probe.wasm", "wasm_exec.js");
    const load = () => loadAnyProgram({ path });
    const problemWith = async (text: string) => {
      Deno.writeTextFileSync(glue, text);
      return (await assertRejects(load, StartError)).message;
    };
    const renamed = text.replaceAll('"runtime.walltime"', '"runtime.someTime"');
    assertStringIncludes(await problemWith(renamed), "runtime.walltime, which");
    assertStringIncludes(await problemWith(renamed), "another version of Go");
    assertStringIncludes(await problemWith("no script (at all"), "not Go's wasm_exec.js");
    Deno.writeTextFileSync(glue, text);
    assertEquals(await load(), { path });
    await assertRejects(
      () => loadAnyProgram({ path, glue: `${path}.js` }),
      StartError,
      "not found",
    );
  },
);
