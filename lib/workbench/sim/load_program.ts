/**
 * Loads the node function from the module that `--bin` names.
 *
 * A simulation runs nodes inside this process, so the file must be a module whose default export is
 * a node function, and whose import has no other effect.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import type { NodeFunction } from "../../node/mod.ts";
import { StartError } from "../engine.ts";

const MODULE_EXTENSION = /\.(?:ts|mts|js|mjs|tsx|jsx)$/;
/**
 * Time limit for the import. A module that calls `serve()` unconditionally never finishes loading.
 */
const LOAD_TIMEOUT_MS = 20_000;
const PROCESS_ENGINE_HINT = "--engine process runs any program.";
const MAIN_GUARD_HINT = "Does the module call serve() outside `if (import.meta.main)`?";

/** Returns the default export of the module at a path. Throws a {@link StartError}. */
export async function loadProgram(path: string): Promise<NodeFunction> {
  const file = realPath(path);
  if (!MODULE_EXTENSION.test(file)) {
    throw new StartError(
      `--bin ${path} is not a TypeScript or JavaScript module. The sim engine runs nodes inside ` +
        `this process and needs a module whose default export is the node function; ` +
        PROCESS_ENGINE_HINT,
    );
  }
  const program = (await importGuarded(path, file)).default;
  if (typeof program !== "function") {
    const found = program === undefined
      ? "has no default export"
      : "has a default export that is not a function";
    throw new StartError(
      `--bin ${path} ${found}. The sim engine needs a function like ` +
        `\`export default function (node: Node) {…}\`; ${PROCESS_ENGINE_HINT}`,
    );
  }
  return program as NodeFunction;
}

function realPath(path: string): string {
  let file: string;
  try {
    file = Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new StartError(`--bin ${path}: no such file (relative to ${Deno.cwd()}).`);
  }
  if (Deno.statSync(file).isDirectory) {
    throw new StartError(`--bin ${path} is a folder; expected a module that runs one node.`);
  }
  return file;
}

/** Imports a module; rejects if its import calls `Deno.exit()` or does not finish in time. */
async function importGuarded(path: string, file: string): Promise<{ readonly default?: unknown }> {
  const exit = Deno.exit;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const failed = new Promise<never>((_, reject) => {
    const fail = (problem: string) =>
      reject(new StartError(`--bin ${path} ${problem} when it is imported. ${MAIN_GUARD_HINT}`));
    const timeout = `does not finish within ${LOAD_TIMEOUT_MS / 1000} s`;
    timer = setTimeout(() => fail(timeout), LOAD_TIMEOUT_MS);
    Deno.exit = (code) => {
      fail(`calls Deno.exit(${code ?? 0})`);
      throw new Error("an imported module must not end the process");
    };
  });
  try {
    return await Promise.race([import(pathToFileURL(file).href), failed]);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    throw new StartError(`--bin ${path} cannot be imported: ${text}`);
  } finally {
    clearTimeout(timer);
    Deno.exit = exit;
  }
}
