import { assert, assertEquals, assertThrows } from "std/testing";
import { RESTART_NAMES } from "../../lib/workbench/explore/mod.ts";
import { defaultFaults, readExploreCommandLine } from "../../tasks/cli/explore_flags.ts";
import { PLANTED_FAULTS } from "../../tasks/planted/all_faults.ts";
import { exploreArguments } from "../../tasks/planted/planted_fault.ts";
import { readExploration, withFault } from "../../tasks/planted/run_planted.ts";
import { PROJECT_NODES } from "../support/project_nodes.ts";

Deno.test("every planted fault applies to its file exactly once, and changes it", () => {
  for (const fault of PLANTED_FAULTS) {
    const text = Deno.readTextFileSync(fault.file);
    assert(withFault(fault, text) !== text, fault.name);
  }
});

Deno.test("planted faults have different names", () => {
  const names = PLANTED_FAULTS.map(({ name }) => name);
  assertEquals(names.filter((name, index) => names.indexOf(name) !== index), []);
});

Deno.test("a fault that does not apply, or not only once, is an error that names it", () => {
  const fault = { name: "f", file: "a.ts", from: "x", to: "y", subject: "echo" };
  assertEquals(withFault(fault, "axb"), "ayb");
  assertThrows(() => withFault(fault, "ab"), RangeError, "0 times");
  assertThrows(() => withFault(fault, "xx"), RangeError, '"f" must apply to a.ts exactly once');
});

Deno.test("subjects are strategies of the project, under faults that they tolerate", () => {
  for (const subject of new Set(PLANTED_FAULTS.map(({ subject }) => subject))) {
    const commandLine = readExploreCommandLine(exploreArguments(subject));
    const { setup } = commandLine ?? {};
    const node = PROJECT_NODES.find(({ workload, args }) =>
      // A node's own flags follow the strategy.
      workload === setup?.workload && args.join() === setup?.args.slice(0, 2).join()
    );
    assert(node !== undefined, subject);
    // The default claim of transactions is weaker than that of `causal`, and outlives restarts.
    const restarts: readonly string[] = subject === "txn-rw-register causal"
      ? RESTART_NAMES
      : node.restarts;
    const tolerated = [...node.faults, ...restarts];
    const faults = commandLine?.hasDefaultFaults === true
      ? defaultFaults({ persists: false, changesMembership: false })
      : setup?.faults ?? [];
    assertEquals(faults.filter((name) => !tolerated.includes(name)), [], subject);
  }
});

Deno.test("a node that loads too slowly is not a fault that was found", () => {
  const result = "1 seed in 0.2 s: 3 operations, 4 messages";
  const failed = `${result}\n  seed 7 and 2 more failed: workload: lost\n    a line\n`;
  assertEquals(readExploration(`${result}\n  no seed failed\n\nCoverage`), {});
  assertEquals(readExploration(`${result}\n  seed 7 failed: workload: lost\n`), {
    failed: { seed: 7, failure: "workload: lost" },
  });
  assertEquals(readExploration(failed), { failed: { seed: 7, failure: "workload: lost" } });
  const slow = "--bin nodes/kafka.ts does not finish loading when it is imported.";
  assertEquals(readExploration(`exploring kafka\n${slow}\n`), slow);
  assertEquals(readExploration(""), "explore printed nothing");
});
