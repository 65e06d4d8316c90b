import { assert, assertEquals, assertMatch, assertNotEquals } from "std/testing";
import type { Node } from "../../../lib/node/mod.ts";
import { checkDeterminism, simulate } from "../../../lib/workbench/sim/mod.ts";
import { findWorkload, type Workload } from "../../../lib/workload/mod.ts";
import { PROJECT_NODES } from "../../support/project_nodes.ts";
import { hashesOf, REFERENCES, simulationOf } from "../../support/transcripts.ts";

const SEED = "17";
const echoWorkload = findWorkload("echo") as Workload;

Deno.test("each of the ten workloads has a reference node", () => {
  assertEquals(REFERENCES.length, 10);
});

for (const { workload } of REFERENCES) {
  Deno.test(`${workload}: one seed gives one history, journal and log, byte for byte`, async () => {
    const { differences, nondeterministicCalls } = await checkDeterminism(
      ...simulationOf(workload, SEED),
    );
    assertEquals(differences, []);
    assertEquals(nondeterministicCalls, []);
  });

  Deno.test(`${workload}: another seed gives another run`, async () => {
    const [one, other] = [await hashesOf(workload, SEED), await hashesOf(workload, `${SEED}a`)];
    assertNotEquals(one, other);
    assertMatch(one, /^history [1-9]\d+ .* journal [1-9]\d+ /);
  });
}

for (const { workload, args, program, nodeCount, options, faults } of PROJECT_NODES) {
  const name = [workload, ...args].join(" ");
  Deno.test(`the project's ${name} is deterministic and calls no source of non-determinism`, async () => {
    const result = await checkDeterminism(program, findWorkload(workload) as Workload, {
      timeLimitSeconds: 10,
      ratePerSecond: 10,
      ...options,
      nodes: nodeCount,
      latency: { meanMs: 20, distribution: "exponential" },
      faults,
      nemesisIntervalSeconds: 0.5,
      args,
      seed: SEED,
    });
    assertEquals(result, { deterministic: true, differences: [], nondeterministicCalls: [] });
  });
}

Deno.test("another process produces the same runs", async () => {
  const program = new URL("../../support/transcripts.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", "--allow-env", program, SEED],
    stderr: "inherit",
  }).output();
  const here: string[] = [];
  for (const { workload } of REFERENCES) here.push(`${workload} ${await hashesOf(workload, SEED)}`);
  assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), here);
});

/** An echo node that also calls `code` for each request. */
function echoAnd(code: () => void) {
  return (node: Node) =>
    node.on("echo", ({ echo }) => {
      code();
      return { type: "echo_ok", echo };
    });
}

Deno.test("a call to Math.random() is reported with its line", async () => {
  const result = await checkDeterminism(echoAnd(() => void Math.random()), echoWorkload, {
    timeLimitSeconds: 10,
    ratePerSecond: 10,
    nodes: 1,
  });
  assertEquals(result.deterministic, false);
  assertEquals(result.nondeterministicCalls.length, 1);
  assertMatch(result.nondeterministicCalls[0]?.problem ?? "", /Math\.random\(\)/);
  assertMatch(result.nondeterministicCalls[0]?.line ?? "", /determinism_test\.ts:\d+:\d+/);
});

Deno.test("a call to Date.now() makes the run invalid, and the results name its location", async () => {
  const run = await simulate(echoAnd(() => void Date.now()), echoWorkload, {
    nodes: 3,
    timeLimitSeconds: 10,
    ratePerSecond: 10,
  });
  assertEquals(run.results["valid?"], false);
  const text = JSON.stringify(run.results.nodes);
  assertMatch(text, /is not deterministic: it called Date\.now\(\)/);
  assertMatch(text, /determinism_test\.ts/);
  assertEquals(run.problems.length, 3, "one for each of three nodes");
});

Deno.test("state outside the node function is found by comparing two runs", async () => {
  let incarnations = 0;
  const result = await checkDeterminism(
    (node) => {
      const incarnation = ++incarnations;
      node.on("echo", ({ echo }) => {
        node.log(`incarnation ${incarnation}`);
        return { type: "echo_ok", echo };
      });
    },
    echoWorkload,
    { timeLimitSeconds: 10, ratePerSecond: 10, nodes: 1 },
  );
  assertEquals(result.nondeterministicCalls, []);
  assertEquals(result.differences.map(({ part, line }) => [part, line]), [["logs", 1]]);
  assertMatch(result.differences[0]?.first ?? "", /incarnation 1$/);
  assertMatch(result.differences[0]?.second ?? "", /incarnation 2$/);
});

Deno.test("a function captured before the traps were installed is found by comparing two runs", async () => {
  const { random } = Math;
  const result = await checkDeterminism(
    (node) => {
      node.on("generate", () => ({ type: "generate_ok", id: random() }));
    },
    findWorkload("unique-ids") as Workload,
    { nodes: 3, timeLimitSeconds: 10, ratePerSecond: 10 },
  );
  assertEquals(result.deterministic, false);
  assert(result.differences.some(({ part }) => part === "history"));
});
