/**
 * Observes operating system processes.
 *
 * @module
 */

/** Whether a process runs; false for one that has ended and is not reaped yet. */
export async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", `${pid}`] })
    .output();
  const state = new TextDecoder().decode(stdout).trim();
  return state !== "" && !state.startsWith("Z");
}

/** Waits until a process has ended, since signals are asynchronous. */
export async function untilGone(pid: number): Promise<void> {
  while (await isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

/**
 * Returns the process id of a watchdog that this process has started; `mark` is that of a process
 * under its watch, see watchdog.ts. Undefined if it has ended.
 */
export async function watchdogOf(mark: string): Promise<number | undefined> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "pid=,args=", "--ppid", `${Deno.pid}`],
  }).output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  const own = lines.find((line) => line.trimEnd().endsWith(` watchdog ${mark.split(".")[0]}`));
  return own === undefined ? undefined : Number(own.trim().split(" ")[0]);
}
