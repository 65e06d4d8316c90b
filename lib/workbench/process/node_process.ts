/**
 * A node that is a process of the operating system: messages go to its stdin and come from its
 * stdout, one JSON object a line; its stderr is its log.
 *
 * @module
 */

import { parseJson, stringifyJson } from "../../base/mod.ts";
import { LineFramer, type Parcel, toParcel } from "../../wire/mod.ts";
import { type ExitStatus, type NodeHandle, type NodeListener, StartError } from "../engine.ts";
import type { Program } from "./program.ts";

const KEPT_LINES = 32;
/** How long to wait for the streams of a process that has ended: a grandchild may hold them open. */
const STREAMS_END_WITHIN_MS = 1000;

/** A node's process. */
export class NodeProcess implements NodeHandle {
  readonly lastLines = { stdout: [] as string[], stderr: [] as string[] };
  readonly ended: Promise<ExitStatus>;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #listener: NodeListener;
  readonly #encoder = new TextEncoder();
  readonly #streams: Promise<unknown>;
  #exit: ExitStatus | undefined;

  /** Starts the program. Throws a {@link StartError} when that fails. */
  constructor(program: Program, listener: NodeListener) {
    this.#listener = listener;
    this.#child = spawn(program);
    this.#input = this.#child.stdin.getWriter();
    // The process may end at any time; that shows in its exit status, not here.
    this.#input.closed.catch(() => {});
    this.#streams = Promise.all([
      readLines(this.#child.stdout, (line) => this.#wroteLine(line)),
      readLines(this.#child.stderr, (line) => this.#loggedLine(line)),
    ]);
    this.ended = this.#child.status.then(async ({ code, signal }) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const patience = new Promise((resolve) => timer = setTimeout(resolve, STREAMS_END_WITHIN_MS));
      await Promise.race([this.#streams, patience]);
      clearTimeout(timer);
      return this.#exit = { code, signal };
    });
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  get exit(): ExitStatus | undefined {
    return this.#exit;
  }

  async deliver(message: Parcel): Promise<void> {
    try {
      await this.#input.write(this.#encoder.encode(`${stringifyJson(message)}\n`));
    } catch {
      // It does not read any more; whether it crashed is found out from its exit status.
    }
  }

  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.#child.status;
    await this.#input.abort().catch(() => {});
    await this.ended;
  }

  pause(): void {
    this.#signal("SIGSTOP");
  }

  resume(): void {
    this.#signal("SIGCONT");
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It has ended already.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  #wroteLine(line: string): void {
    if (line.trim() === "") return;
    keep(this.lastLines.stdout, line);
    let message: Parcel;
    try {
      message = toParcel(parseJson(line));
    } catch (error) {
      return this.#listener.wroteRubbish(line, (error as Error).message);
    }
    this.#listener.sent(message);
  }

  #loggedLine(line: string): void {
    keep(this.lastLines.stderr, line);
    this.#listener.logged(line);
  }
}

function keep(lines: string[], line: string): void {
  lines.push(line);
  if (lines.length > KEPT_LINES) lines.shift();
}

function spawn({ command, args }: Program): Deno.ChildProcess {
  try {
    return new Deno.Command(command, {
      args: [...args],
      cwd: Deno.env.get("TMPDIR") ?? "/tmp",
      env: { PATH: pathWithThisDeno() },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw new StartError(
      `${command} could not be started: ${(error as Error).message}. ` +
        "If it is a script, does the program in its first line exist?",
    );
  }
}

/** The search path with this Deno's folder last, so that `env deno` finds one on any machine. */
function pathWithThisDeno(): string {
  const folder = Deno.execPath().replace(/\/[^/]*$/, "");
  const path = Deno.env.get("PATH");
  return path === undefined ? folder : `${path}:${folder}`;
}

async function readLines(
  stream: ReadableStream<Uint8Array>,
  take: (line: string) => void,
): Promise<void> {
  const framer = new LineFramer();
  for await (const chunk of stream) {
    for (const line of framer.push(chunk)) take(line);
  }
  for (const line of framer.end()) take(line);
}
