import { assert, assertEquals } from "std/testing";
import fc from "fast-check";
import { Random } from "../../../lib/base/mod.ts";
import {
  generateHistory,
  listAppendModel,
  parseTransactions,
  rwRegisterModel,
  type WriteFunction,
} from "../../../lib/testing/mod.ts";
import {
  checkableModels,
  checkListAppend,
  checkRwRegister,
  type TransactionalVerdict,
} from "../../../lib/check/txn/mod.ts";
import type { History, Operation } from "../../../lib/history/mod.ts";
import { type AnomalyExample, listAnomalies } from "./list_anomaly_cases.ts";
import { registerAnomalies } from "./register_anomaly_cases.ts";

const settings = { seed: 20240229, numRuns: 60 };

const kinds = {
  append: { model: listAppendModel, examples: listAnomalies, workload: "list-append" },
  w: { model: rwRegisterModel, examples: registerAnomalies, workload: "rw-register" },
} as const;

function serialHistory(seed: number, kind: WriteFunction, operations: number): History {
  return generateHistory(new Random(seed), kinds[kind].model(), {
    operations,
    processes: 5,
    infoChance: 0.05,
    failChance: 0.05,
  });
}

function check(history: History, kind: WriteFunction, model: string): TransactionalVerdict {
  const consistencyModels = [model];
  return kind === "append"
    ? checkListAppend(history, { consistencyModels })
    : checkRwRegister(history, { consistencyModels });
}

/** Inserts the operations of an example into a history, with keys and processes of their own. */
function plant(serial: History, example: AnomalyExample, at: number, kind: WriteFunction): History {
  const planted = parseTransactions(example.history, kind).map((operation): Operation => ({
    ...operation,
    process: operation.process as number + 1_000_000,
    value: (operation.value as unknown[][]).map(([f, key, value]) => [f, `planted ${key}`, value]),
  }));
  const all = [...serial.slice(0, at), ...planted, ...serial.slice(at)];
  return all.map((operation, index) => ({ ...operation, index, time: index * 1e6 }));
}

for (const kind of ["append", "w"] as const) {
  const { examples, workload } = kinds[kind];

  Deno.test(`${workload}: a history of a serial database satisfies every model`, () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...checkableModels(workload)), (seed, model) => {
        const verdict = check(serialHistory(seed, kind, 200), kind, model);
        const { "not-decided": notDecided = [model], ...rest } = verdict;
        assertEquals([rest, notDecided], [{ "valid?": true }, [model]]);
      }),
      settings,
    );
  });

  Deno.test(`${workload}: an anomaly planted anywhere in a serial history is detected`, () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(...examples),
        (seed, position, example) => {
          const serial = serialHistory(seed, kind, 60);
          const at = Math.floor(position * serial.length);
          const verdict = check(plant(serial, example, at, kind), kind, example.model);
          const context = `${example.name}: ${example.history}`;
          assertEquals(verdict["valid?"], example.types.length === 0, context);
          // Real-time edges may close a cycle with other operations that is as severe.
          for (const type of example.types) {
            if (!/-realtime$|^G2|-cycle-exists$/.test(type)) {
              assert(verdict["anomaly-types"]?.includes(type), `${context}: ${type}`);
            }
          }
        },
      ),
      { ...settings, numRuns: 300 },
    );
  });

  Deno.test(`${workload}: strict-serializable prohibits what weaker models prohibit`, () => {
    for (const example of examples.filter(({ types }) => types.length > 0)) {
      const verdict = check(parseTransactions(example.history, kind), kind, "strict-serializable");
      assertEquals(verdict["valid?"], false, example.name);
    }
  });
}
