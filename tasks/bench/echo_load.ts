/**
 * A closed-loop load generator for one echo program: it keeps a fixed number of requests
 * outstanding. Used by {@link file://./../bench_node.ts}.
 *
 * The generator must be faster than the program. So requests are encoded once and sent as slices of
 * one buffer, and replies are counted by their line ends. Named pipes allow synchronous reads and
 * writes: with few requests outstanding, a thread switch in the generator would cost as much as the
 * program.
 *
 * Invariant: requests sent minus replies read is `outstanding`, or less while a slice is being
 * sent.
 *
 * @module
 */

import { FIRST_ID, INIT, Requests } from "./requests.ts";

const NEWLINE = 10;
const MIN_REQUESTS = 8192;
const READ_BYTES = 256 * 1024;
const WARM_UP_MS = 400;
/** This number of small requests fits into a pipe, so that no synchronous write blocks forever. */
const MAX_SYNCHRONOUS_OUTSTANDING = 128;

const decoder = new TextDecoder();

/** Measures throughput after a warm-up. */
class ThroughputMeter {
  readonly #durationMs: number;
  readonly #warmUpEndsAt = performance.now() + WARM_UP_MS;
  #startedAt = 0;
  #endedAt = 0;
  #replies = 0;

  constructor(durationMs: number) {
    this.#durationMs = durationMs;
  }

  get isRunning(): boolean {
    return this.#endedAt === 0;
  }

  get repliesPerSecond(): number {
    return this.#replies / (this.#endedAt - this.#startedAt) * 1000;
  }

  /** Counts replies that have just been read. */
  count(replies: number): void {
    const now = performance.now();
    if (this.#startedAt > 0) this.#replies += replies;
    else if (now >= this.#warmUpEndsAt) this.#startedAt = now;
    if (this.#startedAt > 0 && now - this.#startedAt >= this.#durationMs) this.#endedAt = now;
  }
}

/** A running echo program under load. */
export class EchoLoad {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #to: Deno.FsFile;
  readonly #from: Deno.FsFile;
  readonly #buffer = new Uint8Array(READ_BYTES);

  private constructor(
    child: Deno.ChildProcess,
    folder: string,
    to: Deno.FsFile,
    from: Deno.FsFile,
  ) {
    this.#child = child;
    this.#folder = folder;
    this.#to = to;
    this.#from = from;
  }

  /** Starts a program and waits for its `init_ok`. Throws an Error when the program exits. */
  static async start(command: readonly string[]): Promise<EchoLoad> {
    const folder = await Deno.makeTempDir({ prefix: "bench-" });
    const [to, from] = [`${folder}/to`, `${folder}/from`];
    await new Deno.Command("mkfifo", { args: [to, from] }).output();
    const child = new Deno.Command("sh", {
      args: ["-c", `exec "$@" <"${to}" >"${from}"`, "sh", ...command],
      stdin: "null",
      stderr: "null",
    }).spawn();
    const ended = child.status.then(({ code }) => {
      throw new Error(`"${command.join(" ")}" exited with code ${code} before init_ok`);
    });
    // Opening a named pipe blocks until the other end is opened.
    const open = (path: string, options: Deno.OpenOptions) =>
      Promise.race([Deno.open(path, options), ended]);
    const load = new EchoLoad(
      child,
      folder,
      await open(to, { write: true }),
      await open(from, { read: true }),
    );
    ended.catch(() => {});
    load.#to.writeSync(INIT);
    load.#readSync();
    return load;
  }

  /**
   * Sends `outstanding` requests and checks every reply. Throws an Error for a malformed,
   * unexpected or missing reply.
   */
  async check(outstanding: number): Promise<void> {
    const expected = new Set<number>();
    for (let id = FIRST_ID; id < FIRST_ID + outstanding; id++) expected.add(id);
    const writing = writeAll(this.#to, new Requests(outstanding).take(outstanding).bytes);
    let text = "";
    for (let replies = 0; replies < outstanding;) {
      const bytes = await this.#read();
      replies += countLineEnds(bytes);
      text += decoder.decode(bytes, { stream: true });
    }
    await writing;
    for (const line of text.trimEnd().split("\n")) {
      const { body } = JSON.parse(line);
      const isEcho = body.type === "echo_ok" && body.echo === `Please echo ${body.in_reply_to}`;
      if (!isEcho || !expected.delete(body.in_reply_to)) {
        throw new Error(`expected echo_ok with the request's text, got ${line}`);
      }
    }
    if (expected.size > 0) {
      throw new Error(`expected ${outstanding} replies, got ${outstanding - expected.size}`);
    }
  }

  /**
   * Keeps `outstanding` requests outstanding during a warm-up and the measurement. Returns replies
   * per second. Call it last, since it leaves replies unread.
   */
  async measure(outstanding: number, durationMs: number): Promise<number> {
    const requests = new Requests(Math.max(MIN_REQUESTS, outstanding));
    const meter = new ThroughputMeter(durationMs);
    if (outstanding <= MAX_SYNCHRONOUS_OUTSTANDING) this.#loadSync(requests, outstanding, meter);
    else await this.#load(requests, outstanding, meter);
    return meter.repliesPerSecond;
  }

  #loadSync(requests: Requests, outstanding: number, meter: ThroughputMeter): void {
    let sendable = outstanding;
    while (meter.isRunning) {
      while (sendable > 0) {
        const { bytes, count } = requests.take(sendable);
        for (let rest = bytes; rest.length > 0;) rest = rest.subarray(this.#to.writeSync(rest));
        sendable -= count;
      }
      sendable = countLineEnds(this.#readSync());
      meter.count(sendable);
    }
  }

  async #load(requests: Requests, outstanding: number, meter: ThroughputMeter): Promise<void> {
    let sendable = outstanding;
    let sending = false;
    const send = async () => {
      sending = true;
      while (sendable > 0 && meter.isRunning) {
        const { bytes, count } = requests.take(sendable);
        sendable -= count;
        await writeAll(this.#to, bytes);
      }
      sending = false;
    };
    while (meter.isRunning) {
      if (!sending) send();
      const replies = countLineEnds(await this.#read());
      sendable += replies;
      meter.count(replies);
    }
    // A pending write completes only if the program's replies are read, so that it empties its pipe.
    while (sending) await this.#read();
  }

  /** Kills the program and removes its pipes. */
  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    this.#to.close();
    this.#from.close();
    await Deno.remove(this.#folder, { recursive: true });
  }

  #readSync(): Uint8Array {
    return this.#checkedBytes(this.#from.readSync(this.#buffer));
  }

  async #read(): Promise<Uint8Array> {
    return this.#checkedBytes(await this.#from.read(this.#buffer));
  }

  #checkedBytes(length: number | null): Uint8Array {
    if (length === null) throw new Error("the program exited during the measurement");
    return this.#buffer.subarray(0, length);
  }
}

/** Returns the milliseconds from the start to the exit of an empty program. */
export async function measureEmptyProgram(): Promise<number> {
  const start = performance.now();
  await new Deno.Command(Deno.execPath(), { args: ["run", "--quiet", "tasks/bench/nothing.ts"] })
    .output();
  return performance.now() - start;
}

/** Returns the milliseconds from the start of a program to its `init_ok`. */
export async function measureStartUp(command: readonly string[]): Promise<number> {
  const start = performance.now();
  const child = new Deno.Command(command[0] as string, {
    args: command.slice(1),
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const input = child.stdin.getWriter();
  await input.write(INIT);
  const output = child.stdout.getReader();
  const { value } = await output.read();
  const elapsed = performance.now() - start;
  if (value === undefined) throw new Error(`"${command.join(" ")}" exited without init_ok`);
  await input.close();
  await output.cancel();
  await child.status;
  return elapsed;
}

async function writeAll(to: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await to.write(rest));
}

function countLineEnds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
