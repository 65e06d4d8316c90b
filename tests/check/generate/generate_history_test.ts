import { assertEquals, assertNotEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import {
  counterModel,
  echoModel,
  generateHistory,
  listAppendModel,
  logModel,
  type Model,
  REFUSED,
  registersModel,
  setModel,
  uniqueIdsModel,
  writeRegisterModel,
} from "../../../lib/check/generate/mod.ts";
import {
  decodeHistoryJsonl,
  encodeHistoryJsonl,
  type History,
  pairOperations,
} from "../../../lib/history/mod.ts";

const models: Readonly<Record<string, () => Model>> = {
  counter: () => counterModel(),
  echo: () => echoModel(),
  "list-append": () => listAppendModel(),
  log: () => logModel(),
  registers: () => registersModel(3),
  set: () => setModel(),
  "unique-ids": () => uniqueIdsModel(),
  "rw-register": () => writeRegisterModel(),
};

function make(model: Model, seed: string, infoChance = 0.05): History {
  return generateHistory(new Random(seed), model, {
    operations: 200,
    processes: 4,
    infoChance,
    failChance: 0.05,
  });
}

for (const [name, model] of Object.entries(models)) {
  Deno.test(`a generated history of ${name} is one that the decoder accepts`, () => {
    const history = make(model(), "a");
    assertEquals(decodeHistoryJsonl(encodeHistoryJsonl(history), name), history);
    const pairs = pairOperations(history);
    assertEquals(pairs.filter(({ invocation }) => invocation.final !== true).length, 200);
    assertEquals(pairs.every(({ completion }) => completion !== undefined), true);
    const types = new Set(history.map(({ type }) => type));
    assertEquals([...types].sort(), ["fail", "info", "invoke", "ok"]);
  });

  Deno.test(`the same seed makes the same history of ${name}, another seed another`, () => {
    assertEquals(make(model(), "a"), make(model(), "a"));
    assertNotEquals(make(model(), "a"), make(model(), "b"));
  });
}

Deno.test("operations of several processes overlap", () => {
  const history = make(counterModel(), "a", 0);
  let open = 0;
  let most = 0;
  for (const { type } of history) {
    open += type === "invoke" ? 1 : -1;
    most = Math.max(most, open);
  }
  assertEquals(most, 4);
});

Deno.test("what a model refuses fails", () => {
  const model: Model = {
    request: () => ({ f: "cas", value: 1 }),
    perform: () => REFUSED,
  };
  const history = generateHistory(new Random(1), model, { operations: 5, processes: 1 });
  assertEquals(history.map(({ type }) => type).slice(0, 4), ["invoke", "fail", "invoke", "fail"]);
});
