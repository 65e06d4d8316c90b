import { assert, assertEquals, assertMatch } from "std/testing";
import { Double } from "../../lib/base/mod.ts";
import { readOutputLine } from "../../lib/workbench/output_line.ts";

const message = { src: "n0", dest: "c1", body: { type: "x" } };
const line = JSON.stringify(message);

Deno.test("a line with one message is the message, with white space or a carriage return around it", () => {
  for (const text of [line, ` \t${line}  `, `${line}\r`, JSON.stringify({ id: 7, ...message })]) {
    assertEquals(readOutputLine(text), { message });
  }
});

Deno.test("blank lines and other invalid lines are problems without a message", () => {
  const problems: readonly (readonly [string, RegExp])[] = [
    ["", /a blank line/],
    [" \t\r", /a blank line/],
    ["starting", /Unexpected token/],
    [`\ufeff${line}`, /Unexpected token/],
    ["{'src': 'n0'}", /Expected property name/],
    [`{"src":"n0"`, /Expected/],
    ["null", /a message must be a JSON object/],
    ["[]", /a message must be a JSON object/],
    ["5 apples", /after JSON/],
    [`{"src":null,"dest":"c1","body":{}}`, /'src' must be a string/],
    [`{"src":"n0","body":{}}`, /'dest' must be a string/],
    [`{"src":"n0","dest":"c1","body":5}`, /'body' must be a JSON object/],
    [`{"src":"n0","dest":"c1","body":[1]}`, /'body' must be a JSON object/],
    [`{"src":"n0","dest":"c1","body":{},"id":null}`, /'id' must be an integer/],
    [`{"src":"n0","dest":"c1","body":{},"id":1.0}`, /'id' must be an integer/],
    [`{"src":"n0","dest":"c1","body":{},"msg_id":1}`, /unknown field 'msg_id' outside 'body'/],
    ["[".repeat(1500) + "]".repeat(1500), /nested more than 1000 deep/],
  ];
  for (const [text, expected] of problems) {
    const { problem, message } = readOutputLine(text);
    assertMatch(problem ?? "", expected, text);
    assertEquals(message, undefined, text);
  }
});

Deno.test("a line that a common mistake printed gets a hint", () => {
  const hints: readonly (readonly [string, string])[] = [
    [
      "{'src': 'n0'}",
      ": JSON has double quotes, is it Python's print of a dict without json.dumps?",
    ],
    ["{", ": a message must be on one line, is it printed with indentation?"],
    [" [", ": a message must be on one line, is it printed with indentation?"],
    [`{"src":"n0"`, ""],
  ];
  for (const [text, hint] of hints) {
    const { problem = "" } = readOutputLine(text);
    assert(hint === "" ? !problem.includes("?") : problem.endsWith(hint), problem);
  }
});

Deno.test("Maelstrom ignores what follows the first value of a line, which is a problem here", () => {
  for (const rest of ["\0", ` ${line}`, line, " true", "]", ", 1"]) {
    const output = readOutputLine(line + rest);
    assertEquals(output.message, message, rest);
    assertMatch(output.problem ?? "", /after JSON at position 4[45]/);
  }
});

Deno.test("Maelstrom reads a missing body as an empty one, which is a problem here", () => {
  for (const body of ["", `,"body":null`, `,"body":[]`, `,"body":""`]) {
    assertEquals(readOutputLine(`{"src":"n0","dest":"c1"${body}}`), {
      message: { src: "n0", dest: "c1", body: {} },
      problem: "'body' is missing",
    });
  }
});

Deno.test("integers that are written as fractions stay different from integers", () => {
  const { message } = readOutputLine(`{"src":"n0","dest":"c1","body":{"in_reply_to":1.0,"x":1}}`);
  assertEquals(message?.body, { in_reply_to: new Double(1), x: 1 });
  const large = `{"src":"n0","dest":"c1","body":{},"id":12345678901234567890}`;
  assert(readOutputLine(large).message !== undefined);
});
