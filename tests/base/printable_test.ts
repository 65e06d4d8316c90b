import { assertEquals } from "std/testing";
import { printable } from "../../lib/base/mod.ts";

Deno.test("printable replaces the characters that change a terminal", () => {
  assertEquals(printable("\x1b]0;title\x07\x1b[2J"), "\\u001b]0;title\\u0007\\u001b[2J");
  assertEquals(printable("a\rb\x00c\x7f\x9b"), "a\\u000db\\u0000c\\u007f\\u009b");
  assertEquals(printable("\u202eabc\u2028\u2066"), "\\u202eabc\\u2028\\u2066");
  assertEquals(printable("a\ud800"), "a\\ud800");
});

Deno.test("printable keeps lines, tabs and text of any language", () => {
  const text = "a\tb\nÄ ヽ(‘ー`)ノ 👩‍👩‍👧 → ┻━┻";
  assertEquals(printable(text), text);
});
