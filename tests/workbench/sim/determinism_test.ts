import { assert, assertEquals, assertMatch, assertNotEquals } from "std/testing";
import type { Node } from "../../../lib/node/mod.ts";
import { checkDeterminism, simulate } from "../../../lib/workbench/sim/mod.ts";
import { findWorkload, type Workload } from "../../../lib/workload/mod.ts";
import { PROJECT_NODES } from "../../support/project_nodes.ts";
import { hashesOf, REFERENCES, simulationOf } from "../../support/transcripts.ts";

const SEED = "17";
const echoWorkload = findWorkload("echo") as Workload;

Deno.test("there is a reference node for each of the ten workloads", () => {
  assertEquals(REFERENCES.length, 10);
});

for (const { workload } of REFERENCES) {
  Deno.test(`${workload}: one seed gives one history, journal and log, byte for byte`, async () => {
    const { differences, nondeterministicCalls: ambientCalls } = await checkDeterminism(
      simulationOf(workload, SEED),
    );
    assertEquals(differences, []);
    assertEquals(ambientCalls, []);
  });

  Deno.test(`${workload}: another seed gives another run`, async () => {
    const [one, other] = [await hashesOf(workload, SEED), await hashesOf(workload, `${SEED}a`)];
    assertNotEquals(one, other);
    assertMatch(one, /^history [1-9]\d+ .* journal [1-9]\d+ /);
  });
}

for (const { workload, args, program, nodeCount, options, faults } of PROJECT_NODES) {
  const name = [workload, ...args].join(" ");
  Deno.test(`the project's ${name} runs the same way twice, and asks nobody for time or chance`, async () => {
    const finding = await checkDeterminism({
      program,
      args,
      seed: SEED,
      workload: findWorkload(workload) as Workload,
      options: {
        ...options,
        nodes: nodeCount,
        latency: { mean: 20, distribution: "exponential" },
        nemesis: faults,
        nemesisInterval: 0.5,
      },
    });
    assertEquals(finding, { deterministic: true, differences: [], nondeterministicCalls: [] });
  });
}

Deno.test("another process comes to the same runs", async () => {
  const program = new URL("../../support/transcripts.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--allow-env", program, SEED],
    stderr: "inherit",
  }).output();
  const here: string[] = [];
  for (const { workload } of REFERENCES) here.push(`${workload} ${await hashesOf(workload, SEED)}`);
  assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), here);
});

/** An echo node that does something else besides. */
function echoAnd(act: () => void) {
  return (node: Node) =>
    node.on("echo", ({ echo }) => {
      act();
      return { type: "echo_ok", echo };
    });
}

Deno.test("a node that draws from Math.random() is named, with the line", async () => {
  const finding = await checkDeterminism({
    program: echoAnd(() => void Math.random()),
    workload: echoWorkload,
    options: { nodes: 1 },
  });
  assertEquals(finding.deterministic, false);
  assertEquals(finding.nondeterministicCalls.length, 1);
  assertMatch(finding.nondeterministicCalls[0]?.problem ?? "", /Math\.random\(\)/);
  assertMatch(finding.nondeterministicCalls[0]?.line ?? "", /determinism_test\.ts:\d+:\d+/);
});

Deno.test("a node that reads Date.now() makes the run invalid, and the results say where", async () => {
  const run = await simulate({
    program: echoAnd(() => void Date.now()),
    workload: echoWorkload,
  });
  assertEquals(run.results["valid?"], false);
  const text = JSON.stringify(run.results.nodes);
  assertMatch(text, /broke the rules of a simulation: it called Date\.now\(\)/);
  assertMatch(text, /determinism_test\.ts/);
  assertEquals(run.record.problems.length, 3, "once for each of three nodes");
});

Deno.test("a node that keeps something outside of its function is found by comparing two runs", async () => {
  let lives = 0;
  const finding = await checkDeterminism({
    program: (node) => {
      const life = ++lives;
      node.on("echo", ({ echo }) => {
        node.log(`life ${life}`);
        return { type: "echo_ok", echo };
      });
    },
    workload: echoWorkload,
    options: { nodes: 1 },
  });
  assertEquals(finding.nondeterministicCalls, []);
  assertEquals(finding.differences.map(({ part, line }) => [part, line]), [["logs", 1]]);
  assertMatch(finding.differences[0]?.first ?? "", /life 1$/);
  assertMatch(finding.differences[0]?.second ?? "", /life 2$/);
});

Deno.test("a node that looks at what the runtime captured before the traps is found by comparing", async () => {
  const { random } = Math;
  const finding = await checkDeterminism({
    program: (node) => {
      node.on("generate", () => ({ type: "generate_ok", id: random() }));
    },
    workload: findWorkload("unique-ids") as Workload,
  });
  assertEquals(finding.deterministic, false);
  assert(finding.differences.some(({ part }) => part === "history"));
});
