import { assertEquals } from "std/testing";
import { applyMutant, mutantsOf } from "../../../tasks/mutate/mutants.ts";

/** Returns the mutants of a text as whole texts. */
function mutated(text: string): string[] {
  return mutantsOf("a.ts", text).map((mutant) => applyMutant(mutant, text));
}

const cases: readonly [name: string, text: string, mutants: readonly string[]][] = [
  ["a comparison", "f = a < b", [";", "f = a <= b"]],
  ["an equality", "f = a !== b", [";", "f = a === b"]],
  ["an operator", "f = a - b && c", [";", "f = a + b && c", "f = a - b || c"]],
  ["nested operators", "f = a && b && c", [";", "f = (a || b) && c", "f = a && b || c"]],
  ["nested operators", "f = a || b || c", [";", "f = (a || b) && c", "f = a && b || c"]],
  ["a concatenation is kept", 'f = "a" + b', [";"]],
  ["a boolean", "const f = true", ["const f = false"]],
  ["zero", "const f = 0", ["const f = 1"]],
  ["a small integer", "const f = 3", ["const f = 2", "const f = 4"]],
  ["a large integer", "const f = 5_000", ["const f = 10000"]],
  ["a fraction is kept", "const f = 0.5", []],
  ["an increment", "for (;; i++) {}", ["for (;; i--) {}"]],
  ["a condition", "if (a) b();", ["if (!(a)) b();", "if (a) ;"]],
  ["an equality as condition", "if (a === b) {}", ["if (a !== b) {}"]],
  ["a conditional expression", "const f = a ? b : c", ["const f = !(a) ? b : c"]],
  ["a return", "function f() { return a; }", ["function f() { ; }"]],
  ["a return of nothing at the end", "function f() { return undefined; }", []],
  ["a false return at the end", "function f() { if (a) return false; }", [
    "function f() { if (!(a)) return false; }",
    "function f() { if (a) return true; }",
  ]],
  ["a false return in a last catch", "function f() { try {} catch { return false; } }", [
    "function f() { try {} catch { return true; } }",
  ]],
  ["a false return before others", "function f() { if (a) { return false; } b(); }", [
    "function f() { if (!(a)) { return false; } b(); }",
    "function f() { if (a) { ; } b(); }",
    "function f() { if (a) { return true; } b(); }",
    "function f() { if (a) { return false; } ; }",
  ]],
  ["an early return", "function f() { { return; } }", ["function f() { { ; } }"]],
  ["a throw", "throw a;", [";"]],
  ["swapped arguments", "f = g(a, b.c, 1)", [
    ";",
    "f = g(b.c, a, 1)",
    "f = g(a, b.c, 0)",
    "f = g(a, b.c, 2)",
  ]],
  ["the same argument twice", "f = g(a, a)", [";"]],
  ["a commutative call is kept", "f = Math.max(a, b)", [";"]],
  ["an optional call is kept", "f = a?.b(c, d)", [";"]],
  ["types are kept", "let f: Map<string, 1 | true>; type A = 3; interface B { c: 4 }", []],
  ["imports are kept", 'import { a } from "b"; export { c } from "d"', []],
  ["the start of a program is kept", "if (import.meta.main) await f(1);", []],
  ["invariants are kept", 'invariant(a < 1, "b");', []],
  ["a call of super is kept", "class A extends B { constructor() { super(); } }", []],
  ["names of properties are kept", "const f = { 1: a }", []],
];

for (const [name, text, expected] of cases) {
  Deno.test(`mutants of ${name}: ${text}`, () => assertEquals(mutated(text), expected));
}

Deno.test("a mutant shows its line, or the statement that it removes", () => {
  const text = "const f = (a: number) => {\n  if (a > 1) g(\n    a,\n  );\n};\n";
  const shown = mutantsOf("a.ts", text).map(({ line, original, mutated }) =>
    `${line}: ${original} → ${mutated}`
  );
  assertEquals(shown, [
    "2: if (a > 1) g( → if (!(a > 1)) g(",
    "2: if (a > 1) g( → if (a >= 1) g(",
    "2: if (a > 1) g( → if (a > 0) g(",
    "2: if (a > 1) g( → if (a > 2) g(",
    "2: g( a, ); → (removed)",
  ]);
});
