import { assertEquals } from "std/testing";
import { insertStepCalls } from "../../../lib/workbench/sim/program/step_calls.ts";
import { parseProgram, type Syntax } from "../../../lib/workbench/sim/program/syntax.ts";

function insert(code: string, prefix = "", sourceType: "module" | "script" = "module") {
  return insertStepCalls(code, parseProgram(code, sourceType) as Syntax, prefix);
}

const cases: Readonly<Record<string, readonly [string, string]>> = {
  "a for loop": ["for (;;) {}", "for (;;) {__step();}"],
  "an empty loop": ["for (;;);", "for (;;){__step();;}"],
  "a while loop": ["while (a) b();", "while (a) {__step();b();}"],
  "a do loop": ["do a(); while (b);", "do {__step();a();} while (b);"],
  "a loop over values": ["for (const x of y) {}", "for (const x of y) {__step();}"],
  "a loop over keys": ["for (const x in y) {}", "for (const x in y) {__step();}"],
  "nested loops": ["for (;;) while (a);", "for (;;) {__step();while (a){__step();;}}"],
  "a function": ["function f() { a(); }", "function f() {__step(); a(); }"],
  "a function value": ["x = function () {};", "x = function () {__step();};"],
  "a method": ["class A { m() {} }", "class A { m() {__step();} }"],
  "an arrow function": ["x = () => {};", "x = () => {__step();};"],
  "an arrow function of a value": ["x = () => a;", "x = () => (__step(),a);"],
  "an arrow function of an object": ["x = () => ({});", "x = () => ((__step(),{}));"],
  "a directive": [
    'function f() { "use strict"; a(); }',
    'function f() { "use strict";__step(); a(); }',
  ],
};
for (const [name, [code, expected]] of Object.entries(cases)) {
  Deno.test(`a step is counted in ${name}`, () => {
    assertEquals(insert(code).code, expected);
  });
}

Deno.test("the prefix stands first, but after a shebang line", () => {
  assertEquals(insert("a();", "p;").code, "p;a();");
  assertEquals(insert("#!/usr/bin/env deno\na();", "p;").code, "#!/usr/bin/env deno\np;a();");
});

Deno.test("insertions have their positions in the code without them", () => {
  const { insertions } = insert("a;\nfor (;;);\n\nfor (;;) {}", "prefix;");
  assertEquals(insertions, [
    { line: 0, column: 0, length: 7 },
    { line: 1, column: 8, length: 10 },
    { line: 1, column: 9, length: 1 },
    { line: 3, column: 10, length: 9 },
  ]);
});
