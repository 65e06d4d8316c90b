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

/** Returns the process ids of the watchdogs that this process has started, see watchdog.ts. */
export async function watchdogIds(): Promise<number[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "pid=,args=", "--ppid", `${Deno.pid}`],
  }).output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  return lines.filter((line) => / watchdog /.test(line)).map((line) =>
    Number(line.trim().split(" ")[0])
  );
}
