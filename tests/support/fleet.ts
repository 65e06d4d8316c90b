/**
 * Starters and workers of a fleet as processes, for tests.
 *
 * @module
 */

const POLL_INTERVAL_MS = 50;

/** A process whose output is collected. */
export interface Collected {
  readonly process: Deno.ChildProcess;
  /** What it wrote to stdout and stderr until now. */
  readonly output: () => string;
  /** Resolves with its exit code and its whole output, once it has ended. */
  readonly ended: Promise<{ readonly code: number; readonly output: string }>;
}

/** Starts a task of a checkout with the network on loopback, and collects its output. */
export function startTask(
  task: string,
  args: readonly string[],
  checkout = Deno.cwd(),
): Collected {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--config", `${checkout}/deno.json`, "--no-prompt"],
      ...["--allow-read", "--allow-write", "--allow-net=127.0.0.1", "--allow-env=NO_COLOR"],
      ...[`${checkout}/tasks/${task}.ts`, ...args],
    ],
    cwd: checkout,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let text = "";
  const collect = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) text += part;
  };
  const collected = Promise.all([collect(process.stdout), collect(process.stderr)]);
  const ended = process.status.then(async ({ code }) => {
    await collected;
    return { code, output: text };
  });
  return { process, output: () => text, ended };
}

/** Starts a worker with one thread and resolves when it has a connection. */
export async function startWorker(url: string, checkout?: string): Promise<Collected> {
  const worker = startTask("worker", ["--fleet", url, "--jobs", "1"], checkout);
  await until(() => worker.output().includes("of the fleet at"), worker);
  return worker;
}

/** Waits until something holds; throws if the process has ended before. */
export async function until(holds: () => boolean, { ended, output }: Collected): Promise<void> {
  let hasEnded = false;
  ended.then(() => hasEnded = true);
  while (!holds()) {
    if (hasEnded) throw new Error(`the process ended too early: ${output()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}

/** Ends processes, frozen ones too, and waits for their end. */
export async function endAll(processes: readonly Collected[]): Promise<void> {
  for (const { process } of processes) {
    try {
      process.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // It has ended already.
    }
  }
  await Promise.all(processes.map(({ ended }) => ended));
}

/** Returns the lines of a report; none if it is not there yet. */
export function reportLines(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n").filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Returns the lines of the seeds in a report. */
export function seedLines(path: string): string[] {
  return reportLines(path).filter((line) => line.startsWith('{"seed":'));
}
