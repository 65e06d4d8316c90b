import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { checkListAppend, checkRwRegister } from "../../../lib/check/txn/mod.ts";
import type { History } from "../../../lib/history/mod.ts";
import { parseTransactions } from "../../../lib/testing/mod.ts";
import { type DatabaseOptions, randomHistory } from "./random_database.ts";
import { isSerializable } from "./serializability_oracle.ts";
import { oracleHistories } from "../../support/oracle_histories.ts";

const RUNS = oracleHistories(1500);

function options(random: Random, kind: DatabaseOptions["kind"]): DatabaseOptions {
  return {
    kind,
    transactions: 2 + random.integer(4),
    keys: 1 + random.integer(3),
    processes: 1 + random.integer(4),
    serialChance: random.next(),
    snapshotChance: random.next(),
    infoChance: random.chance(0.5) ? 0 : 0.2,
    abortChance: random.chance(0.5) ? 0 : 0.2,
  };
}

function formatHistory(history: History): string {
  return history.map(({ index, process, type, value }) =>
    `${index} ${process} ${type} ${JSON.stringify(value)}`
  ).join("\n");
}

for (const [model, realTime] of [["serializable", false], ["strict-serializable", true]] as const) {
  Deno.test(`list-append is valid under ${model} exactly if a serial order exists`, () => {
    const counts = { valid: 0, invalid: 0 };
    for (let run = 0; run < RUNS; run++) {
      const random = new Random(`lists ${run}`);
      const history = randomHistory(random, options(random, "append"));
      const verdict = checkListAppend(history, { consistencyModels: [model] });
      const types = verdict["anomaly-types"] ?? [];
      if (verdict["valid?"] === "unknown") {
        assertEquals(types, ["empty-transaction-graph"]);
        continue;
      }
      const serializable = isSerializable(history, realTime);
      assertEquals(
        verdict["valid?"],
        serializable,
        `run ${run}: ${types}\n${formatHistory(history)}`,
      );
      counts[serializable ? "valid" : "invalid"]++;
    }
    assert(counts.valid > 200 && counts.invalid > 200, JSON.stringify(counts));
  });

  Deno.test(`rw-register is valid under ${model} exactly if a serial order exists`, () => {
    const counts = { valid: 0, invalid: 0 };
    for (let run = 0; run < RUNS; run++) {
      const random = new Random(`registers ${run}`);
      const history = randomHistory(random, options(random, "w"));
      const verdict = checkRwRegister(history, { consistencyModels: [model] });
      const types = verdict["anomaly-types"] ?? [];
      if (types.includes("empty-transaction-graph")) continue;
      const serializable = isSerializable(history, realTime);
      assertEquals(
        verdict["valid?"],
        serializable,
        `run ${run}: ${types}\n${formatHistory(history)}`,
      );
      counts[serializable ? "valid" : "invalid"]++;
    }
    assert(counts.valid > 200 && counts.invalid > 200, JSON.stringify(counts));
  });
}

Deno.test("isSerializable rejects a stale read in real time and write skew in any order", () => {
  const stale = parseTransactions("wx1 ; rx_", "w");
  assertEquals([isSerializable(stale, false), isSerializable(stale, true)], [true, false]);
  assertEquals(isSerializable(parseTransactions("rx_ wy1 | ry_ wx1", "w"), false), false);
});
