import { assert, assertEquals } from "std/testing";
import { parseTransactions } from "../../../lib/testing/mod.ts";
import { axiomsOfModels, compareWithOracle } from "./isolation_comparison.ts";
import { satisfies } from "./isolation_oracle.ts";

const RUNS = 400;

for (const kind of ["w", "append"] as const) {
  for (const model of Object.keys(axiomsOfModels)) {
    Deno.test(`${kind === "w" ? "rw-register" : "list-append"} decides ${model} as the oracle`, () => {
      const { valid, invalid } = compareWithOracle(kind, model, RUNS);
      assert(valid > RUNS / 10 && invalid > RUNS / 100, `${valid} valid, ${invalid} invalid`);
    });
  }
}

/** By model: a history that it forbids. */
const examples: Readonly<Record<string, string>> = {
  "read-committed": "rx1 wy1 | ry1 wx1",
  "monotonic-atomic-view": "wx1 wy1 | ry1 rx_",
  "read-atomic": "wx1 wy1 | rx_ ry1",
  "causal-cerone": "wx1 | rx1 wy1 | ry1 rx_",
  "prefix": "wx1 | wy1 | rx1 ry_ | rx_ ry1",
  "parallel-snapshot-isolation": "rx_ wx1 | rx_ wx2",
  "snapshot-isolation": "wx1 | wy1 | rx1 ry_ | rx_ ry1",
  "strong-session-snapshot-isolation": "0: wx1 ; 0: rx_",
  "strong-snapshot-isolation": "wx1 ; rx_",
  "serializable": "rx_ wy1 | ry_ wx1",
  "strong-session-serializable": "0: rx1 ; 0: rx_ | wx1",
  "strict-serializable": "wx1 ; rx_",
};

for (const [model, text] of Object.entries(examples)) {
  Deno.test(`oracle: ${model} forbids ${text}`, () => {
    const history = parseTransactions(text, "w");
    const holds = (axiomsOfModels[model] ?? []).every((axioms) => satisfies(history, axioms));
    assertEquals(holds, false);
  });
}
