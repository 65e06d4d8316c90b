import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { checkListAppend, checkRwRegister } from "../../../lib/check/txn/mod.ts";
import type { History } from "../../../lib/history/mod.ts";
import { parseTransactions } from "./notation.ts";
import { type DatabaseOptions, randomHistory } from "./random_database.ts";
import { isSerializable } from "./serializability_oracle.ts";

const runs = 1500;

function options(random: Random, kind: DatabaseOptions["kind"]): DatabaseOptions {
  return {
    kind,
    transactions: 2 + random.integer(4),
    keys: 1 + random.integer(3),
    processes: 1 + random.integer(4),
    atomicity: random.next(),
    snapshots: random.next(),
    unknown: random.chance(0.5) ? 0 : 0.2,
    aborted: random.chance(0.5) ? 0 : 0.2,
  };
}

function show(history: History): string {
  return history.map(({ index, process, type, value }) =>
    `${index} ${process} ${type} ${JSON.stringify(value)}`
  ).join("\n");
}

for (const [model, realTime] of [["serializable", false], ["strict-serializable", true]] as const) {
  Deno.test(`list-append is ${model} exactly if some serial order explains it`, () => {
    const seen = { valid: 0, invalid: 0 };
    for (let run = 0; run < runs; run++) {
      const random = new Random(`lists ${run}`);
      const history = randomHistory(random, options(random, "append"));
      const verdict = checkListAppend(history, { consistencyModels: [model] });
      const types = verdict["anomaly-types"] ?? [];
      if (verdict["valid?"] === "unknown") {
        assertEquals(types, ["empty-transaction-graph"]);
        continue;
      }
      const serializable = isSerializable(history, realTime);
      assertEquals(verdict["valid?"], serializable, `run ${run}: ${types}\n${show(history)}`);
      seen[serializable ? "valid" : "invalid"]++;
    }
    assert(seen.valid > 200 && seen.invalid > 200, JSON.stringify(seen));
  });

  Deno.test(`rw-register is never blamed under ${model} where a serial order explains it`, () => {
    const seen = { blamed: 0, missed: 0, valid: 0 };
    for (let run = 0; run < runs; run++) {
      const random = new Random(`registers ${run}`);
      const history = randomHistory(random, options(random, "w"));
      const verdict = checkRwRegister(history, { consistencyModels: [model] });
      const types = verdict["anomaly-types"] ?? [];
      if (types.includes("empty-transaction-graph")) continue;
      const serializable = isSerializable(history, realTime);
      if (verdict["valid?"] !== true) {
        assert(!serializable, `run ${run}: ${types}\n${show(history)}`);
        seen.blamed++;
      } else seen[serializable ? "valid" : "missed"]++;
    }
    assert(seen.blamed > 2 * seen.missed && seen.valid > 200, JSON.stringify(seen));
  });
}

Deno.test("the naive oracle knows a stale read from a good one", () => {
  const stale = parseTransactions("wx1 ; rx_", "w");
  assertEquals([isSerializable(stale, false), isSerializable(stale, true)], [true, false]);
  assertEquals(isSerializable(parseTransactions("rx_ wy1 | ry_ wx1", "w"), false), false);
});
