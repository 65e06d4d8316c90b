/**
 * A temporary copy of the project, in which mutants are written and tested.
 *
 * @module
 */

/** Folders that neither programs nor tests need; hidden files are skipped, too. */
const SKIPPED: ReadonlySet<string> = new Set(["store", "bin", "node_modules"]);
/** Copies are skipped, too, in case that the project contains the folder for temporary files. */
const PREFIX = "deno-mutate-";
const KILLED_GROUP_SIGNAL = "SIGKILL";

/** How a command ended. */
export type CommandOutcome = "passed" | "failed" | "timed out";

/** A command's outcome and the end of its output. */
export interface CommandResult {
  readonly outcome: CommandOutcome;
  readonly output: string;
}

/** A copy of the working directory. */
export class ProjectCopy {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Copies the working directory. */
  static create(): ProjectCopy {
    const copy = new ProjectCopy(Deno.makeTempDirSync({ prefix: PREFIX }));
    try {
      copyFolder(".", copy.path);
    } catch (error) {
      copy.remove();
      throw error;
    }
    return copy;
  }

  /** Writes a file of the copy. */
  write(file: string, text: string): void {
    Deno.writeTextFileSync(`${this.path}/${file}`, text);
  }

  /**
   * Runs deno in the copy. Ends it, with all processes that it started, after `timeoutMs` or when the
   * signal is aborted.
   */
  async deno(
    args: readonly string[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<CommandResult> {
    signal.throwIfAborted();
    const child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: this.path,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      // A process group of its own, so that a signal also reaches the processes that tests start.
      detached: true,
    }).spawn();
    let isTimedOut = false;
    const end = () => endGroup(child.pid);
    const timer = setTimeout(() => {
      isTimedOut = true;
      end();
    }, timeoutMs);
    signal.addEventListener("abort", end);
    try {
      const { code, stdout, stderr } = await child.output();
      const decoder = new TextDecoder();
      return {
        outcome: isTimedOut ? "timed out" : code === 0 ? "passed" : "failed",
        output: decoder.decode(stdout) + decoder.decode(stderr),
      };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      end();
    }
  }

  /** Deletes the copy. */
  remove(): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** Ends a process group; does nothing if all of its processes have ended. */
export function endGroup(leader: number): void {
  try {
    Deno.kill(-leader, KILLED_GROUP_SIGNAL);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof TypeError)) throw error;
  }
}

function copyFolder(from: string, to: string): void {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(from)) {
    if (name.startsWith(".") || name.startsWith(PREFIX) || SKIPPED.has(name)) continue;
    const [source, target] = [`${from}/${name}`, `${to}/${name}`];
    if (isDirectory) {
      Deno.mkdirSync(target);
      copyFolder(source, target);
    } else if (isFile) Deno.copyFileSync(source, target);
  }
}
