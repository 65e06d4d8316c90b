/**
 * `deno task compile [NODE…] [--target TARGET] [--output DIR]`: compiles nodes to executables that
 * run without Deno: `bin/echo` from `nodes/echo.ts`. Compiles all nodes by default.
 *
 * An executable gets the permissions in the shebang line of its node: none, or its storage folder.
 * Executables for another platform (`--target`) are written to a subfolder with the target's name.
 *
 * @module
 */

import { asksForHelp, describeFlags, flag, parseFlags, UsageError } from "../lib/base/mod.ts";
import { print, printError } from "./cli/console.ts";
import { ExitCode } from "./cli/exit_code.ts";

const NODES = "nodes";

/** The flags of compile. */
export const compileFlags = {
  target: flag.text({ placeholder: "TARGET", help: "platform, as in deno compile (this one)" }),
  output: flag.text({ placeholder: "DIR", help: "directory for executables", default: "bin" }),
  help: flag.help,
} as const;

const USAGE = `deno task compile [NODE…] [flags]

Compiles nodes to executables that run without Deno; all nodes by default.
Exit codes: 0 compiled, 1 deno compile failed, 254 invalid arguments.
Flags (defaults in brackets):
`;

/** A parsed command line of compile. */
export interface CompileRequest {
  /** Names of nodes: their file names without `.ts`. */
  readonly nodes: readonly string[];
  readonly target: string | undefined;
  /** The folder for the executables. */
  readonly output: string;
}

/**
 * Parses the arguments, given the names of all nodes. An argument names a node, its workload
 * (`unique-ids`) or its path. Throws {@link UsageError}.
 */
export function parseCompileArguments(
  args: readonly string[],
  known: readonly string[],
): CompileRequest {
  const { flags, positional, rest } = parseFlags(args, compileFlags);
  const nodes = [...positional, ...rest].map((given) => {
    const path = given.replace(/^(\.\/)?nodes\//, "").replace(/\.ts$/, "");
    const name = path.replaceAll("-", "_");
    if (known.includes(name)) return name;
    throw new UsageError(`unknown node "${given}"; choose from ${known.join(", ")}`);
  });
  const { target, output: folder } = flags;
  const output = target === undefined ? folder : `${folder}/${target}`;
  return { nodes: nodes.length === 0 ? known : [...new Set(nodes)], target, output };
}

/** Returns the permission flags in a node's shebang line. */
export function permissionsOf(source: string): string[] {
  const [first = ""] = source.split("\n", 1);
  return first.startsWith("#!")
    ? first.split(/\s+/).filter((word) => /^--(allow|deny)-/.test(word))
    : [];
}

/**
 * Returns the error text of a failed `deno compile`: its stderr, or instructions when the base
 * binary could not be downloaded.
 */
export function explainCompileError(stderr: string): string {
  // deno-lint-ignore no-control-regex -- colour codes begin with the control character escape
  const text = stderr.replace(/\x1b\[[0-9;]*m/g, "").replace(/\n*Stack backtrace:[\s\S]*$/, "")
    .trim();
  const archive = /https:\/\/dl\.deno\.land\/\S+?\.zip/.exec(text)?.[0];
  if (archive === undefined) return text;
  const cause = /\(https:\S+\): (.*)/.exec(text)?.[1] ?? "unknown cause";
  return `cannot download the base binary: ${cause}\n` +
    "deno compile needs a base binary (denort) for each Deno version and platform, from\n" +
    `  ${archive}\n` +
    "Run the command on a machine that reaches this address. Or download and unpack the archive " +
    "there, copy the file denort to this machine, and set DENORT_BIN to its path.";
}

/**
 * Compiles one node; returns the executable's path. Throws an Error with the reason of a failure.
 */
async function compile(name: string, { target, output }: CompileRequest): Promise<string> {
  const path = `${NODES}/${name}.ts`;
  const program = `${output}/${name}${target?.includes("windows") ? ".exe" : ""}`;
  const permissions = permissionsOf(await Deno.readTextFile(path));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["compile", "--quiet", "--exclude-unused-npm", "--output", program]
      .concat(target === undefined ? [] : ["--target", target], permissions, path),
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) {
    throw new Error(
      `cannot compile ${path}:\n${explainCompileError(new TextDecoder().decode(stderr))}`,
    );
  }
  return program;
}

async function nodeNames(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(NODES)) {
    if (isFile && name.endsWith(".ts")) names.push(name.slice(0, -3));
  }
  return names.sort();
}

async function run(args: readonly string[]): Promise<number> {
  if (asksForHelp(args)) {
    print(USAGE + describeFlags(compileFlags));
    return ExitCode.valid;
  }
  try {
    const request = parseCompileArguments(args, await nodeNames());
    await Deno.mkdir(request.output, { recursive: true });
    for (const name of request.nodes) {
      const program = await compile(name, request);
      const { size } = await Deno.stat(program);
      print(`${program}  ${Math.round(size / 1e6)} MB`);
    }
    return ExitCode.valid;
  } catch (error) {
    printError(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? ExitCode.badArguments : ExitCode.invalid;
  }
}

if (import.meta.main) Deno.exit(await run(Deno.args));
