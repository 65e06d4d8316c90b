import { assertEquals } from "std/testing";
import { applyMutant, mutantsOf } from "../../../tasks/mutate/mutants.ts";
import { SWITCH, switchedText } from "../../../tasks/mutate/switched_text.ts";

/** Bodies of a function of `a` and `b`. They end with every change. */
const BODIES: readonly string[] = [
  "return a < b && b !== 3 ? 1 : a + b * 2;",
  "if (a > b) a = 7; else b = 8; return [a, b];",
  "if (a > b) throw new Error('high'); return a - (b + 1);",
  "let i = 0; for (; i < 5; i += 1) { if (i === a) break; if (i === b) continue; b++; } return [i, b];",
  "const f = (x, y) => x - y; return f(a, b) + f(f(a, b), a);",
  "return !(a >= 2 || (b <= 1 && true)) || false;",
  "return [a < 2 && b < 2 && a < b, a < 2 || b < 2 || a < b, a < 2 && b < 2 || a < b && b > 1];",
  "let n = a; n -= b; n += 20; return [n--, --n, `${n + 1}`, 'x' + n];",
  "return [a, b].map((x) => x > 1).filter((x) => x === (a === b))[0] ?? -12;",
];

/** The result of a body for all small `a` and `b`. */
function outcomes(body: string, active: number): unknown[] {
  const call = new Function(SWITCH, "a", "b", body);
  const isActive = (id: number) => id === active;
  return [0, 1, 2, 3, 4].flatMap((a) =>
    [0, 1, 2, 3].map((b) => {
      try {
        return call(isActive, a, b);
      } catch (error) {
        return String(error);
      }
    })
  );
}

for (const body of BODIES) {
  Deno.test(`a switched text is the program and each of its mutants: ${body}`, () => {
    const mutants = mutantsOf("a.js", body)
      .filter((mutant) => !isEndless(applyMutant(mutant, body)));
    const switched = switchedText(body, new Map(mutants.map((mutant, i) => [i + 1, mutant])));
    assertEquals(outcomes(switched, 0), outcomes(body, 0));
    for (const [index, mutant] of mutants.entries()) {
      assertEquals(
        outcomes(switched, index + 1),
        outcomes(applyMutant(mutant, body), 0),
        mutant.mutated,
      );
    }
  });
}

/** Whether the loop of a body counts down. */
function isEndless(body: string): boolean {
  return body.includes("i -= 1") || body.includes("i += 0");
}
