import { assertEquals, assertMatch } from "std/testing";
import type { Node } from "../../../lib/node/mod.ts";
import { invariant } from "../../../lib/base/mod.ts";
import { schema } from "../../../lib/wire/mod.ts";
import { simulate } from "../../../lib/workbench/sim/mod.ts";
import { workloads } from "../../../lib/workload/mod.ts";

/** Echoes; the tenth request violates an invariant. */
function failing(assertion: (node: Node, holds: boolean) => void) {
  return (node: Node) => {
    let count = 0;
    node.on("echo", { echo: schema.json }, ({ echo }) => {
      assertion(node, ++count < 10);
      return { type: "echo_ok", echo };
    });
  };
}

const assertions = {
  "node.always": (node: Node, holds: boolean) => node.always(holds, "fewer than ten"),
  "invariant": (_node: Node, holds: boolean) => invariant(holds, "fewer than ten"),
};
for (const [name, assertion] of Object.entries(assertions)) {
  Deno.test(`a violated ${name} ends a simulated run with seed, time and location`, async () => {
    const { results, history, interrupted, elapsedMs } = await simulate(
      failing(assertion),
      workloads.echo,
      {
        ratePerSecond: 10,
        nodes: 1,
        timeLimitSeconds: 20,
        seed: 5,
      },
    );
    const nodes = results.nodes as { "valid?": boolean; explanations: { message: string }[] };
    assertEquals([results["valid?"], nodes["valid?"]], [false, false]);
    assertMatch(
      nodes.explanations[0]?.message ?? "",
      /^Node n0 ended the run with seed 5: it violated an invariant after \d+ ms: fewer than ten\n {2}at .*invariant_test\.ts:\d+/,
    );
    assertEquals(interrupted, false);
    assertEquals(history.filter(({ type }) => type === "ok").length, 9);
    assertEquals(elapsedMs < 19_000, true);
  });
}
