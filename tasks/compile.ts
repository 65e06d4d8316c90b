/**
 * `deno task compile [NODE…] [--target TARGET] [--output DIR]`: makes programs of nodes that need no
 * Deno to run: `bin/echo` instead of `nodes/echo.ts`, and in all else the same. Without names, of all
 * nodes.
 *
 * A program gets the permissions that its node's own first line asks for, so mostly none. For another
 * kind of machine than this one (`--target`) it goes into a folder of that name.
 *
 * @module
 */

import { parseArgs } from "std/flags";
import { print, printError } from "./cli/console.ts";
import { BadArguments, ExitCode } from "./cli/exit_code.ts";

const NODES = "nodes";

/** What the arguments ask for. */
export interface CompileRequest {
  /** Names of nodes, as their files are called, without `.ts`. */
  readonly nodes: readonly string[];
  readonly target: string | undefined;
  /** The folder for the programs. */
  readonly output: string;
}

/**
 * Reads the arguments, given the names of all nodes. A node may also be named as its workload is
 * (`unique-ids`) or by its path. Throws {@link BadArguments}.
 */
export function parseCompileArguments(
  args: readonly string[],
  known: readonly string[],
): CompileRequest {
  const parsed = parseArgs(args, {
    string: ["target", "output"],
    unknown(argument, key) {
      if (key === undefined && !/^[-–—]/.test(argument)) return true;
      throw new BadArguments(
        `compile has no flag '${argument}'. Its flags are --target TARGET and --output DIR.`,
      );
    },
  });
  const nodes = parsed._.map((given) => {
    const name = String(given).replace(/^(\.\/)?nodes\//, "").replace(/\.ts$/, "").replaceAll(
      "-",
      "_",
    );
    if (known.includes(name)) return name;
    throw new BadArguments(`There is no node '${given}'. There are ${known.join(", ")}.`);
  });
  const target = textOf(parsed.target, "target", "x86_64-unknown-linux-gnu");
  const folder = textOf(parsed.output, "output", "bin") ?? "bin";
  const output = target === undefined ? folder : `${folder}/${target}`;
  return { nodes: nodes.length === 0 ? known : [...new Set(nodes)], target, output };
}

function textOf(given: unknown, flag: string, example: string): string | undefined {
  const text = Array.isArray(given) ? given.at(-1) : given;
  if (text === undefined) return undefined;
  if (typeof text === "string" && text !== "") return text;
  throw new BadArguments(`--${flag} takes a value, such as --${flag} ${example}.`);
}

/** The permissions that a node's first line gives it. */
export function permissionsOf(source: string): string[] {
  const [first = ""] = source.split("\n", 1);
  return first.startsWith("#!")
    ? first.split(/\s+/).filter((word) => /^--(allow|deny)-/.test(word))
    : [];
}

/** What to tell about a `deno compile` that failed: mostly what it wrote itself. */
export function explainCompileError(stderr: string): string {
  // deno-lint-ignore no-control-regex -- colours begin with the control character escape
  const text = stderr.replace(/\x1b\[[0-9;]*m/g, "").replace(/\n*Stack backtrace:[\s\S]*$/, "")
    .trim();
  const archive = /https:\/\/dl\.deno\.land\/\S+?\.zip/.exec(text)?.[0];
  if (archive === undefined) return text;
  const cause = /\(https:\S+\): (.*)/.exec(text)?.[1] ?? "no reason was given";
  return `The base binary could not be downloaded: ${cause}.\n` +
    "deno compile puts a node behind a Deno without tools, which it fetches once for each version " +
    "and kind of machine, from\n" +
    `  ${archive}\n` +
    "Where that address can be reached the same command works. Otherwise fetch and unpack it there, " +
    "bring the file denort here, and set DENORT_BIN to its path.";
}

/** Compiles one node. Returns the program's path; throws an Error that says why it could not. */
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
      `${path} could not be compiled.\n${explainCompileError(new TextDecoder().decode(stderr))}`,
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
    return error instanceof BadArguments ? ExitCode.badArguments : ExitCode.invalid;
  }
}

if (import.meta.main) Deno.exit(await run(Deno.args));
