/**
 * Imports a module that a user names on the command line: a workload, a model.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { UsageError } from "../base/mod.ts";
import { readGraph } from "./sim/program/module_graph.ts";
import { Instances } from "./sim/program/module_instance.ts";
import { describeImportError } from "./sim/program/source_positions.ts";

/** Whether the value of a flag is the path of a module, not a name. */
export function isModulePath(text: string): boolean {
  return text.includes("/") || /\.(?:ts|mts|js|mjs)$/.test(text);
}

/**
 * Returns the exports of the module at a path. It resolves its imports by the import map of its own
 * folder.
 *
 * @param flag The flag that has the path, for error texts.
 * @throws {UsageError} The file does not exist or cannot be imported.
 */
export async function importModule(
  flag: string,
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(realPath(flag, path)).href;
  try {
    const graph = await readGraph(url, (code) => code());
    // The limit on steps is for nodes.
    const instance = new Instances(graph, () => {}).create();
    await instance.done;
    return { ...instance.exports };
  } catch (error) {
    throw new UsageError(
      `${flag} ${path} cannot be imported: ${describeImportError(error)}`,
    );
  }
}

function realPath(flag: string, path: string): string {
  try {
    const file = Deno.realPathSync(path);
    if (Deno.statSync(file).isFile) return file;
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (!(error instanceof NotFound || error instanceof NotADirectory)) throw error;
    throw new UsageError(`${flag} ${path}: file not found (working directory ${Deno.cwd()})`);
  }
  throw new UsageError(`${flag} ${path} is a folder; give a module`);
}
