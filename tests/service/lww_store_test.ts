import { assertEquals, assertStrictEquals } from "std/testing";
import { type LwwState, lwwStore } from "../../lib/service/mod.ts";
import type { Body } from "../../lib/wire/mod.ts";
import { cas, create, found, NO_KEY, read, write } from "./requests.ts";

function after(state: LwwState, ...requests: Body[]): LwwState {
  return requests.reduce((state, request) => lwwStore.apply(state, request).state, state);
}

function reply(state: LwwState, request: Body): Body {
  return lwwStore.apply(state, request).reply;
}

const empty = lwwStore.initial;

Deno.test("a single replica replies like the linearizable store", () => {
  assertEquals(reply(empty, read("x")), NO_KEY);
  const state = after(empty, write("x", 1), cas("x", 1, "two"));
  assertEquals(reply(state, read("x")), found("two"));
  assertEquals(reply(state, cas("x", "2", 3)), {
    type: "error",
    code: 22,
    text: 'current value "two" is not "2"',
  });
  assertEquals(reply(state, cas("y", 1, 2)), NO_KEY);
  assertEquals(reply(state, { type: "read" }).code, 12);
  assertEquals(reply(state, { type: "add", key: "x" }).code, 10);
});

Deno.test("a cas never creates a key, even with create_if_not_exists", () => {
  assertEquals(reply(empty, create("x", null, 1)), NO_KEY);
  assertStrictEquals(after(empty, create("x", null, 1)), empty);
  assertEquals(reply(after(empty, write("x", 0)), create("x", 0, 1)), { type: "cas_ok" });
});

Deno.test("the clock counts writes, including a write of the current value", () => {
  assertEquals(empty.clock, 0);
  assertStrictEquals(after(empty, read("x"), cas("x", 0, 1)), empty);
  const state = after(empty, write("x", 1), write("x", 1), cas("x", 1, 2));
  assertEquals(state.clock, 3);
  assertStrictEquals(after(state, read("x"), cas("x", 1, 2)), state);
});

Deno.test("a merge keeps the higher timestamp regardless of its direction", () => {
  const late = after(empty, write("y", 0), write("x", "late"));
  const early = after(empty, write("x", "early"));
  for (const merged of [lwwStore.merge(late, early), lwwStore.merge(early, late)]) {
    assertEquals(reply(merged, read("x")), found("late"));
    assertEquals(reply(merged, read("y")), found(0));
  }
});

Deno.test("a merge keeps the source's value when the timestamps are equal", () => {
  const one = after(empty, write("x", "one"));
  const two = after(empty, write("x", "two"));
  assertEquals(reply(lwwStore.merge(one, two), read("x")), found("one"));
  assertEquals(reply(lwwStore.merge(two, one), read("x")), found("two"));
});

Deno.test("a merge takes the higher clock, so the next write supersedes all merged values", () => {
  const late = after(empty, write("x", 0), write("x", 1), write("x", 2));
  const merged = lwwStore.merge(late, after(empty, write("y", 9)));
  assertEquals(merged.clock, 3);
  const next = after(merged, write("x", "next"));
  assertEquals(reply(lwwStore.merge(late, next), read("x")), found("next"));
});

Deno.test("a merge leaves both replicas unchanged", () => {
  const one = after(empty, write("x", 1));
  const two = after(empty, write("y", 2));
  lwwStore.merge(one, two);
  assertEquals([reply(one, read("y")), reply(two, read("x"))], [NO_KEY, NO_KEY]);
});
