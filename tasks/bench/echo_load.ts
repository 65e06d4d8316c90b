/**
 * Loads one echo node through its pipes, for {@link file://./../bench_node.ts}.
 *
 * The generator must not be what is measured. So requests are encoded once, all of one length, and
 * sent again and again as slices of one buffer; replies are counted by their line ends. The pipes are
 * named ones, because those can be read and written synchronously: with few requests outstanding a
 * change of threads here would weigh as much as the node itself.
 *
 * Invariant: requests sent minus replies read is `outstanding`, or less while a slice is on its way.
 *
 * @module
 */

import { FIRST_ID, INIT, Requests } from "./requests.ts";

const NEWLINE = 10;
const MIN_REQUESTS = 8192;
const READ_BYTES = 256 * 1024;
const WARM_UP_MS = 400;
/** So many small requests fit into a pipe with room to spare: no write of them can block for good. */
const MAX_SYNCHRONOUS_OUTSTANDING = 128;

const decoder = new TextDecoder();

/** Counts replies, once the program is warm. */
class ThroughputMeter {
  readonly #milliseconds: number;
  readonly #warmAt = performance.now() + WARM_UP_MS;
  #startedAt = 0;
  #endedAt = 0;
  #replies = 0;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  get running(): boolean {
    return this.#endedAt === 0;
  }

  /** Replies per second. */
  get rate(): number {
    return this.#replies / (this.#endedAt - this.#startedAt) * 1000;
  }

  /** Takes note of replies that have come just now. */
  count(replies: number): void {
    const now = performance.now();
    if (this.#startedAt > 0) this.#replies += replies;
    else if (now >= this.#warmAt) this.#startedAt = now;
    if (this.#startedAt > 0 && now - this.#startedAt >= this.#milliseconds) this.#endedAt = now;
  }
}

/** A program that runs and can be loaded. */
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

  /** Starts a program and waits for its `init_ok`. Throws an Error when it ends instead. */
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
      throw new Error(`${command.join(" ")} ended with ${code}`);
    });
    // To open a named pipe is to wait until its other end is opened.
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
   * Sends as many requests as may be outstanding and checks every reply. Throws an Error for a
   * program that does not echo: there is no point in measuring it.
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
      const right = body.type === "echo_ok" && body.echo === `Please echo ${body.in_reply_to}`;
      if (!right || !expected.delete(body.in_reply_to)) throw new Error(`a wrong reply: ${line}`);
    }
    if (expected.size > 0) throw new Error(`${expected.size} requests were not answered`);
  }

  /**
   * Keeps so many requests outstanding: for a while unmeasured, so that the program is warm, then for
   * so many milliseconds. Returns replies per second. To be called last, as it leaves replies unread.
   */
  async measure(outstanding: number, milliseconds: number): Promise<number> {
    const requests = new Requests(Math.max(MIN_REQUESTS, outstanding));
    const meter = new ThroughputMeter(milliseconds);
    if (outstanding <= MAX_SYNCHRONOUS_OUTSTANDING) this.#loadSync(requests, outstanding, meter);
    else await this.#load(requests, outstanding, meter);
    return meter.rate;
  }

  #loadSync(requests: Requests, outstanding: number, meter: ThroughputMeter): void {
    let due = outstanding;
    while (meter.running) {
      while (due > 0) {
        const { bytes, count } = requests.take(due);
        for (let rest = bytes; rest.length > 0;) rest = rest.subarray(this.#to.writeSync(rest));
        due -= count;
      }
      due = countLineEnds(this.#readSync());
      meter.count(due);
    }
  }

  async #load(requests: Requests, outstanding: number, meter: ThroughputMeter): Promise<void> {
    let due = outstanding;
    let sending = false;
    const send = async () => {
      sending = true;
      while (due > 0 && meter.running) {
        const { bytes, count } = requests.take(due);
        due -= count;
        await writeAll(this.#to, bytes);
      }
      sending = false;
    };
    while (meter.running) {
      if (!sending) send();
      const replies = countLineEnds(await this.#read());
      due += replies;
      meter.count(replies);
    }
    // A write may be under way into a pipe that nobody would empty any more.
    while (sending) await this.#read();
  }

  /** Ends the program and removes its pipes. */
  async stop(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    this.#to.close();
    this.#from.close();
    await Deno.remove(this.#folder, { recursive: true });
  }

  #readSync(): Uint8Array {
    return this.#taken(this.#from.readSync(this.#buffer));
  }

  async #read(): Promise<Uint8Array> {
    return this.#taken(await this.#from.read(this.#buffer));
  }

  #taken(length: number | null): Uint8Array {
    if (length === null) throw new Error("the program ended in the middle of a measurement");
    return this.#buffer.subarray(0, length);
  }
}

/** Milliseconds from the start to the end of a program that does nothing. */
export async function measureEmptyProgram(): Promise<number> {
  const start = performance.now();
  await new Deno.Command(Deno.execPath(), { args: ["run", "--quiet", "tasks/bench/nothing.ts"] })
    .output();
  return performance.now() - start;
}

/** Milliseconds from the start of a program to its `init_ok`. */
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
  if (value === undefined) throw new Error(`${command.join(" ")} did not answer init`);
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
