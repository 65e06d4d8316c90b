/**
 * `deno task new NAME`: writes a node and its test.
 *
 * @module
 */

import { dirname, relative, resolve } from "node:path";
import { describeFlags, flag, parseFlags, UsageError } from "../../lib/base/mod.ts";
import { print } from "./console.ts";
import { ExitCode } from "./exit_code.ts";
import { unlessMissing } from "./file_problem.ts";
import { type LibraryNames, NODE_TEMPLATES, nodeText, testText } from "./node_templates.ts";
import { isBelow, PROJECT, projectPath, taskCommand } from "./users_folder.ts";

const USAGE = `deno task new NAME [flags]

Writes NAME.ts, a node that works, and NAME_test.ts, a test that simulates it.
NAME may be a path; in nodes/ and examples/ of this project, tests go to tests/.
In a folder without a deno.json it writes one, too, with the names by which the
two import this project, and with its tasks. Exit codes: 0 written, 254 invalid
arguments, such as the name of a file that is there already. Flags:
`;
/** The flags of new. */
export const newFlags = {
  workload: flag.withDefault(
    flag.oneOf(Object.keys(NODE_TEMPLATES), {
      short: "w",
      help: Object.keys(NODE_TEMPLATES).join(", "),
    }),
    "echo",
  ),
  help: flag.help,
} as const;

const PACKAGE = "@gossip/workbench";
const LIBRARIES = ["node", "testing", "workload", "check", "contract", "replication"];
/** The tasks of this project that a folder elsewhere has, too. */
const TASKS = ["maelstrom", "explore", "replay", "check", "serve", "new"];

/** Runs the command; returns its exit code. Throws {@link UsageError}. */
export async function newCommand(args: readonly string[]): Promise<number> {
  const { flags, positional, rest } = parseFlags(args, newFlags);
  if (flags.help) {
    print(USAGE + describeFlags(newFlags));
    return ExitCode.valid;
  }
  const [path, extra] = [...positional, ...rest];
  if (path === undefined) throw new UsageError("missing name of the node, such as my_node");
  if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"; give one name`);
  const { folder, file, name } = partsOf(path);
  const template = NODE_TEMPLATES[flags.workload];
  if (template === undefined) throw new RangeError(`no template for ${flags.workload}`);
  const node = `${folder}/${file}.ts`;
  const testFolder = testFolderOf(folder);
  const test = `${testFolder}/${file}_test.ts`;
  for (const taken of [node, test]) {
    if (exists(taken)) throw new UsageError(`${taken} is there already; choose another name`);
  }
  for (const made of [folder, testFolder]) Deno.mkdirSync(made, { recursive: true });
  const written: string[] = [];
  const library = libraryNames(Deno.realPathSync(folder), written);
  const testLibrary = libraryNames(Deno.realPathSync(testFolder), written);
  const nodePath = testFolder === folder
    ? `./${file}.ts`
    : `${rootFrom(Deno.realPathSync(testFolder))}${slashed(relative(PROJECT, resolve(node)))}`;
  Deno.writeTextFileSync(node, nodeText(name, template, library));
  if (Deno.build.os !== "windows") Deno.chmodSync(node, 0o755);
  Deno.writeTextFileSync(test, testText(name, nodePath, template, testLibrary));
  await format([node, test]);
  print(`written: ${[node, test, ...written].join(", ")}`);
  print("Run its test, and test it with real processes under partitions:");
  print(`  deno test --allow-read ${test}`);
  print(`  ${taskCommand("maelstrom")} test -w ${flags.workload} --bin ${node} \\`);
  print("    --nemesis partition --time-limit 10");
  return ExitCode.valid;
}

/** Formats files as the configuration of their folder says. */
async function format(files: readonly string[]): Promise<void> {
  const args = ["fmt", "--quiet", ...files];
  await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
}

/** Returns the folder, the file's name without extension, and the name of the function. */
function partsOf(path: string): { folder: string; file: string; name: string } {
  const [, folder = ".", file = ""] = /^(?:(.*)\/)?([^/]*)$/.exec(path.replace(/\.ts$/, "")) ?? [];
  if (!/^[a-z][a-z0-9_-]*$/i.test(file)) {
    throw new UsageError(
      `a node's name must begin with a letter and consist of letters, digits, _ and -, got "${file}"`,
    );
  }
  const name = file.replace(/[-_]+(.)?/g, (_, letter = "") => letter.toUpperCase());
  return {
    folder: folder === "" ? "/" : folder,
    file,
    name: `${name[0]?.toLowerCase()}${name.slice(1)}`,
  };
}

/**
 * Returns the folder of a node's test. In this project a node has its test in `tests/`, since the
 * modules beside it must not import the test library.
 */
export function testFolderOf(folder: string): string {
  const inside = relative(PROJECT, resolve(folder));
  const isLayer = /^(?:nodes|examples)(?:[/\\]|$)/.test(inside);
  return isLayer ? projectPath(`tests/${slashed(inside)}`) : folder;
}

/** Returns the path from a folder of this project to the project. */
function rootFrom(folder: string): string {
  const up = slashed(relative(folder, PROJECT));
  return up === "" ? "./" : `${up}/`;
}

/** Returns a path as imports write it. */
function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}

/** Returns where files in a folder import the libraries from; writes a deno.json if it has none. */
function libraryNames(folder: string, written: string[]): LibraryNames {
  if (isBelow(folder, PROJECT)) {
    const root = rootFrom(folder);
    return { node: `${root}lib/node/mod.ts`, testing: `${root}lib/testing/mod.ts` };
  }
  const config = configOf(folder);
  if (config === undefined) {
    const imports = LIBRARIES.map((name) => [`${PACKAGE}/${name}`, moduleOf(name)]);
    const task = `deno task --quiet --config "${slashed(PROJECT)}/deno.json"`;
    const tasks = TASKS.map((name) => [name, `${task} ${name}`]);
    const text = JSON.stringify(
      {
        imports: Object.fromEntries(imports),
        tasks: { test: "deno test --allow-read", ...Object.fromEntries(tasks) },
      },
      null,
      2,
    );
    Deno.writeTextFileSync(`${folder}/deno.json`, `${text}\n`);
    written.push("deno.json");
  }
  const hasNames = config === undefined ||
    ["node", "testing"].every((name) => config.includes(`"${PACKAGE}/${name}"`));
  return hasNames
    ? { node: `${PACKAGE}/node`, testing: `${PACKAGE}/testing` }
    : { node: moduleOf("node"), testing: moduleOf("testing") };
}

function moduleOf(name: string): string {
  return `${PROJECT}/lib/${name}/mod.ts`;
}

/** Returns the text of the configuration that counts in a folder; undefined without one. */
function configOf(folder: string): string | undefined {
  for (const name of ["deno.json", "deno.jsonc"]) {
    if (exists(`${folder}/${name}`)) return Deno.readTextFileSync(`${folder}/${name}`);
  }
  const parent = dirname(folder);
  return parent === folder ? undefined : configOf(parent);
}

function exists(path: string): boolean {
  return unlessMissing(() => Deno.lstatSync(path)) !== undefined;
}
