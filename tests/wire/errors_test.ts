import { assert, assertEquals } from "std/testing";
import { ErrorCode, errorName, isDefinite, RpcError } from "../../lib/wire/mod.ts";

/** Maelstrom's error registry, copied from its doc/protocol.md. */
const REGISTRY: readonly (readonly [code: number, name: string, definite: boolean])[] = [
  [0, "timeout", false],
  [1, "node-not-found", true],
  [10, "not-supported", true],
  [11, "temporarily-unavailable", true],
  [12, "malformed-request", true],
  [13, "crash", false],
  [14, "abort", true],
  [20, "key-does-not-exist", true],
  [21, "key-already-exists", true],
  [22, "precondition-failed", true],
  [30, "txn-conflict", true],
];

Deno.test("the registry has the codes, names and definiteness of Maelstrom's registry", () => {
  assertEquals(
    Object.values(ErrorCode).toSorted((a, b) => a - b),
    REGISTRY.map(([code]) => code),
  );
  for (const [code, name, definite] of REGISTRY) {
    assertEquals([code, errorName(code), isDefinite(code)], [code, name, definite]);
  }
});

Deno.test("each constant's name is its error name in camel case", () => {
  for (const [constant, code] of Object.entries(ErrorCode)) {
    const dashed = constant.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    assertEquals(errorName(code), dashed);
  }
});

Deno.test("codes outside the registry, including those from 1000, are unknown and indefinite", () => {
  const known = new Set(REGISTRY.map(([code]) => code));
  for (const code of [-1, 0.5, NaN, 1000, 1001, 2 ** 40, ...Array(100).keys()]) {
    if (known.has(code)) continue;
    assertEquals([code, errorName(code), isDefinite(code)], [code, "unknown", false]);
  }
});

Deno.test("RpcError exposes its code, text, name and definiteness", () => {
  const error = new RpcError(ErrorCode.keyDoesNotExist, "no key 'x'");
  assert(error instanceof Error);
  assertEquals(error.message, "key-does-not-exist (20): no key 'x'");
  assertEquals(
    [error.name, error.code, error.text, error.errorName, error.definite],
    ["RpcError", 20, "no key 'x'", "key-does-not-exist", true],
  );
  assertEquals(new RpcError(1234, "own").definite, false);
});

Deno.test("RpcError survives a round trip through a message body", () => {
  for (const [code, name] of [...REGISTRY, [1001, "unknown"] as const]) {
    const body = new RpcError(code, `text of ${code}`).toBody();
    assertEquals(body, { type: "error", code, text: `text of ${code}` });
    const back = RpcError.fromBody(body);
    assertEquals([back.code, back.text, back.errorName], [code, `text of ${code}`, name]);
  }
});

Deno.test("fromBody treats a missing or malformed code as a crash", () => {
  for (const body of [{ type: "error" }, { type: "error", code: "20", text: 5 }]) {
    const error = RpcError.fromBody(body);
    assertEquals([error.code, error.text, error.definite], [13, "no error text given", false]);
  }
});
