import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { KeyWindow } from "../../../lib/check/generate/key_window.ts";
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

/** Returns a source whose `next` returns the same fraction each time. */
function constant(fraction: number): Random {
  return Object.assign(new Random(0), { next: () => fraction });
}

function performer(model: ReferenceModel) {
  return (f: string, value: unknown, process = 0) => model.perform({ f, value }, process);
}

Deno.test("a key window replaces a key after its last write, and has the given size", () => {
  const random = new Random(1);
  const window = new KeyWindow(3, 2);
  const writes = new Map<number, number[]>();
  for (let count = 0; count < 300; count++) {
    const [key, write] = window.pickForWrite(random);
    writes.set(key, [...writes.get(key) ?? [], write]);
    const done = [...writes.values()].filter(({ length }) => length === 2).length;
    assert(key <= done + 2 && window.pick(random) <= done + 3, `key ${key} of ${done} done`);
  }
  const keys = [...writes.keys()].sort((a, b) => a - b);
  assertEquals(keys, keys.map((_, index) => index));
  assert(keys.length >= 150);
  for (const ofKey of writes.values()) assertEquals(ofKey, [1, 2].slice(0, ofKey.length));
});

Deno.test("a key window picks each key twice as often as the one before it", () => {
  // Of 2³ − 1 equal parts, the keys have 1, 2 and 4.
  const picked = [0, 0.99 / 7, 1.01 / 7, 2.99 / 7, 3.01 / 7, 1 - 2 ** -53]
    .map((fraction) => new KeyWindow(3, 9).pick(constant(fraction)));
  assertEquals(picked, [0, 0, 1, 1, 2, 2]);
  assertEquals(new KeyWindow(10, 9).pick(constant(1 - 2 ** -53)), 9);
});

Deno.test("an interval lasts 1 ms on average, and no two events have the same time", () => {
  const options = { operations: 4000, processes: 3 };
  const history = generateHistory(new Random(1), setModel("add", 0), options);
  const times = history.map(({ time }) => time);
  assert(times.every((time, index) => time > (times[index - 1] ?? 0)));
  const meanMs = (times.at(-1) ?? 0) / times.length / 1e6;
  assert(meanMs > 0.95 && meanMs < 1.05, `${meanMs} ms`);
});

Deno.test("each process has one final request, after all others", () => {
  const options = { operations: 1, processes: 2 };
  const history = generateHistory(new Random(1), setModel("add", 0), options);
  assertEquals(
    history.map(({ type, f, process, final, value }) => [type, f, final ?? false, process, value]),
    [
      ["invoke", "add", false, history[0]?.process, 0],
      ["ok", "add", false, history[0]?.process, 0],
      ["invoke", "read", true, 0, null],
      ["ok", "read", true, 0, [0]],
      ["invoke", "read", true, 1, null],
      ["ok", "read", true, 1, [0]],
    ],
  );
  const counters = generateHistory(new Random(1), counterModel(1), options);
  assertEquals(counters.map(({ value }) => value), [null, 0, null, 0, null, 0]);
});

Deno.test("the log's model keeps all entries, and shows a new consumer the last 1,000", () => {
  const perform = performer(logModel());
  for (let message = 0; message < 1002; message++) {
    const [[, , entry]] = perform("send", [["send", "k", message]]) as [
      [string, string, [number, number]],
    ];
    assertEquals(entry, [message, message]);
  }
  const poll = (process: number) =>
    (perform("poll", [["poll"]], process) as [[string, Record<string, number[][]>]])[0][1]["k"];
  assertEquals(poll(1)?.length, 1000);
  assertEquals(poll(1), undefined);
  perform("send", [["send", "k", 7]]);
  assertEquals(poll(1), [[1002, 7]]);
  assertEquals(poll(2)?.at(0), [3, 3]);
});

Deno.test("ids count, and name a node in turn", () => {
  const generate = performer(uniqueIdsModel(2));
  assertEquals([1, 2, 3].map(() => generate("generate", null)), ["n0-0", "n1-1", "n0-2"]);
});

Deno.test("requests cover all values of the models, and no others", () => {
  const random = new Random(1);
  const requests = (model: ReferenceModel) =>
    Array.from({ length: 600 }, () => model.request(random));
  const distinct = (values: readonly unknown[]) => [...new Set(values)].sort();
  const registers = requests(registersModel(3));
  const argumentsOf = (f: string) =>
    registers.filter((request) => request.f === f).map(({ value }) => (value as unknown[])[1]);
  const pairs = argumentsOf("cas") as [number, number][];
  const values = [0, 1, 2, 3, 4];
  assertEquals(distinct(pairs.map(([from]) => from)), values);
  assertEquals(distinct(pairs.map(([, to]) => to)), values);
  assertEquals(distinct(argumentsOf("write")), values);
  assertEquals(distinct(registers.map(({ value }) => (value as unknown[])[0])), [0, 1, 2]);
  const deltas = requests(counterModel(0)).map(({ value }) => value as number);
  assertEquals([Math.min(...deltas), Math.max(...deltas), distinct(deltas).length], [-5, 4, 10]);
  const texts = requests(echoModel()).map(({ value }) => value as string);
  assert(texts.every((text) => /^Please echo [0-9]+$/.test(text)));
  assertEquals(Math.max(...texts.map((text) => Number(text.slice("Please echo ".length)))), 127);
  const ids = requests(uniqueIdsModel()).map((request) => uniqueIdsModel().perform(request, 0));
  assertEquals(distinct(ids), ["n0-0"]);
  const model = uniqueIdsModel();
  const nodes = requests(model).map((request) => String(model.perform(request, 0)).split("-")[0]);
  assertEquals(distinct(nodes), ["n0", "n1", "n2"]);
});

Deno.test("echo replies number the messages", () => {
  const echo = performer(echoModel());
  assertEquals(["a", "b"].map((text) => echo("echo", text)), [
    { type: "echo_ok", echo: "a", in_reply_to: 1 },
    { type: "echo_ok", echo: "b", in_reply_to: 2 },
  ]);
});

Deno.test("registers hold the last value that was written, and compare before they set", () => {
  const perform = performer(registersModel(2));
  assertEquals(perform("read", [0, null]), [0, null]);
  assertEquals(perform("write", [0, 3]), [0, 3]);
  assertEquals(perform("cas", [0, [3, 4]]), [0, [3, 4]]);
  assertEquals(perform("cas", [0, [3, 1]]), DEFINITE_FAILURE);
  assertEquals(perform("read", [0, null]), [0, 4]);
  assertEquals(perform("read", [1, null]), [1, null]);
});

Deno.test("transactions read what earlier ones and they themselves wrote", () => {
  const lists = performer(listAppendModel());
  const first = [["r", 1, null], ["append", 1, 1], ["append", 1, 2], ["r", 1, null]];
  assertEquals(lists("txn", first), [
    ["r", 1, null],
    ["append", 1, 1],
    ["append", 1, 2],
    ["r", 1, [1, 2]],
  ]);
  assertEquals(lists("txn", [["r", 1, null], ["r", 2, null]]), [["r", 1, [1, 2]], ["r", 2, null]]);
  const registers = performer(rwRegisterModel());
  assertEquals(registers("txn", [["w", 1, 7], ["r", 1, null]]), [["w", 1, 7], ["r", 1, 7]]);
  assertEquals(registers("txn", [["r", 2, null], ["r", 1, null]]), [["r", 2, null], ["r", 1, 7]]);
});

Deno.test("a transaction has 1 to 4 micro-operations, and a key 16 writes", () => {
  for (const [model, write] of [[listAppendModel(), "append"], [rwRegisterModel(), "w"]] as const) {
    const random = new Random(1);
    const requests = Array.from({ length: 400 }, () => model.request(random).value as unknown[][]);
    assertEquals([...new Set(requests.map(({ length }) => length))].sort(), [1, 2, 3, 4]);
    const writes = requests.flat().filter(([f]) => f === write);
    assertEquals(new Set(writes.map(([, key, value]) => `${key} ${value}`)).size, writes.length);
    assertEquals(Math.max(...writes.map(([, , value]) => value as number)), 16);
  }
});
