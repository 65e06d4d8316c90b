/**
 * Finds the real Maelstrom and runs tests with it.
 *
 * @module
 */

import { delimiter } from "node:path";
import type { Verdict } from "../../lib/check/mod.ts";
import { EdnError, parseEdn } from "../../lib/history/mod.ts";
import { Watchdog } from "../../lib/workbench/mod.ts";
import { printError } from "./console.ts";
import { ExitCode } from "./exit_code.ts";
import { unlessMissing } from "./file_problem.ts";
import { onInterrupt } from "./interrupt.ts";
import type { StoredResults } from "./run_on_built_in_engine.ts";
import { projectPath } from "./users_folder.ts";

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
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = [
    ...(named === undefined ? [] : [named, `${named}/maelstrom`]),
    "./maelstrom/maelstrom",
    projectPath("maelstrom/maelstrom"),
    ...folders.map((folder) => `${folder}/maelstrom`),
  ];
  return candidates.find(isExecutable);
}

/** The outcome of a run of the real Maelstrom. */
export interface MaelstromOutcome {
  /** An exit code of this project, with the same meaning as Maelstrom's. */
  readonly code: number;
  /** The results of each test that was completed. */
  readonly stored: readonly StoredResults[];
}

/** The wait after each signal that asks Maelstrom to end. */
const SIGNAL_GRACE_MS = 5000;

/** Maelstrom's exit codes that this project's command has, too. */
const SHARED_CODES: readonly number[] = Object.values(ExitCode);

/** The exit codes of a process that Ctrl-C (130), SIGHUP or SIGTERM has ended. */
const SIGNAL_CODES: readonly number[] = [ExitCode.interrupted, 129, 143];

/**
 * Runs `maelstrom test`. It writes to this process's stdout and stderr, and ends with this process,
 * however that ends. A signal to this process ends it with SIGINT, then SIGTERM, then SIGKILL.
 */
export async function runMaelstrom(
  path: string,
  args: readonly string[],
): Promise<MaelstromOutcome> {
  const earlierRuns = new Set(runFolders());
  const watchdog = new Watchdog();
  // In a process group of its own, so that signals reach the JVM that the script starts.
  const { process: child } = watchdog.watch((env) =>
    new Deno.Command(path, {
      env,
      args: ["test", ...args],
      detached: true,
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn()
  );
  let isInterrupted = false;
  const timers: ReturnType<typeof setTimeout>[] = [];
  const release = onInterrupt(() => {
    isInterrupted = true;
    for (const [index, signal] of (["SIGINT", "SIGTERM", "SIGKILL"] as const).entries()) {
      timers.push(setTimeout(() => signalGroup(child.pid, signal), index * SIGNAL_GRACE_MS));
    }
  });
  const { code } = await child.status;
  for (const timer of timers) clearTimeout(timer);
  release();
  await watchdog.close();
  const folders = runFolders().filter((folder) => !earlierRuns.has(folder));
  return {
    code: isInterrupted ? ExitCode.interrupted : meaningOf(code),
    stored: folders.sort().flatMap(readMaelstromResults),
  };
}

/** Returns the exit code of this project for one of Maelstrom's; explains one that it lacks. */
function meaningOf(code: number): number {
  if (SHARED_CODES.includes(code)) return code;
  if (SIGNAL_CODES.includes(code)) return ExitCode.interrupted;
  const cause = code === 127 ? " Is Java installed?" : code === 137 ? " It was killed." : "";
  printError(`Maelstrom did not run to its end: it exited with code ${code}.${cause}`);
  return ExitCode.crash;
}

function signalGroup(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Returns the folders of all runs that Maelstrom stored in the working directory. */
function runFolders(): string[] {
  return foldersIn("store").flatMap(foldersIn);
}

function foldersIn(folder: string): string[] {
  return unlessMissing(() =>
    [...Deno.readDirSync(folder)].filter(({ isDirectory }) => isDirectory)
      .map(({ name }) => `${folder}/${name}`)
  ) ?? [];
}

/** Returns the results that the real Maelstrom stored in a run's folder; empty without results. */
function readMaelstromResults(folder: string): StoredResults[] {
  try {
    const results = parseEdn(Deno.readTextFileSync(`${folder}/results.edn`)) as Verdict;
    return [{ results, folder }];
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
