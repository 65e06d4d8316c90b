import { assert, assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { BadArguments } from "../../tasks/cli/exit_code.ts";
import { explainCompileError, parseCompileArguments, permissionsOf } from "../../tasks/compile.ts";

const known = ["broadcast", "echo", "unique_ids"];

async function runTask(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-read", "--allow-write", "--allow-run", "tasks/compile.ts"]
      .concat(args),
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function refusal(...args: string[]): string {
  return assertThrows(() => parseCompileArguments(args, known), BadArguments).message;
}

Deno.test("without names all nodes are compiled, into bin, for this machine", () => {
  assertEquals(parseCompileArguments([], known), {
    nodes: known,
    target: undefined,
    output: "bin",
  });
});

Deno.test("a node may be named as its file, its workload or its path, and counts once", () => {
  const names = [
    "unique_ids",
    "unique-ids",
    "nodes/unique_ids.ts",
    "./nodes/unique_ids.ts",
    "echo",
  ];
  assertEquals(parseCompileArguments(names, known).nodes, ["unique_ids", "echo"]);
});

Deno.test("programs for another kind of machine go into a folder of their own", () => {
  const target = "aarch64-apple-darwin";
  for (const args of [["--target", target], [`--target=${target}`]]) {
    const request = parseCompileArguments(["echo", ...args, "--output", "out"], known);
    assertEquals(request, { nodes: ["echo"], target, output: `out/${target}` });
  }
});

Deno.test("unknown nodes and flags are refused with the right ones", () => {
  assertEquals(refusal("ecko"), "There is no node 'ecko'. There are broadcast, echo, unique_ids.");
  for (const flag of ["--targt=x", "-t", "–-target", "—target", "--allow-all"]) {
    assertStringIncludes(refusal("echo", flag), `no flag '${flag}'`);
    assertStringIncludes(refusal("echo", flag), "--target TARGET and --output DIR");
  }
  assertStringIncludes(refusal("--target"), "--target takes a value");
  assertStringIncludes(refusal("echo", "--output="), "--output takes a value");
});

Deno.test("a program gets the permissions of its node's first line, and no others", () => {
  assertEquals(permissionsOf("#!/usr/bin/env -S deno run\nconst a = '--allow-all';"), []);
  assertEquals(
    permissionsOf("#!/usr/bin/env -S deno run --quiet --allow-write=log --deny-net\n--allow-read"),
    ["--allow-write=log", "--deny-net"],
  );
  assertEquals(permissionsOf("const a = 1; // --allow-all"), []);
  assertEquals(permissionsOf(""), []);
});

Deno.test("no node of this project asks for a permission", () => {
  for (const { name } of Deno.readDirSync("nodes")) {
    assertEquals(permissionsOf(Deno.readTextFileSync(`nodes/${name}`)), [], name);
  }
});

Deno.test("a base binary that cannot be downloaded is explained, with where to get it", () => {
  const archive = "https://dl.deno.land/release/v2.9.6/denort-x86_64-unknown-linux-gnu.zip";
  const stderr =
    "\x1b[0m\x1b[1m\x1b[31merror\x1b[0m: Writing deno compile executable to temporary " +
    "file '/p/bin/echo.tmp-b0e02d607f090f47'\n\nCaused by:\n    0: Setting up base binary.\n" +
    `    1: error sending request for url (${archive}): client error (Connect): dns error\n` +
    "    2: client error (Connect)\n    3: dns error\n\nStack backtrace:\n   0: <unknown>\n";
  const message = explainCompileError(stderr);
  assertStringIncludes(message, "could not be downloaded: client error (Connect): dns error.");
  assertStringIncludes(message, `\n  ${archive}\n`);
  assertStringIncludes(message, "DENORT_BIN");
});

Deno.test("any other failure is told in Deno's words, without colours and backtrace", () => {
  const stderr =
    "\x1b[0m\x1b[1m\x1b[31merror\x1b[0m: invalid value 'foo' for '--target': possible " +
    "values: x86_64-unknown-linux-gnu\n\nStack backtrace:\n   0: <unknown>\n";
  assertEquals(
    explainCompileError(stderr),
    "error: invalid value 'foo' for '--target': possible values: x86_64-unknown-linux-gnu",
  );
});

Deno.test("the compile step runs through with a base binary at hand", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // Any executable will do to see that a program is made; this one would not run the node.
    const { code, stdout, stderr } = await runTask(
      ["unique-ids", "--output", folder],
      { DENORT_BIN: Deno.execPath() },
    );
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout.replaceAll(/ {2}\d+ MB/g, ""), `${folder}/unique_ids\n`);
    const { mode, size } = await Deno.stat(`${folder}/unique_ids`);
    assert(((mode ?? 0) & 0o100) !== 0, "it can be executed");
    assert(size > Deno.statSync(Deno.execPath()).size, "it holds the node too");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the task ends with 254 for wrong arguments and 1 when Deno refuses", async () => {
  const wrong = await runTask(["ecko"]);
  assertEquals([wrong.code, wrong.stdout], [254, ""]);
  assertStringIncludes(wrong.stderr, "There is no node 'ecko'. There are ");
  const folder = await Deno.makeTempDir();
  try {
    const refused = await runTask(["echo", "--target", "pdp11", "--output", folder]);
    assertEquals([refused.code, refused.stdout], [1, ""]);
    assertStringIncludes(refused.stderr, "nodes/echo.ts could not be compiled.");
    assertStringIncludes(refused.stderr, "'pdp11'");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
