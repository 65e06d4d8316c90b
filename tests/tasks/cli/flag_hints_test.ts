import { assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { UsageError } from "../../../lib/base/mod.ts";
import { pathHint } from "../../../lib/workbench/process/node_command.ts";
import { readExploreCommandLine } from "../../../tasks/cli/explore_flags.ts";
import { misplacedFlagHint } from "../../../tasks/cli/flag_hints.ts";
import { testFolderOf } from "../../../tasks/cli/new_command.ts";
import { readTestCommandLine, testFlags } from "../../../tasks/cli/test_flags.ts";

const problemOf = (read: () => unknown) => assertThrows(read, UsageError).message;

Deno.test("a flag of the node before -- gets a hint", () => {
  const problem = problemOf(() => readTestCommandLine(["-w", "broadcast", "--strategy", "hub"]));
  assertStringIncludes(problem, "after --: … -- --strategy VALUE");
});

Deno.test("a flag of Jepsen's clusters gets a hint", () => {
  const problem = problemOf(() => readTestCommandLine(["--ssh-private-key", "x"]));
  assertStringIncludes(problem, "leave it out");
});

Deno.test("explore names the command that has a flag which it lacks", () => {
  for (const name of ["--log-stderr", "--engine", "--log-net-send"]) {
    const problem = problemOf(() => readExploreCommandLine(["echo", name]));
    assertStringIncludes(problem, "only deno task maelstrom test has it");
  }
  const problem = problemOf(() => readExploreCommandLine(["echo", "--linger", "3"]));
  assertStringIncludes(problem, "after --: … -- --linger VALUE");
});

Deno.test("a flag of the test after -- gets a hint, those of the node none", () => {
  const args = ["--strategy", "hub", "--rate=3", "--latency-dist", "uniform"];
  assertStringIncludes(misplacedFlagHint(args, testFlags), "if --rate --latency-dist is for");
  assertEquals(misplacedFlagHint(["--strategy", "hub", "rate"], testFlags), "");
});

Deno.test("--bin with a program's name or with arguments gets a hint", () => {
  const programs = {
    exists: (path: string) => path === "./a.py",
    isOnPath: (name: string) => name === "python3",
  };
  assertStringIncludes(pathHint("python3", programs), "python3 is on the PATH");
  assertStringIncludes(pathHint("python3 a.py", programs), "without arguments");
  assertStringIncludes(pathHint("./a.py --x", programs), "after --");
  for (const path of ["./b.py", "b c", "b"]) assertEquals(pathHint(path, programs), "");
});

Deno.test("new puts the test of a node of this project into tests/", () => {
  assertEquals(["nodes", "./nodes/deep", "examples"].map(testFolderOf), [
    "tests/nodes",
    "tests/nodes/deep",
    "tests/examples",
  ]);
  for (const folder of [".", "/tmp/nodes", "tests", "nodes_of_mine"]) {
    assertEquals(testFolderOf(folder), folder);
  }
});
