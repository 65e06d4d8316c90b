import { assert, assertEquals, assertStrictEquals } from "std/testing";
import fc from "fast-check";
import { canonicalJson, type Json } from "../../lib/base/mod.ts";
import { type KvState, kvStore } from "../../lib/service/mod.ts";
import type { Body } from "../../lib/wire/mod.ts";
import { cas, create, found, NO_KEY, read, write } from "./requests.ts";

/** Applies the requests in order and returns their replies and the final state. */
function run(requests: readonly Body[]): { replies: Body[]; state: KvState } {
  let state = kvStore.initial;
  const replies = requests.map((request) => {
    const outcome = kvStore.apply(state, request);
    state = outcome.state;
    return outcome.reply;
  });
  return { replies, state };
}

function lastReply(...requests: Body[]): Body {
  return run(requests).replies.at(-1) as Body;
}

/** A pool of JSON values that is small, so that keys repeat, and full of near-equal values. */
const someJson = fc.constantFrom<Json>(
  ...["a", "1", 1, 0, "", null, true, "null", "true", [1], "[1]", { a: 1, b: 2 }, { b: 2, a: 1 }],
  ...[1n << 63n, String(1n << 63n), '"a', [], {}],
);
const requests = fc.array(
  fc.oneof(
    fc.tuple(someJson).map(([key]) => read(key)),
    fc.tuple(someJson, someJson).map(([key, value]) => write(key, value)),
    fc.tuple(someJson, someJson, someJson).map(([key, from, to]) => cas(key, from, to)),
    fc.tuple(someJson, someJson, someJson).map(([key, from, to]) => create(key, from, to)),
  ),
  { maxLength: 60 },
);

Deno.test("a read returns the last value written, or error 20 for a missing key", () => {
  assertEquals(run([read("x"), write("x", 1), write("x", [2]), read("x"), read("y")]).replies, [
    NO_KEY,
    { type: "write_ok" },
    { type: "write_ok" },
    found([2]),
    NO_KEY,
  ]);
});

Deno.test("null is an ordinary value and key", () => {
  assertEquals(lastReply(write("x", null), read("x")), found(null));
  assertEquals(lastReply(write("x", null), cas("x", null, 1)), { type: "cas_ok" });
  assertEquals(lastReply(write(null, 5), read(null)), found(5));
});

Deno.test("a cas sets the value when the current value is the expected one", () => {
  assertEquals(run([write("x", 1), cas("x", 1, 2), read("x")]).replies.slice(1), [
    { type: "cas_ok" },
    found(2),
  ]);
});

Deno.test("a cas that expects another value fails with error 22, quotes both values and writes nothing", () => {
  const { replies, state } = run([write("x", "one"), cas("x", { a: null }, 2)]);
  assertEquals(replies.at(-1), {
    type: "error",
    code: 22,
    text: 'current value "one" is not {"a":null}',
  });
  assertEquals(kvStore.apply(state, read("x")).reply, found("one"));
  assertEquals(lastReply(write("x", 1), cas("x", "1", 2)), {
    type: "error",
    code: 22,
    text: 'current value 1 is not "1"',
  });
});

Deno.test("a cas on a missing key fails with error 20", () => {
  assertEquals(run([cas("x", null, 1), read("x")]).replies, [NO_KEY, NO_KEY]);
});

Deno.test("a cas with create_if_not_exists creates a missing key regardless of from", () => {
  assertEquals(run([create("x", 5, 1), read("x")]).replies, [{ type: "cas_ok" }, found(1)]);
  assertEquals(lastReply(write("x", 1), create("x", 5, 2)).code, 22);
  assertEquals(lastReply(write("x", 1), create("x", 1, 2), read("x")), found(2));
});

Deno.test("create_if_not_exists is enabled by any value except null and false", () => {
  for (const flag of [true, 1, 0, "", "false", [], {}]) {
    const request = { ...cas("x", null, 1), create_if_not_exists: flag };
    assertEquals([flag, lastReply(request)], [flag, { type: "cas_ok" }]);
  }
  for (const flag of [false, null]) {
    const request = { ...cas("x", null, 1), create_if_not_exists: flag };
    assertEquals([flag, lastReply(request)], [flag, NO_KEY]);
  }
});

Deno.test("a missing from is null in a cas with create_if_not_exists", () => {
  const request = { type: "cas", key: "x", to: 1, create_if_not_exists: true };
  assertEquals(lastReply(request, read("x")), found(1));
  assertEquals(lastReply(write("x", null), request), { type: "cas_ok" });
  assertEquals(lastReply(write("x", 3), request).text, "current value 3 is not null");
});

Deno.test("a missing field is rejected with error 12, which names the field", () => {
  const malformed: [Body, string][] = [
    [{ type: "read" }, "a read request requires the field 'key'"],
    [{ type: "write", value: 1 }, "a write request requires the field 'key'"],
    [{ type: "write", key: "x" }, "a write request requires the field 'value'"],
    [{ type: "cas", from: 1, to: 2 }, "a cas request requires the field 'key'"],
    [{ type: "cas", key: "x", to: 2 }, "a cas request requires the field 'from'"],
    [{ type: "cas", key: "x", from: 1 }, "a cas request requires the field 'to'"],
  ];
  for (const [request, text] of malformed) {
    const { state } = run([write("x", 1)]);
    const outcome = kvStore.apply(state, request);
    assertEquals(outcome.reply, { type: "error", code: 12, text });
    assertStrictEquals(outcome.state, state);
  }
});

Deno.test("an unsupported type is rejected with error 10, which quotes the type", () => {
  for (const type of ["delete", "", "constructor", "read_ok", "ts"]) {
    const text = `unsupported request type "${type}"; this service supports read, write, cas`;
    assertEquals(lastReply({ type, key: "x" }), { type: "error", code: 10, text });
  }
});

Deno.test("a request that changes nothing returns the identical state", () => {
  const { state } = run([write("x", { a: 1, b: [2] })]);
  const equal = { b: [2], a: 1 };
  const unchanging = [
    read("x"),
    read("y"),
    write("x", equal),
    cas("x", 0, 1),
    cas("x", equal, equal),
    cas("y", 0, 1),
    create("x", 0, 1),
  ];
  for (const request of unchanging) assertStrictEquals(kvStore.apply(state, request).state, state);
  for (const request of [write("x", 1), cas("x", equal, 1), write("y", null), create("y", 0, 1)]) {
    assert(kvStore.apply(state, request).state !== state, JSON.stringify(request));
  }
});

Deno.test("old states are immutable", () => {
  const old = run([write("x", 1)]).state;
  kvStore.apply(old, write("x", 2));
  assertEquals(kvStore.apply(old, read("x")).reply, found(1));
});

Deno.test("keys differ by type and content but not by the order of object members", () => {
  const distinct: Json[] = ["1", 1, "[1]", [1], '"1', "null", null, "true", true, "{}", {}, [], ""];
  distinct.push(2n ** 63n, 2n ** 63n + 1n, String(2n ** 63n));
  const { state } = run(distinct.map((key, index) => write(key, index)));
  assertEquals(
    distinct.map((key) => kvStore.apply(state, read(key)).reply),
    distinct.map((_key, index) => found(index)),
  );
  assertEquals(lastReply(write({ a: 1, b: 2 }, 1), read({ b: 2, a: 1 })), found(1));
});

Deno.test("random requests agree with a naive model", () => {
  fc.assert(
    fc.property(requests, (requests) => {
      const model = new Map<string, Json>();
      const expected = requests.map((request): Body => {
        const key = canonicalJson(request.key);
        const current = model.get(key);
        if (request.type === "write") {
          model.set(key, request.value as Json);
          return { type: "write_ok" };
        }
        if (current === undefined && request.create_if_not_exists !== true) return NO_KEY;
        if (request.type === "read") return found(current as Json);
        if (current !== undefined && canonicalJson(current) !== canonicalJson(request.from)) {
          return { type: "error", code: 22 };
        }
        model.set(key, request.to as Json);
        return { type: "cas_ok" };
      });
      const { replies } = run(requests);
      const comparable = replies.map((reply) =>
        reply.code === 22 ? { type: "error", code: 22 } : reply
      );
      assertEquals(canonicalJson(comparable), canonicalJson(expected));
    }),
    { seed: 1, numRuns: 1000 },
  );
});
