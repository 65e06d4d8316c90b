import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import {
  CompactOperations,
  decodeHistory,
  decodeHistoryJsonl,
  elementsOf,
  encodeOperationEdn,
  encodeOperationJson,
  HistoryLines,
  type LinePiece,
  MalformedHistoryError,
  NEMESIS,
  type Operation,
  SharedLists,
  sharedValueOf,
} from "../../lib/history/mod.ts";
import { MIN_SHARED_ELEMENTS } from "../../lib/history/shared_lists.ts";

const range = (length: number, from = 0) => Array.from({ length }, (_, index) => from + index);

function read(value: unknown, index = 0): Operation {
  return { index, time: 5, type: "ok", process: 1, f: "read", value, final: true };
}

Deno.test("a list that continues an earlier one shares its elements", () => {
  const lists = new SharedLists();
  const first = lists.share(range(100), "n0");
  const second = lists.share(range(120), "n0");
  const shorter = lists.share(range(110), "n0");
  assertStrictEquals(first?.base, second?.base);
  assertEquals(second?.base.elements.length, 120);
  assertEquals([shorter?.base === first?.base, shorter?.length, shorter?.tail], [true, 110, []]);
  for (const [list, length] of [[first, 100], [second, 120], [shorter, 110]] as const) {
    assert(list !== undefined);
    assertEquals(elementsOf(list), range(length));
  }
});

Deno.test("a list that differs near its end keeps a tail; one that differs more starts a base", () => {
  const lists = new SharedLists();
  const base = lists.share(range(100), "n0")?.base;
  const near = lists.share([...range(90), "x", ...range(20)], "n0");
  assertEquals([near?.base === base, near?.length, near?.tail.length], [true, 90, 21]);
  const far = lists.share([...range(10), ...range(200, 500)], "n0");
  assertEquals([far?.base === base, far?.length, far?.tail], [false, 210, []]);
  assertEquals(base?.elements, range(100));
});

Deno.test("short lists and lists of objects are not shared", () => {
  const lists = new SharedLists();
  assertEquals(lists.share(range(MIN_SHARED_ELEMENTS - 1), "n0"), undefined);
  assert(lists.share(range(MIN_SHARED_ELEMENTS), "n0") !== undefined);
  assertEquals(lists.share(range(100).map((value) => [value]), "n0"), undefined);
  assertEquals(lists.share([...range(100), {}], "n0"), undefined);
});

Deno.test("a change of the given list changes no shared list", () => {
  const lists = new SharedLists();
  const given = range(100);
  const shared = lists.share(given, "n0");
  given[3] = -1;
  assert(shared !== undefined);
  assertEquals(elementsOf(shared), range(100));
  elementsOf(shared)[4] = -1;
  assertEquals(elementsOf(shared), range(100));
});

Deno.test("reads of many nodes in their own orders take memory linear in the elements", () => {
  const random = new Random("orders");
  const lists = new SharedLists();
  const nodes: number[][] = range(5).map(() => []);
  const bases = new Set<unknown>();
  for (let element = 0; element < 2000; element++) {
    for (const node of random.shuffle(nodes)) node.push(element + random.integer(3));
    const node = random.pick(nodes);
    const shared = lists.share(node, "client");
    if (shared === undefined) continue;
    assertEquals(elementsOf(shared), node);
    bases.add(shared.base);
  }
  assert(bases.size <= 10, `${bases.size} bases`);
});

Deno.test("each of many origins continues its own list", () => {
  const lists = new SharedLists();
  const nodes = range(100).map((node) => range(64, 1000 * node));
  const bases = new Set<unknown>();
  for (let element = 0; element < 50; element++) {
    for (const [origin, node] of nodes.entries()) {
      const shared = lists.share(node, origin);
      assert(shared !== undefined);
      assertEquals(elementsOf(shared), node);
      bases.add(shared.base);
      node.push(element);
    }
  }
  assertEquals(bases.size, nodes.length);
});

Deno.test("a compact operation equals its original, also when it is copied", () => {
  const compact = new CompactOperations();
  const original = read(range(100));
  const operation = compact.compact(original);
  assertEquals(operation, original);
  assertEquals({ ...operation, index: 7 }, { ...original, index: 7 });
  assert(sharedValueOf(operation) !== undefined);
  const short = read([1, 2]);
  assertStrictEquals(compact.compact(short), short);
  assertEquals(sharedValueOf(short), undefined);
});

Deno.test("HistoryLines writes each operation as the encoders of the formats do", () => {
  const random = new Random("lines");
  const compact = new CompactOperations();
  const formats = [
    { lines: new HistoryLines("jsonl"), encode: encodeOperationJson },
    { lines: new HistoryLines("edn"), encode: encodeOperationEdn },
  ];
  let elements: unknown[] = range(60);
  for (let index = 0; index < 200; index++) {
    elements = [...elements, random.pick([index, `"ä ${index}`, 2n ** 64n, null, -1])];
    if (random.chance(0.1)) elements = random.shuffle(elements);
    if (random.chance(0.1)) elements = [...elements.slice(0, -3), { a: 1 }, 5];
    const original: Operation = { ...read(elements, index), error: "value []", extra: { x: [] } };
    const operation = compact.compact(original);
    for (const { lines, encode } of formats) {
      assertEquals(textOf(lines.pieces(operation)), encode(original));
    }
  }
  const txn: Operation = { ...read([["r", 1, range(100)]]), f: "txn" };
  for (const { lines, encode } of formats) {
    assertEquals(textOf(lines.pieces(compact.compact(txn))), encode(txn));
  }
});

function textOf(pieces: readonly LinePiece[]): string {
  const decoder = new TextDecoder();
  return pieces.map((piece) => typeof piece === "string" ? piece : decoder.decode(piece)).join("");
}

Deno.test("a history whose lists continue others is read back as it was", () => {
  const random = new Random("continuations");
  const compact = new CompactOperations();
  const lines = new HistoryLines("jsonl");
  const nodes: unknown[][] = [[], [], []];
  const history: Operation[] = [];
  let text = "";
  let wholeCharacters = 0;
  for (let round = 0; round < 600; round++) {
    const value = random.pick([round, `ä ${round}`, 2n ** 64n + BigInt(round), null]);
    for (const node of random.shuffle(nodes)) {
      node.splice(node.length - random.integer(3), 0, value);
    }
    const list = random.chance(0.05) ? range(1500, round) : [...range(1000), ...random.pick(nodes)];
    const index = history.length;
    const invoke: Operation = {
      index,
      time: 5,
      type: "invoke",
      process: 1,
      f: "read",
      value: null,
    };
    const original = read(random.chance(0.1) ? list.slice(0, -50) : list, index + 1);
    for (const operation of [invoke, original]) {
      const pieces = lines.pieces(compact.compact(operation), { mayContinue: round > 100 });
      text += `${textOf(pieces)}\n`;
      if (round > 100) wholeCharacters += encodeOperationJson(operation).length;
      history.push(operation);
    }
  }
  const continued = text.split("\n").filter((line) => line.includes('"continues":'));
  assert(continued.length > 400, `${continued.length} lines continue others`);
  assert(continued.join("").length < wholeCharacters / 5);
  assertEquals(decodeHistoryJsonl(text, "history.jsonl"), history);
  assertEquals(decodeHistory(text, "history.jsonl"), history);
});

Deno.test("a continuation of nothing is malformed", () => {
  const line = (index: number, fields: object) =>
    JSON.stringify({ index, time: 1, type: "info", process: NEMESIS, f: "x", ...fields }) + "\n";
  const after = (fields: object) =>
    decodeHistoryJsonl(line(0, { value: [1, 2] }) + line(1, fields), "h.jsonl");
  assertEquals(after({ value: [3], continues: { first: 1, of: 0 } })[1]?.value, [1, 3]);
  assertEquals(after({ value: [3], continues: { first: 1 } })[1]?.extra, {
    continues: { first: 1 },
  });
  const cases = [
    [{ value: 3, continues: { first: 1, of: 0 } }, "value must be a list"],
    [
      { value: [3], continues: { first: 3, of: 0 } },
      "must be at most 2, the elements of operation 0",
    ],
    [{ value: [3], continues: { first: 0, of: 1 } }, "the index of an earlier operation, got 1"],
  ] as const;
  for (const [fields, text] of cases) {
    assertStringIncludes(
      assertThrows(() => after(fields), MalformedHistoryError).message,
      text,
    );
  }
});
