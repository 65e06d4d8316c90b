import { assertEquals, assertThrows } from "std/testing";
import { EdnError, parseEdn, parseEdnAll } from "../../lib/history/mod.ts";

const values: Readonly<Record<string, unknown>> = {
  "nil": null,
  "true": true,
  "-12": -12,
  "+7": 7,
  "0.5": 0.5,
  "1.5E-3": 0.0015,
  "2M": 2,
  "1/4": 0.25,
  "9007199254740993": 9007199254740993n,
  "18446744073709551616N": 18446744073709551616n,
  "##-Inf": -Infinity,
  ":net-timeout": "net-timeout",
  "clojure.lang.ExceptionInfo": "clojure.lang.ExceptionInfo",
  "-": "-",
  "\\a": "a",
  "\\newline": "\n",
  "\\u0041": "A",
  '"plain"': "plain",
  '"a\\n\\"b\\"\\\\ \\u00e9"': 'a\n"b"\\ é',
  "[1 [2], (3 4)]": [1, [2], [3, 4]],
  "#{1 2}": [1, 2],
  '{:a 1, b 2, "c" 3, 0.5 4, [1] 5}': { a: 1, b: 2, c: 3, "0.5": 4, "[1]": 5 },
  "#jepsen.history.Op{:index 0}": { index: 0 },
  "; a comment\n[1 #_[2 3] 4] ; another": [1, 4],
};

for (const [text, value] of Object.entries(values)) {
  Deno.test(`parseEdn parses ${JSON.stringify(text)}`, () => {
    assertEquals(parseEdn(text), value);
  });
}

Deno.test("parseEdn accepts __proto__ as a key", () => {
  const map = parseEdn("{:__proto__ 1}") as object;
  assertEquals(Object.keys(map), ["__proto__"]);
  assertEquals(Object.getPrototypeOf(map), Object.prototype);
});

Deno.test("parseEdnAll parses several values", () => {
  assertEquals(parseEdnAll("1 [2]\n{:a 3}"), [1, [2], { a: 3 }]);
});

const malformed: Readonly<Record<string, [problem: string, line: number, column: number]>> = {
  "": ["the text is empty", 1, 1],
  "1 2": ["found another after it", 1, 3],
  "[1\n 2": ["the closing ']' is missing", 1, 1],
  "[1 2}": ["'}' has no opening bracket", 1, 5],
  "{:a 1\n :b}": ["a key of this map has no value", 1, 1],
  '["abc': ["no closing quote", 1, 2],
  '"\\q"': ["not an escape sequence", 1, 3],
  "[1\n 2x]": ["'2x' is not a number", 2, 2],
  "##Nan": ["'##Nan' is not a number", 1, 3],
};

for (const [text, [problem, line, column]] of Object.entries(malformed)) {
  Deno.test(`parseEdn rejects ${JSON.stringify(text)} with its location`, () => {
    const error = assertThrows(() => parseEdn(text), EdnError, problem);
    assertEquals([error.line, error.column], [line, column]);
  });
}
