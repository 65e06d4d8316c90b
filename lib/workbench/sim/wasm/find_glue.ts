/**
 * Finds the `wasm_exec.js` of the Go that built a program.
 *
 * @module
 */

import { dirname } from "node:path";
import { StartError } from "../../engine.ts";
import { compileGlue, type CreateGo, importsOf } from "./go_glue.ts";

const GLUE_FILE = "wasm_exec.js";
/** Where Go keeps the file below its root: since Go 1.24, and before. */
const GLUE_FOLDERS: readonly string[] = ["lib/wasm", "misc/wasm"];

const HOW_TO_GIVE = `give it with --wasm-exec FILE: ` +
  `"$(go env GOROOT)/lib/wasm/${GLUE_FILE}", or misc/wasm before Go 1.24`;

/**
 * Returns the glue for a program: the given file, that beside the program, or that of the installed
 * Go. Throws a {@link StartError} if there is none, or if it lacks a function of the program.
 */
export async function findGlue(
  program: string,
  imports: readonly WebAssembly.ModuleImportDescriptor[],
  given?: string,
): Promise<CreateGo> {
  const path = given ?? await findFile(program);
  const createGo = compile(path);
  const available = importsOf(createGo);
  const missing = imports.find(({ module, name }) => !available.has(`${module}.${name}`));
  if (missing === undefined) return createGo;
  throw new StartError(
    `${path} lacks the function ${missing.module}.${missing.name}, which ${program} imports: it ` +
      `belongs to another version of Go than the one that built the program; ${HOW_TO_GIVE}`,
  );
}

async function findFile(program: string): Promise<string> {
  const root = await goRoot();
  const candidates = [
    `${dirname(program)}/${GLUE_FILE}`,
    ...(root === undefined ? [] : GLUE_FOLDERS.map((folder) => `${root}/${folder}/${GLUE_FILE}`)),
  ];
  const found = candidates.find(isFile);
  if (found !== undefined) return found;
  const reason = root === undefined ? "Go is not installed" : `there is none below ${root}`;
  throw new StartError(
    `--bin ${program} is a Go program, which needs the ${GLUE_FILE} of the Go that built it, but ` +
      `${reason}; ${HOW_TO_GIVE}`,
  );
}

/** Returns the root of the installed Go; undefined without one. */
async function goRoot(): Promise<string | undefined> {
  try {
    const { code, stdout } = await new Deno.Command("go", { args: ["env", "GOROOT"] }).output();
    const root = new TextDecoder().decode(stdout).trim();
    return code === 0 && root !== "" ? root : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) {
      return undefined;
    }
    throw error;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function compile(path: string): CreateGo {
  try {
    return compileGlue(Deno.readTextFileSync(path));
  } catch (error) {
    const problem = error instanceof Deno.errors.NotFound
      ? "file not found"
      : error instanceof SyntaxError
      ? `not Go's ${GLUE_FILE}: ${error.message}`
      : undefined;
    if (problem === undefined) throw error;
    throw new StartError(`--wasm-exec ${path}: ${problem}; ${HOW_TO_GIVE}`);
  }
}
