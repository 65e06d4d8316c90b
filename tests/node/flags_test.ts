import { assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import {
  choice,
  type Node,
  parseNodeFlags,
  quantity,
  toggle,
  UsageError,
} from "../../lib/node/mod.ts";
import { FakeNode } from "../support/fake_host.ts";

const table = {
  strategy: choice(["flood", "hub"], "how values travel"),
  interval: quantity(20, "milliseconds between two flushes", { least: 1, most: 1000 }),
  count: quantity(3, "how many", { integer: true }),
  quiet: toggle(false, "says less"),
  patience: quantity(Infinity, "how long to wait"),
};

const defaults = {
  strategy: "flood",
  interval: 20,
  count: 3,
  quiet: false,
  patience: Infinity,
} as const;

function refusal(...args: string[]): string {
  return assertThrows(() => parseNodeFlags(args, table), UsageError).message;
}

Deno.test("flags that are not given have their defaults", () => {
  assertEquals(parseNodeFlags([], table), defaults);
  assertEquals(parseNodeFlags([], { mode: choice(["a", "b"], "", "b") }), { mode: "b" });
});

Deno.test("flags are read with a space or an equals sign, the last of two wins", () => {
  assertEquals(parseNodeFlags(["--strategy", "hub", "--interval=0.5e2"], table), {
    ...defaults,
    strategy: "hub",
    interval: 50,
  });
  assertEquals(parseNodeFlags(["--count", "1", "--count", "2"], table).count, 2);
});

Deno.test("a toggle is on when it is named, and takes true and false", () => {
  for (const [args, quiet] of [[["--quiet"], true], [["--quiet=false"], false]] as const) {
    assertEquals(parseNodeFlags(args, table).quiet, quiet);
  }
  assertEquals(parseNodeFlags(["--quiet", "true", "--strategy", "hub"], table).strategy, "hub");
  assertStringIncludes(refusal("--quiet", "maybe"), "--quiet takes true or false, not 'maybe'");
});

Deno.test("the separator that Maelstrom takes away may stand in front", () => {
  assertEquals(parseNodeFlags(["--", "--strategy", "hub"], table).strategy, "hub");
  assertThrows(() => parseNodeFlags(["--", "hub"], table), UsageError, "'hub'");
  assertThrows(() => parseNodeFlags(["--", "--", "--strategy", "hub"], table), UsageError);
  assertThrows(() => parseNodeFlags(["--", "--", "7"], table), UsageError, "'7'");
  assertThrows(() => parseNodeFlags(["--quiet", "--", "--strategy", "hub"], table), UsageError);
});

Deno.test("what is no flag is refused by name, and the right ones are listed", () => {
  for (
    const wrong of [
      "--strateggy",
      "--no-quiet",
      "-s",
      "hub",
      "–-strategy",
      "—strategy",
      "--strategy.x=1",
      "--__proto__=1",
      "--constructor=1",
      "",
    ]
  ) {
    const message = refusal(wrong);
    assertStringIncludes(message, `'${wrong}' is no flag of this node`);
    for (const name of Object.keys(table)) assertStringIncludes(message, `--${name}  `);
  }
});

Deno.test("a wrong value is refused with what would be right", () => {
  const cases: [string[], string][] = [
    [["--strategy", "hubb"], "--strategy takes one of flood, hub, not 'hubb'"],
    [["--strategy"], "--strategy takes one of flood, hub, not ''"],
    [["--interval", "0"], "--interval takes a number from 1 to 1000, not '0'"],
    [["--interval", "1001"], "from 1 to 1000, not '1001'"],
    [["--interval", "fast"], "not 'fast'"],
    [["--interval="], "not ''"],
    [["--interval=NaN"], "not 'NaN'"],
    [["--count", "1.5"], "--count takes an integer from 0, not '1.5'"],
    [["--count=-1"], "an integer from 0, not '-1'"],
    [["--count=Infinity"], "not 'Infinity'"],
    [["--patience", "Infinity"], "--patience takes a number from 0, not 'Infinity'"],
    [["--patience", "1e999"], "--patience takes a number from 0, not '1e999'"],
  ];
  for (const [args, expected] of cases) assertStringIncludes(refusal(...args), expected);
});

Deno.test("a negative number is a flag's value, not a flag", () => {
  const signed = { level: quantity(0, "how warm", { least: -10 }), ...table };
  for (const text of ["-5", "-.5e1", "-5.0"]) {
    assertEquals(parseNodeFlags(["--level", text, "--quiet"], signed).level, -5);
  }
  assertStringIncludes(refusal("--patience", "-5"), "--patience takes a number from 0, not '-5'");
  assertStringIncludes(refusal("--quiet", "-1"), "--quiet takes true or false, not '-1'");
  assertStringIncludes(refusal("--count", "-Infinity"), "--count takes an integer from 0");
  // What belongs to no flag is none itself.
  assertStringIncludes(refusal("-5"), "'-5' is no flag");
  assertStringIncludes(refusal("--other", "-5"), "'--other' is no flag");
  assertStringIncludes(refusal("--count", "1", "-5"), "'-5' is no flag");
  assertStringIncludes(refusal("--count", "-x"), "'-x' is no flag");
});

Deno.test("a node without flags refuses arguments, unless it looks at them itself", () => {
  const flagless = () => {};
  assertThrows(
    () => new FakeNode(flagless, { args: ["--strategy", "hub"] }),
    UsageError,
    "It takes none",
  );
  const seen: string[] = [];
  const own = (node: Node) => void seen.push(...node.args);
  new FakeNode(own, { args: ["hub"] });
  assertEquals(seen, ["hub"]);
});

Deno.test("a node reads its flags where it is wired, and a wrong one stops it there", () => {
  const read: string[] = [];
  const program = (node: Node) => void read.push(node.flags(table).strategy);
  new FakeNode(program, { args: ["--strategy", "hub"] });
  assertThrows(() => new FakeNode(program, { args: ["--strategy", "x"] }), UsageError);
  assertEquals(read, ["hub"]);
});
