/**
 * Finds the real Maelstrom and runs tests with it.
 *
 * @module
 */

import type { Verdict } from "../../lib/check/mod.ts";
import { EdnError, parseEdn } from "../../lib/history/mod.ts";
import { ExitCode } from "./exit_code.ts";

/** Returns the value of `$MAELSTROM`; undefined when it is unset or empty. */
export function maelstromVariable(): string | undefined {
  return Deno.env.get("MAELSTROM") || undefined;
}

/**
 * Returns the path of the real Maelstrom; undefined when it is not installed. `$MAELSTROM` names
 * the executable or its folder.
 */
export function findMaelstrom(): string | undefined {
  const named = maelstromVariable();
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  const candidates = [
    ...(named === undefined ? [] : [named, `${named}/maelstrom`]),
    "./maelstrom/maelstrom",
    ...folders.map((folder) => `${folder}/maelstrom`),
  ];
  return candidates.find(isExecutable);
}

/** Runs `maelstrom test`, which inherits stdin, stdout and stderr; returns its exit code. */
export async function runMaelstrom(path: string, args: readonly string[]): Promise<number> {
  const child = new Deno.Command(path, {
    args: ["test", ...args],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  // The terminal also sends Ctrl-C to the child. The child then ends, and this process after it.
  const ignore = () => {};
  const forwardSignal = () => child.kill("SIGTERM");
  Deno.addSignalListener("SIGINT", ignore);
  Deno.addSignalListener("SIGTERM", forwardSignal);
  const { code, signal } = await child.status;
  Deno.removeSignalListener("SIGINT", ignore);
  Deno.removeSignalListener("SIGTERM", forwardSignal);
  return signal === null ? code : ExitCode.crash;
}

/** Returns the results that the real Maelstrom stored for the latest run; empty without results. */
export function readMaelstromResults(): Verdict[] {
  try {
    return [parseEdn(Deno.readTextFileSync("store/latest/results.edn")) as Verdict];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof EdnError) return [];
    throw error;
  }
}

/**
 * Returns the arguments without `--engine` and its value, which the real Maelstrom does not have.
 */
export function withoutEngine(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  const kept: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const own = end < 0 || index < end;
    if (own && args[index] === "--engine") index++;
    else if (!own || !args[index]?.startsWith("--engine=")) kept.push(args[index] as string);
  }
  return kept;
}

function isExecutable(path: string): boolean {
  try {
    const info = Deno.statSync(path);
    return info.isFile && ((info.mode ?? 0) & 0o111) !== 0;
  } catch {
    return false;
  }
}
