/**
 * Ends processes that would outlive the workbench or their node.
 *
 * The watchdog is a shell. It waits for the end of its stdin, which the operating system closes when
 * the workbench ends in any way, also by SIGKILL; then it kills all process groups that it watches.
 * Nodes that are paused (SIGSTOP) would otherwise remain, because they do not notice that
 * their stdin has been closed.
 *
 * A process can leave its group (`setsid`). So every node's environment has a mark, which its
 * descendants inherit, and the watchdog kills all processes with the mark of an ended node. It finds
 * them in `/proc`, hence on Linux only, and not those that cleared their environment.
 *
 * @module
 */

import { StartError } from "../engine.ts";

/** The environment variable with a node's mark. */
const MARK_VARIABLE = "WORKBENCH_NODE";

/**
 * Reads lines `watch GROUP` and `ended GROUP MARK`; the first argument is the mark of the workbench,
 * with which all nodes' marks begin. A killed process may have started another one meanwhile, so
 * marked processes are searched several times.
 */
const SCRIPT = `
trap '' INT TERM HUP QUIT
kill_marked() {
  for pass in 1 2 3; do
    files=$(grep -lsF "${MARK_VARIABLE}=$1" /proc/[0-9]*/environ)
    [ -n "$files" ] || return
    for file in $files; do
      process=\${file#/proc/}
      kill -s KILL "\${process%/environ}" 2>/dev/null
    done
  done
}
groups=' '
while read -r verb group mark; do
  case $verb in
    watch) groups="$groups$group " ;;
    ended) groups="\${groups%%" $group "*} \${groups#*" $group "}"; kill_marked "$mark" ;;
  esac
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
kill_marked "$1"
`;

/** Throws a {@link StartError} for an operating system without process groups and their signals. */
export function requireProcessGroups(system: string): void {
  if (system !== "windows") return;
  throw new StartError(
    "Windows has no process groups and none of the signals SIGSTOP and SIGCONT, which the engines " +
      "process and maelstrom need. Use --engine sim with a TypeScript node, or run this in WSL.",
  );
}

/** A process group under watch. */
export interface WatchedGroup {
  /** To be called when the group's leader has ended: ends the processes that left the group. */
  ended(): void;
}

/** The watchdog of one workbench. */
export class Watchdog {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #mark = crypto.randomUUID();
  #nextMark = 0;

  /** Starts the shell. Throws a {@link StartError} when that fails. */
  constructor() {
    requireProcessGroups(Deno.build.os);
    this.#child = spawn(this.#mark);
    this.#input = this.#child.stdin.getWriter();
  }

  /**
   * Starts a process with `start`, which receives the environment to add, and watches the process
   * group that it leads.
   */
  watch<T extends { readonly pid: number }>(
    start: (env: Readonly<Record<string, string>>) => T,
  ): { readonly process: T; readonly group: WatchedGroup } {
    const mark = `${this.#mark}.${this.#nextMark++}.`;
    const process = start({ [MARK_VARIABLE]: mark });
    this.#write(`watch ${process.pid}`);
    return { process, group: { ended: () => this.#write(`ended ${process.pid} ${mark}`) } };
  }

  /** Ends the watchdog, and with it everything that it still watches. */
  async close(): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#child.status;
  }

  /** Does nothing if the watchdog is gone: without it, a run is as good as before. */
  #write(line: string): void {
    this.#input.write(this.#encoder.encode(`${line}\n`)).catch(() => {});
  }
}

function spawn(mark: string): Deno.ChildProcess {
  try {
    return new Deno.Command("/bin/sh", {
      args: ["-c", SCRIPT, "watchdog", mark],
      detached: true,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch (error) {
    throw new StartError(`/bin/sh could not be started: ${(error as Error).message}`);
  }
}
