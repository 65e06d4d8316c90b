import { assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { asksForHelp, describeFlags, flag, parseFlags, UsageError } from "../../lib/base/mod.ts";

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

function rejection(...args: string[]): string {
  return assertThrows(() => parse(...args), UsageError).message;
}

Deno.test("a flag that is not given has its default, or is absent", () => {
  assertEquals(parse(), { strategy: "flood", interval: 20, limit: Infinity, quiet: false });
});

Deno.test("a flag is given by name or letter, with a space or an equals sign; the last counts", () => {
  const flags = parse("--strategy", "hub", "--interval=0.5e2", "-n", "a b", "-q", "--count", "1");
  assertEquals(flags.strategy, "hub");
  assertEquals(flags.interval, 50);
  assertEquals(flags.name, "a b");
  assertEquals(flags.quiet, true);
  assertEquals(parse("--count", "1", "--count", "2").count, 2);
  assertEquals(parse("--faults", "pause, kill,pause").faults, ["pause", "kill"]);
});

Deno.test("positional arguments and those after -- are returned separately", () => {
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
  assertStringIncludes(rejection("--limit", "-5"), '--limit must be a number from 0, got "-5"');
  assertStringIncludes(rejection("--limit", "-Infinity"), "--limit must be a number from 0");
  assertStringIncludes(rejection("-5"), 'unknown flag "-5"');
  assertStringIncludes(rejection("--count", "1", "-5"), 'unknown flag "-5"');
});

const rejected: readonly (readonly [string[], string])[] = [
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
  [["--intervall", "3"], "did you mean --interval?"],
  [["--nothing", "3"], 'unknown flag "--nothing"; run with --help for the flags'],
  [["--__proto__=1"], "unknown flag"],
  [["--constructor=1"], "unknown flag"],
  [["–interval", "5"], "type --interval"],
  [["–-interval", "5"], "type --interval"],
  [["—interval", "5"], "type --interval"],
  [["-–interval", "5"], "type --interval"],
  [["−−interval", "5"], "type --interval"],
];
for (const [args, message] of rejected) {
  Deno.test(`'${args.join(" ")}' is rejected with what is valid`, () => {
    assertStringIncludes(rejection(...args), message);
  });
}

Deno.test("the help has one aligned line per flag, with the default at its end", () => {
  const { interval, quiet, limit } = table;
  const computed = flag.number({ ...ms, defaultText: "one per core" });
  assertEquals(describeFlags({ interval, limit, computed }).split("\n"), [
    "  --interval MS  a time (20)",
    "  --limit MS     a time (Infinity)",
    "  --computed MS  a time (one per core)",
  ]);
  assertEquals(describeFlags({ interval, quiet, name: table.name }).split("\n"), [
    "      --interval MS  a time (20)",
    "  -q, --quiet        logs less",
    "  -n, --name TEXT    a name",
  ]);
});

Deno.test("withDefault replaces a default and the text that describes it", () => {
  const described = flag.number({ ...ms, defaultText: "as recorded" });
  const limit = flag.withDefault(described, 5);
  assertEquals(parseFlags([], { limit }).flags.limit, 5);
  assertEquals(describeFlags({ limit }), "  --limit MS  a time (5)");
  const replaced = { ...limit, defaultText: "5 to 7" };
  assertEquals(describeFlags({ replaced }), "  --replaced MS  a time (5 to 7)");
});

Deno.test("asksForHelp ignores the arguments after --", () => {
  assertEquals(asksForHelp(["x", "-h"]), true);
  assertEquals(asksForHelp(["--help", "--"]), true);
  assertEquals(asksForHelp(["--", "--help"]), false);
});
