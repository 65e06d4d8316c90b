import { assertEquals } from "std/testing";
import { findViolations } from "../../tasks/cli/tidy_rules.ts";

const head = "/**\n * What it is.\n *\n * @module\n */\n";

function problems(path: string, code: string): string[] {
  return findViolations(path, head + code).map(({ line, problem }) => `${line}: ${problem}`);
}

Deno.test("a tidy file has no findings", () => {
  const code =
    'import { Heap } from "../base/mod.ts";\n// Date.now() is for others\nexport const a = 1;\n';
  assertEquals(problems("lib/wire/a.ts", code), []);
});

Deno.test("an import against the layers is found", () => {
  assertEquals(problems("lib/base/a.ts", 'import { x } from "../wire/mod.ts";\n'), [
    "6: base may not import wire",
  ]);
  assertEquals(
    problems("lib/workbench/sim/a.ts", 'const x = import("../../../nodes/echo.ts");\n'),
    [
      "6: workbench may not import nodes",
    ],
  );
  assertEquals(problems("lib/check/txn/a.ts", 'import { x } from "../../history/mod.ts";\n'), []);
});

Deno.test("ambient time, randomness and output are found where they must not be", () => {
  for (
    const call of ["Math.random()", "Date.now()", "new Date()", "setTimeout(f)", "Deno.exit()"]
  ) {
    const name = call.replace(/\(.*/, "");
    assertEquals(problems("nodes/a.ts", `const a = ${call};\n`), [
      `6: ${name} is ambient; in nodes it has to come from the caller`,
    ]);
    assertEquals(problems("lib/workbench/a.ts", `const a = ${call};\n`), []);
  }
  assertEquals(problems("nodes/a.ts", 'node.log("Date.now()"); // Math.random()\n'), []);
});

Deno.test("state of a module, types given up, and missing openings are found", () => {
  assertEquals(problems("lib/protocol/a.ts", "let count = 0;\n"), [
    "6: module-level state; many nodes share this module",
  ]);
  assertEquals(problems("lib/base/a.ts", "const a = b as any;\n"), ["6: types are given up here"]);
  assertEquals(findViolations("lib/base/a.ts", "export const a = 1;\n").length, 1);
  assertEquals(findViolations("lib/new/a.ts", head).length, 1);
});

Deno.test("a file that outgrew its room is found", () => {
  assertEquals(problems("lib/base/a.ts", "\n".repeat(300)).length, 1);
});
