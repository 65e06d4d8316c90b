import { assertEquals } from "std/testing";
import { findViolations } from "../../tasks/cli/tidy_rules.ts";

const head = "/**\n * A doc comment.\n *\n * @module\n */\n";

function problems(path: string, code: string): string[] {
  return findViolations(path, head + code).map(({ line, problem }) => `${line}: ${problem}`);
}

Deno.test("a file that follows the rules has no violations", () => {
  const code =
    'import { Heap } from "../base/mod.ts";\n// Date.now() in a comment\nexport const a = 1;\n';
  assertEquals(problems("lib/wire/a.ts", code), []);
});

Deno.test("findViolations reports an import that the layers do not allow", () => {
  assertEquals(problems("lib/base/a.ts", 'import { x } from "../wire/mod.ts";\n'), [
    "6: base may not import wire",
  ]);
  assertEquals(
    problems("lib/workbench/sim/a.ts", 'const x = import("../../../nodes/echo.ts");\n'),
    [
      "6: workbench may not import nodes",
    ],
  );
  assertEquals(problems("lib/node/a.ts", 'await import("../transport/nats/serve.ts");\n'), []);
  assertEquals(problems("lib/node/a.ts", 'import { x } from "../transport/nats/serve.ts";\n'), [
    "6: node may not import transport",
  ]);
  assertEquals(problems("lib/check/txn/a.ts", 'import { x } from "../../history/mod.ts";\n'), []);
  assertEquals(problems("examples/a.ts", 'import { x } from "../lib/node/mod.ts";\n'), []);
  assertEquals(problems("examples/a.ts", 'import { x } from "../lib/service/a.ts";\n'), [
    "6: examples may not import service",
  ]);
});

Deno.test("findViolations reports non-deterministic calls in deterministic layers only", () => {
  for (
    const call of ["Math.random()", "Date.now()", "new Date()", "setTimeout(f)", "Deno.exit()"]
  ) {
    const name = call.replace(/\(.*/, "");
    assertEquals(problems("nodes/a.ts", `const a = ${call};\n`), [
      `6: ${name} is non-deterministic; layer nodes must get it from its caller`,
    ]);
    assertEquals(problems("lib/workbench/a.ts", `const a = ${call};\n`), []);
  }
  assertEquals(problems("nodes/a.ts", 'node.log("Date.now()"); // Math.random()\n'), []);
  assertEquals(problems("examples/project/a_test.ts", "Deno.test(name, run);\n"), []);
});

Deno.test("findViolations reports module state, any, a missing doc comment and an unknown layer", () => {
  assertEquals(problems("lib/protocol/a.ts", "let count = 0;\n"), [
    "6: module-level variable; simulated nodes would share it",
  ]);
  assertEquals(problems("lib/base/a.ts", "const a = b as any;\n"), [
    "6: any or a suppressed type error; use a precise type",
  ]);
  assertEquals(findViolations("lib/base/a.ts", "export const a = 1;\n").length, 1);
  assertEquals(findViolations("lib/new/a.ts", head).length, 1);
});

Deno.test("findViolations reports a file that is too long", () => {
  assertEquals(problems("lib/base/a.ts", "\n".repeat(300)).length, 1);
});
