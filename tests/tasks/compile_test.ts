import { assert, assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { UsageError } from "../../lib/base/mod.ts";
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

function rejection(...args: string[]): string {
  return assertThrows(() => parseCompileArguments(args, known), UsageError).message;
}

Deno.test("compile builds all nodes into bin for this platform by default", () => {
  assertEquals(parseCompileArguments([], known), {
    nodes: known,
    target: undefined,
    output: "bin",
  });
});

Deno.test("compile accepts a node by file name, workload or path, and removes duplicates", () => {
  const names = [
    "unique_ids",
    "unique-ids",
    "nodes/unique_ids.ts",
    "./nodes/unique_ids.ts",
    "echo",
  ];
  assertEquals(parseCompileArguments(names, known).nodes, ["unique_ids", "echo"]);
});

Deno.test("compile --target writes to a subfolder with the target's name", () => {
  const target = "aarch64-apple-darwin";
  for (const args of [["--target", target], [`--target=${target}`]]) {
    const request = parseCompileArguments(["echo", ...args, "--output", "out"], known);
    assertEquals(request, { nodes: ["echo"], target, output: `out/${target}` });
  }
});

Deno.test("compile rejects unknown nodes and flags", () => {
  assertEquals(rejection("ecko"), 'unknown node "ecko"; choose from broadcast, echo, unique_ids');
  assertEquals(rejection("echo", "--targt=x"), 'unknown flag "--targt=x"; did you mean --target?');
  for (const flag of ["-t", "--allow-all"]) {
    assertStringIncludes(rejection("echo", flag), `unknown flag "${flag}"`);
  }
  for (const flag of ["–-target", "—target"]) {
    assertStringIncludes(rejection("echo", flag), "typographic dash");
  }
  assertStringIncludes(rejection("--target"), "--target needs a value");
  assertStringIncludes(rejection("echo", "--output="), "--output needs a value");
});

Deno.test("permissionsOf reads the permissions in the shebang line only", () => {
  assertEquals(permissionsOf("#!/usr/bin/env -S deno run\nconst a = '--allow-all';"), []);
  assertEquals(
    permissionsOf("#!/usr/bin/env -S deno run --quiet --allow-write=log --deny-net\n--allow-read"),
    ["--allow-write=log", "--deny-net"],
  );
  assertEquals(permissionsOf("const a = 1; // --allow-all"), []);
  assertEquals(permissionsOf(""), []);
});

Deno.test("no node of this project needs a permission, but for the folder of its disk", () => {
  const persisting = ["kafka.ts", "lin_kv.ts", "txn_list_append.ts"];
  for (const { name } of Deno.readDirSync("nodes")) {
    const permissions = persisting.includes(name)
      ? ["--allow-read=storage", "--allow-write=storage"]
      : [];
    assertEquals(permissionsOf(Deno.readTextFileSync(`nodes/${name}`)), permissions, name);
  }
});

Deno.test("explainCompileError names the archive when the base binary cannot be downloaded", () => {
  const archive = "https://dl.deno.land/release/v2.9.6/denort-x86_64-unknown-linux-gnu.zip";
  const stderr =
    "\x1b[0m\x1b[1m\x1b[31merror\x1b[0m: Writing deno compile executable to temporary " +
    "file '/p/bin/echo.tmp-b0e02d607f090f47'\n\nCaused by:\n    0: Setting up base binary.\n" +
    `    1: error sending request for url (${archive}): client error (Connect): dns error\n` +
    "    2: client error (Connect)\n    3: dns error\n\nStack backtrace:\n   0: <unknown>\n";
  const message = explainCompileError(stderr);
  assertStringIncludes(
    message,
    "cannot download the base binary: client error (Connect): dns error\n",
  );
  assertStringIncludes(message, `\n  ${archive}\n`);
  assertStringIncludes(message, "DENORT_BIN");
});

Deno.test("explainCompileError returns any other stderr without colours and backtrace", () => {
  const stderr =
    "\x1b[0m\x1b[1m\x1b[31merror\x1b[0m: invalid value 'foo' for '--target': possible " +
    "values: x86_64-unknown-linux-gnu\n\nStack backtrace:\n   0: <unknown>\n";
  assertEquals(
    explainCompileError(stderr),
    "error: invalid value 'foo' for '--target': possible values: x86_64-unknown-linux-gnu",
  );
});

Deno.test("compile writes an executable when DENORT_BIN is set", async () => {
  const folder = await Deno.makeTempDir();
  try {
    // Any executable serves as a base binary here, since the test does not run the result.
    const { code, stdout, stderr } = await runTask(
      ["unique-ids", "--output", folder],
      { DENORT_BIN: Deno.execPath() },
    );
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout.replaceAll(/ {2}\d+ MB/g, ""), `${folder}/unique_ids\n`);
    const { mode, size } = await Deno.stat(`${folder}/unique_ids`);
    assert(((mode ?? 0) & 0o100) !== 0, "the file is executable");
    assert(size > Deno.statSync(Deno.execPath()).size, "the file contains the node");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("compile exits with 254 for invalid arguments and 1 when deno compile fails", async () => {
  const invalid = await runTask(["ecko"]);
  assertEquals([invalid.code, invalid.stdout], [254, ""]);
  assertStringIncludes(invalid.stderr, 'unknown node "ecko"; choose from ');
  const folder = await Deno.makeTempDir();
  try {
    const failed = await runTask(["echo", "--target", "pdp11", "--output", folder]);
    assertEquals([failed.code, failed.stdout], [1, ""]);
    assertStringIncludes(failed.stderr, "cannot compile nodes/echo.ts:");
    assertStringIncludes(failed.stderr, "'pdp11'");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
