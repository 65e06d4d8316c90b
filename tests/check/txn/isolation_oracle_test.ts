import { assert, assertEquals } from "std/testing";
import { checkableModels } from "../../../lib/check/txn/mod.ts";
import { parseTransactions, type WriteFunction } from "../../../lib/testing/mod.ts";
import { oracleHistories } from "../../support/oracle_histories.ts";
import {
  axiomsOfModels,
  boundsOfModels,
  compareWithBounds,
  compareWithOracle,
} from "./isolation_comparison.ts";
import { satisfies } from "./isolation_oracle.ts";

const RUNS = oracleHistories(300);

function nameOf(kind: WriteFunction): string {
  return kind === "w" ? "rw-register" : "list-append";
}

for (const kind of ["w", "append"] as const) {
  for (const model of Object.keys(axiomsOfModels)) {
    Deno.test(`${nameOf(kind)} decides ${model} as the oracle`, () => {
      const { valid, invalid } = compareWithOracle(kind, model, RUNS);
      assert(valid > RUNS / 4 && invalid > RUNS / 100, `${valid} valid, ${invalid} invalid`);
    });
  }
  for (const model of Object.keys(boundsOfModels)) {
    Deno.test(`${nameOf(kind)} decides ${model} where models below and above it do`, () => {
      const { valid, invalid } = compareWithBounds(kind, model, RUNS);
      assert(valid > RUNS / 10 && invalid > RUNS / 10, `${valid} valid, ${invalid} invalid`);
    });
  }
}

Deno.test("each model that a history of transactions can refute is compared with the oracle", () => {
  const compared = new Set([...Object.keys(axiomsOfModels), ...Object.keys(boundsOfModels)]);
  const others = checkableModels("rw-register").filter((model) => !compared.has(model));
  assertEquals(
    others,
    ["conflict-serializable", "strong-serializable"],
    "names of the same models",
  );
  assertEquals(checkableModels("list-append"), checkableModels("rw-register"));
});

/** By model: a history that it forbids. */
const examples: Readonly<Record<string, string>> = {
  "read-uncommitted": "rx1 | wx2",
  "read-committed": "rx1 wy1 | ry1 wx1",
  "strong-session-read-committed": "0: rx1 ; 0: wx1",
  "strong-read-committed": "rx1 ; wx1",
  "monotonic-atomic-view": "wx1 wy1 | ry1 rx_",
  "read-atomic": "wx1 wy1 | rx_ ry1",
  "causal-cerone": "wx1 | rx1 wy1 | ry1 rx_",
  "prefix": "wx1 | wy1 | rx1 ry_ | rx_ ry1",
  "parallel-snapshot-isolation": "rx_ wx1 | rx_ wx2",
  "consistent-view": "wx1 rx_",
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
