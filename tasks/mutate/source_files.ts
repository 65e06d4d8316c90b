/**
 * The files that a command line names: files, or folders with all files of a kind below them.
 *
 * @module
 */

import { isAbsolute } from "node:path";
import { UsageError } from "../../lib/base/mod.ts";

/**
 * Returns the files, and those in folders that the filter accepts, sorted by path.
 *
 * @throws {UsageError} When a path does not exist, or is not below the working directory.
 */
export function filesOf(paths: readonly string[], isWanted: (name: string) => boolean): string[] {
  return paths.flatMap((path) => {
    if (isAbsolute(path) || path.split(/[/\\]/).includes("..")) {
      throw new UsageError(`${path}: expected a path below the working directory`);
    }
    try {
      const { isDirectory } = Deno.statSync(path);
      return isDirectory ? filesBelow(path, isWanted) : [path];
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new UsageError(`file not found: ${path} (working directory ${Deno.cwd()})`);
    }
  });
}

function filesBelow(folder: string, isWanted: (name: string) => boolean): string[] {
  const entries = [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  return entries.flatMap(({ name, isDirectory }) => {
    const path = folder === "." ? name : `${folder}/${name}`;
    if (isDirectory) return filesBelow(path, isWanted);
    return isWanted(name) ? [path] : [];
  });
}
