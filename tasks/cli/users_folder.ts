/**
 * The folder in which the user stands, and the folder of this project.
 *
 * `deno task` runs a command in the folder of its `deno.json`, and keeps the user's own folder in
 * `INIT_CWD`. The paths that a user types are relative to the latter.
 *
 * @module
 */

import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder, without a slash at its end. */
export const PROJECT = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");
const VARIABLE = "INIT_CWD";

/** Makes the folder in which the user called `deno task` the working directory. */
export function enterUsersFolder(): void {
  if (Deno.cwd() !== PROJECT) return; // Not called by this project's tasks.
  const { state } = Deno.permissions.querySync({ name: "env", variable: VARIABLE });
  const folder = state === "granted" ? Deno.env.get(VARIABLE) : undefined;
  if (folder !== undefined && folder !== "") Deno.chdir(folder);
}

/** Whether an absolute path is a folder or something below it. */
export function isBelow(path: string, folder: string): boolean {
  const inside = relative(folder, path);
  return !isAbsolute(inside) && !/^\.\.(?:[/\\]|$)/.test(inside);
}

/**
 * Whether a module is neither in the working directory nor one of this project's nodes. A missing
 * file is not: its load reports it.
 */
export function isOutside(module: string): boolean {
  let file: string;
  try {
    file = Deno.realPathSync(module);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
  const folders = [".", projectPath("nodes"), projectPath("examples")];
  return !folders.some((folder) => isBelow(file, Deno.realPathSync(folder)));
}

/** Returns how the user calls a task of this project from the working directory. */
export function taskCommand(task: string): string {
  return `deno task ${isBelow(Deno.cwd(), PROJECT) ? "" : `--config ${PROJECT}/deno.json `}${task}`;
}

/** Returns a path inside the project, such as `nodes/echo.ts`, from the working directory. */
export function projectPath(path: string): string {
  return Deno.cwd() === PROJECT ? path : `${PROJECT}/${path}`;
}
