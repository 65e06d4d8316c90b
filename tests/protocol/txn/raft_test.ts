import { assert, assertEquals } from "std/testing";
import { Database } from "../../../lib/protocol/txn/raft.ts";
import { txnListAppend as workload } from "../../../lib/workload/txn_list_append.ts";
import program from "../../../nodes/txn_list_append.ts";
import { assertSurvivesRestartOfAll } from "../../support/restart_of_all.ts";
import { explore, FAULTS } from "./explore_case.ts";

const lists = {
  write: "append",
  apply: (list: unknown, element: unknown) => Array.isArray(list) ? [...list, element] : [element],
} as ConstructorParameters<typeof Database>[0];

Deno.test("Database runs a transaction as a whole and returns the values of its reads", () => {
  const database = new Database(lists);
  assertEquals(database.apply([["append", 1, 5], ["r", 1, null], ["append", 1, 6]]), [[5]]);
  assertEquals(database.apply([["r", 1, null], ["r", 2, null], ["append", 2, 7]]), [[5, 6], null]);
  assertEquals(database.query([["r", 2, null], ["r", "2", null]]), [[7], null]);
});

Deno.test("Database does not change by a query, nor its snapshot by later transactions", () => {
  const database = new Database(lists);
  database.apply([["append", 1, 5]]);
  const snapshot = database.snapshot();
  database.query([["r", 1, null]]);
  database.apply([["append", 1, 6], ["append", 2, 1]]);
  const restored = new Database(lists);
  restored.apply([["append", 3, 1]]);
  restored.restore(JSON.parse(JSON.stringify(snapshot)));
  assertEquals(restored.query([["r", 1, null], ["r", 2, null], ["r", 3, null]]), [
    [5],
    null,
    null,
  ]);
});

Deno.test("raft is strictly serializable under every fault, kill and loss of power included", async () => {
  for (let seed = 0; seed < 12; seed++) {
    const exploring = {
      program,
      workload,
      models: ["strict-serializable"],
      strategy: "raft",
      faults: [...FAULTS, "kill", "disk"],
    };
    assertEquals((await explore(exploring, seed)).failure, [], `seed ${seed}`);
  }
});

Deno.test("raft keeps what it acknowledged when all nodes restart", () =>
  assertSurvivesRestartOfAll(program, workload, {
    args: ["--strategy", "raft", "--compact-after", "20"],
    ratePerSecond: 50,
  }));

Deno.test("raft needs no disk with the strategy root", () => {
  const { persists } = program;
  assert(typeof persists === "function");
  assertEquals(persists({ strategy: "root" } as never), false);
});
