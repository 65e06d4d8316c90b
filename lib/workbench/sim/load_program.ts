/**
 * Finds the node function in the module that `--bin` names.
 *
 * A simulation runs nodes inside this process, so it needs more of a program than that it can be
 * started: a module whose default export wires a node, and that does nothing else when imported.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import type { NodeFunction } from "../../node/mod.ts";
import { StartError } from "../engine.ts";

const MODULE_EXTENSION = /\.(?:ts|mts|js|mjs|tsx|jsx)$/;
/** How long a module may take to load. One that serves without being asked to never ends. */
const LOAD_TIMEOUT_MS = 20_000;
const PROCESS_ENGINE_HINT = "--engine process runs any program.";
const MAIN_GUARD_HINT = "Does it call serve() without `if (import.meta.main)` before it?";

/** The default export of the module at a path. Throws a {@link StartError} that says what to do. */
export async function loadProgram(path: string): Promise<NodeFunction> {
  const file = realFile(path);
  if (!MODULE_EXTENSION.test(file)) {
    throw new StartError(
      `--bin ${path} is no TypeScript or JavaScript module. The sim engine runs nodes inside this ` +
        `process and needs the node's function, a module's default export; ${PROCESS_ENGINE_HINT}`,
    );
  }
  const program = (await importWithin(path, file)).default;
  if (typeof program !== "function") {
    throw new StartError(
      `--bin ${path} has ${program === undefined ? "no default export" : "a default export"} ` +
        `${program === undefined ? "" : "that is no function "}. The sim engine needs one like ` +
        `\`export default function (node: Node) {…}\`; ${PROCESS_ENGINE_HINT}`,
    );
  }
  return program as NodeFunction;
}

function realFile(path: string): string {
  let file: string;
  try {
    file = Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new StartError(`--bin ${path}: there is no such file (looked for it in ${Deno.cwd()}).`);
  }
  if (Deno.statSync(file).isDirectory) {
    throw new StartError(`--bin ${path} is a folder; it must be a module that runs one node.`);
  }
  return file;
}

/** Imports a module; guards against one that ends this process, or never ends itself. */
async function importWithin(path: string, file: string): Promise<{ readonly default?: unknown }> {
  const exit = Deno.exit;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hindered = new Promise<never>((_, reject) => {
    const refuse = (what: string) =>
      reject(new StartError(`--bin ${path} ${what} when it is imported. ${MAIN_GUARD_HINT}`));
    timer = setTimeout(() => refuse("does not come to an end"), LOAD_TIMEOUT_MS);
    Deno.exit = (code) => {
      refuse(`asks this process to exit with ${code ?? 0}`);
      throw new Error("a module that is imported may not end the process");
    };
  });
  try {
    return await Promise.race([import(pathToFileURL(file).href), hindered]);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    throw new StartError(`--bin ${path} cannot be imported: ${text}`);
  } finally {
    clearTimeout(timer);
    Deno.exit = exit;
  }
}
