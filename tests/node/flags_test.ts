import { assert, assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import {
  flag,
  type NodeProgram,
  parseNodeFlags,
  UsageError,
  withFlags,
} from "../../lib/node/mod.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";
import { PROJECT_NODES } from "../support/project_nodes.ts";

const table = {
  strategy: flag.oneOf(["flood", "hub"], { help: "flood or hub", default: "flood" }),
  interval: flag.number({ placeholder: "MS", help: "time between rounds", default: 20, min: 1 }),
  quiet: flag.toggle({ help: "logs less" }),
};

Deno.test("the separator that Maelstrom removes may stand before the arguments", () => {
  assertEquals(parseNodeFlags(["--", "--strategy", "hub"], table).strategy, "hub");
  for (
    const args of [
      ["--", "hub"],
      ["--", "--", "--strategy", "hub"],
      ["--", "--", "7"],
      ["--quiet", "--", "--strategy", "hub"],
      ["--quiet", "--"],
    ]
  ) {
    const { message } = assertThrows(() => parseNodeFlags(args, table), UsageError);
    assertStringIncludes(message, 'unexpected argument "');
  }
});

Deno.test("an error states what is wrong and lists the node's flags", () => {
  for (const wrong of ["--strateggy", "-s", "hub", "–-strategy", "--strategy.x=1", ""]) {
    const { message } = assertThrows(() => parseNodeFlags([wrong], table), UsageError);
    for (const name of Object.keys(table)) assertStringIncludes(message, `--${name}`);
  }
});

Deno.test("a node's arguments are validated before init, and it starts with their values", () => {
  const started: string[] = [];
  const program = withFlags({
    flags: table,
    problem: ({ strategy, quiet }) =>
      strategy === "hub" && quiet ? "hub is never quiet" : undefined,
  }, (node, flags) => {
    started.push(`${node.id} ${flags.strategy} ${flags.interval}`);
  });
  const start = (...args: string[]) => new FakeNode(program, { args, init: false });
  assertThrows(() => start("--strategy", "x"), UsageError, "must be one of flood, hub");
  assertThrows(() => start("--strategy", "hub", "--quiet"), UsageError, "hub is never quiet");
  assertThrows(() => start("--help"), UsageError, "--interval MS");
  const node = start("--strategy", "hub");
  assertEquals(started, []);
  node.init();
  assertEquals(started, ["n1 hub 20"]);
});

Deno.test("a plain function takes no arguments", () => {
  const args = ["--strategy", "hub"];
  assertThrows(() => new FakeNode(() => {}, { args }), UsageError, "takes no flags");
});

const programs = new Map(PROJECT_NODES.map(({ workload, program }) => [workload, program]));
for (const [name, program] of programs) {
  Deno.test(`the help of ${name} fits a screen of 80 columns and 24 lines`, () => {
    const { flags } = program as NodeProgram;
    const { message } = assertThrows(() => parseNodeFlags(["--help"], flags ?? {}), UsageError);
    const lines = message.split("\n");
    assert(lines.length <= 24, `${lines.length} lines`);
    for (const line of lines) assert(line.length <= 80, line);
  });
}
