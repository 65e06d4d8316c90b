import { assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { describeFlags, flag, parseFlags, UsageError } from "../../lib/base/mod.ts";

const ms = { placeholder: "MS", help: "a time" } as const;
const table = {
  strategy: flag.oneOf(["flood", "hub"], { help: "flood or hub", default: "flood" }),
  interval: flag.number({ ...ms, default: 20, min: 1, max: 1000 }),
  count: flag.number({ placeholder: "N", help: "a number", integer: true }),
  above: flag.number({ ...ms, above: true }),
  level: flag.number({ ...ms, min: -10 }),
  limit: flag.number({ ...ms, default: Infinity }),
  name: flag.text({ placeholder: "TEXT", help: "a name", short: "n" }),
  faults: flag.someOf(["kill", "pause"], { placeholder: "F,…", help: "faults" }),
  quiet: flag.toggle({ help: "logs less", short: "q" }),
};

const parse = (...args: string[]) => parseFlags(args, table).flags;

function refusal(...args: string[]): string {
  return assertThrows(() => parse(...args), UsageError).message;
}

Deno.test("a flag that is not given has its default, or is absent", () => {
  assertEquals(parse(), { strategy: "flood", interval: 20, limit: Infinity, quiet: false });
});

Deno.test("a flag is given by name or letter, with a space or an equals sign; the last one wins", () => {
  const flags = parse("--strategy", "hub", "--interval=0.5e2", "-n", "a b", "-q", "--count", "1");
  assertEquals(flags.strategy, "hub");
  assertEquals(flags.interval, 50);
  assertEquals(flags.name, "a b");
  assertEquals(flags.quiet, true);
  assertEquals(parse("--count", "1", "--count", "2").count, 2);
  assertEquals(parse("--faults", "pause, kill,pause").faults, ["pause", "kill"]);
});

Deno.test("positional arguments and those after -- are returned apart", () => {
  const { flags, positional, rest } = parseFlags(
    ["run", "--interval", "5", "x", "--", "--interval", "–x", "--"],
    table,
  );
  assertEquals(flags.interval, 5);
  assertEquals(positional, ["run", "x"]);
  assertEquals(rest, ["--interval", "–x", "--"]);
});

Deno.test("a negative number is the value of the flag before it", () => {
  for (const text of ["-5", "-.5e1", "-5.0"]) {
    assertEquals(parse("--level", text, "--quiet").level, -5);
  }
  assertStringIncludes(refusal("--limit", "-5"), '--limit must be a number from 0, got "-5"');
  assertStringIncludes(refusal("--limit", "-Infinity"), "--limit must be a number from 0");
  assertStringIncludes(refusal("-5"), 'unknown flag "-5"');
  assertStringIncludes(refusal("--count", "1", "-5"), 'unknown flag "-5"');
});

const refused: readonly (readonly [string[], string])[] = [
  [["--strategy", "hubb"], '--strategy must be one of flood, hub, got "hubb"'],
  [["--strategy"], "--strategy needs a value: --strategy NAME, one of flood, hub"],
  [["--interval", "0"], '--interval must be a number from 1 to 1000, got "0"'],
  [["--interval", "1001"], 'from 1 to 1000, got "1001"'],
  [["--interval", "fast"], 'got "fast"'],
  [["--interval="], "--interval needs a value"],
  [["--interval=NaN"], 'got "NaN"'],
  [["--count", "1.5"], '--count must be an integer from 0, got "1.5"'],
  [["--count=-1"], 'an integer from 0, got "-1"'],
  [["--above", "0"], '--above must be a number above 0, got "0"'],
  [["--limit", "Infinity"], '--limit must be a number from 0, got "Infinity"'],
  [["--limit", "1e999"], 'a number from 0, got "1e999"'],
  [["--faults", "kill,nap"], "--faults must be a comma-separated list of kill, pause"],
  [["--quiet=yes"], "--quiet takes no value"],
  [["--no-quiet"], 'unknown flag "--no-quiet"'],
  [["--intervall", "3"], "Did you mean --interval?"],
  [["--nothing", "3"], "See --help."],
  [["--__proto__=1"], "unknown flag"],
  [["--constructor=1"], "unknown flag"],
  [["–interval", "5"], "type --interval"],
  [["–-interval", "5"], "type --interval"],
  [["—interval", "5"], "type --interval"],
  [["-–interval", "5"], "type --interval"],
  [["−−interval", "5"], "type --interval"],
];
for (const [args, message] of refused) {
  Deno.test(`'${args.join(" ")}' is refused with what would be right`, () => {
    assertStringIncludes(refusal(...args), message);
  });
}

Deno.test("the help has one aligned line a flag, with the default at its end", () => {
  const help = describeFlags({ interval: table.interval, quiet: table.quiet, name: table.name });
  assertEquals(help.split("\n"), [
    "  --interval MS    a time (20)",
    "  -q, --quiet      logs less",
    "  -n, --name TEXT  a name",
  ]);
});
