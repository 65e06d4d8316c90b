import { assertEquals, assertNotEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import {
  counterModel,
  DEFINITE_FAILURE,
  echoModel,
  generateHistory,
  listAppendModel,
  logModel,
  type ReferenceModel,
  registersModel,
  rwRegisterModel,
  setModel,
  uniqueIdsModel,
} from "../../../lib/testing/mod.ts";
import {
  decodeHistoryJsonl,
  encodeHistoryJsonl,
  type History,
  pairOperations,
} from "../../../lib/history/mod.ts";

const models: Readonly<Record<string, () => ReferenceModel>> = {
  counter: () => counterModel(),
  echo: () => echoModel(),
  "list-append": () => listAppendModel(),
  log: () => logModel(),
  registers: () => registersModel(3),
  set: () => setModel(),
  "unique-ids": () => uniqueIdsModel(),
  "rw-register": () => rwRegisterModel(),
};

function generate(model: ReferenceModel, seed: string, infoChance = 0.05): History {
  return generateHistory(new Random(seed), model, {
    operations: 200,
    processes: 4,
    infoChance,
    failChance: 0.05,
  });
}

for (const [name, model] of Object.entries(models)) {
  Deno.test(`a generated history of ${name} is well-formed`, () => {
    const history = generate(model(), "a");
    assertEquals(decodeHistoryJsonl(encodeHistoryJsonl(history), name), history);
    const pairs = pairOperations(history);
    assertEquals(pairs.filter(({ invocation }) => invocation.final !== true).length, 200);
    assertEquals(pairs.every(({ completion }) => completion !== undefined), true);
    const types = new Set(history.map(({ type }) => type));
    assertEquals([...types].sort(), ["fail", "info", "invoke", "ok"]);
  });

  Deno.test(`equal seeds give equal histories of ${name}, different seeds different ones`, () => {
    assertEquals(generate(model(), "a"), generate(model(), "a"));
    assertNotEquals(generate(model(), "a"), generate(model(), "b"));
  });
}

Deno.test("operations of all processes are concurrent", () => {
  const history = generate(counterModel(), "a", 0);
  let open = 0;
  let max = 0;
  for (const { type } of history) {
    open += type === "invoke" ? 1 : -1;
    max = Math.max(max, open);
  }
  assertEquals(max, 4);
});

Deno.test("a definite failure of the model completes the operation as fail", () => {
  const model: ReferenceModel = {
    request: () => ({ f: "cas", value: 1 }),
    perform: () => DEFINITE_FAILURE,
  };
  const history = generateHistory(new Random(1), model, { operations: 5, processes: 1 });
  assertEquals(history.map(({ type }) => type).slice(0, 4), ["invoke", "fail", "invoke", "fail"]);
});
