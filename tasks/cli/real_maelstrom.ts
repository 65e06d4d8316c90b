/**
 * Finds the real Maelstrom, and hands a test over to it.
 *
 * @module
 */

import type { Verdict } from "../../lib/check/mod.ts";
import { EdnError, parseEdn } from "../../lib/history/mod.ts";
import { ExitCode } from "./exit_code.ts";

/** What `$MAELSTROM` says; undefined when it says nothing. */
export function namedMaelstrom(): string | undefined {
  return Deno.env.get("MAELSTROM") || undefined;
}

/** Where the real Maelstrom is; undefined when it is nowhere. `$MAELSTROM` may name its folder. */
export function findMaelstrom(): string | undefined {
  const named = namedMaelstrom();
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  const candidates = [
    ...(named === undefined ? [] : [named, `${named}/maelstrom`]),
    "./maelstrom/maelstrom",
    ...folders.map((folder) => `${folder}/maelstrom`),
  ];
  return candidates.find(isExecutable);
}

/** Runs `maelstrom test` with the arguments, its output going where ours does; returns its exit code. */
export async function runMaelstrom(path: string, args: readonly string[]): Promise<number> {
  const child = new Deno.Command(path, {
    args: ["test", ...args],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  // Ctrl-C reaches it too, as one of the terminal's processes; it ends by itself and so do we then.
  const ignore = () => {};
  const passOn = () => child.kill("SIGTERM");
  Deno.addSignalListener("SIGINT", ignore);
  Deno.addSignalListener("SIGTERM", passOn);
  const { code, signal } = await child.status;
  Deno.removeSignalListener("SIGINT", ignore);
  Deno.removeSignalListener("SIGTERM", passOn);
  return signal === null ? code : ExitCode.crash;
}

/** The results that the real Maelstrom kept of the run that just ended, if it did. */
export function readMaelstromResults(): Verdict[] {
  try {
    return [parseEdn(Deno.readTextFileSync("store/latest/results.edn")) as Verdict];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof EdnError) return [];
    throw error;
  }
}

/** The arguments without `--engine` and its value, which only we know. */
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
