import { assertEquals } from "std/testing";
import { prepareModule } from "../../../lib/workbench/sim/program/module_source.ts";
import {
  registerOrigin,
  toSourcePositions,
} from "../../../lib/workbench/sim/program/source_positions.ts";

Deno.test("positions are those before the insertions into their line", () => {
  const insertions = [
    { line: 0, column: 0, length: 10 },
    { line: 0, column: 5, length: 3 },
    { line: 2, column: 0, length: 4 },
  ];
  registerOrigin("file:///a.js", { insertions, sourceMap: undefined });
  const at = (position: string) => toSourcePositions(`f (file:///a.js:${position})`);
  assertEquals(at("1:1"), "f (file:///a.js:1:1)");
  assertEquals(at("1:6"), "f (file:///a.js:1:1)", "inside of the first insertion");
  assertEquals(at("1:12"), "f (file:///a.js:1:2)");
  assertEquals(at("1:16"), "f (file:///a.js:1:6)");
  assertEquals(at("1:18"), "f (file:///a.js:1:6)", "inside of the second insertion");
  assertEquals(at("1:20"), "f (file:///a.js:1:7)");
  assertEquals(at("2:20"), "f (file:///a.js:2:20)");
  assertEquals(at("3:8"), "f (file:///a.js:3:4)");
});

Deno.test("positions in other files and texts without positions stay", () => {
  for (const text of ["no position", "f (file:///unknown.js:1:5)", "https://a.js:1:2"]) {
    assertEquals(toSourcePositions(text), text);
  }
});

Deno.test("all positions in a text are mapped to the TypeScript source", () => {
  const source =
    "interface A {\n  a: string;\n}\nexport const f = (a: A) => { throw new Error(a.a); };";
  const { code } = prepareModule("file:///b.ts", source);
  const lines = code.split("\n");
  const line = lines.findIndex((text) => text.includes("new Error"));
  const column = (lines[line] as string).indexOf("new Error");
  const position = `file:///b.ts:${line + 1}:${column + 1}`;
  assertEquals(
    toSourcePositions(`at ${position}\nat ${position}`),
    "at file:///b.ts:4:36\nat file:///b.ts:4:36",
  );
});
