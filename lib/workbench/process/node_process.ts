/**
 * A node that is an operating system process: messages go to its stdin and come from its stdout,
 * one JSON object a line, and its stderr is its log.
 *
 * The program may be a script that starts another process. So each node leads its own process
 * group, and signals (kill, pause, resume) go to the whole group. Invariant: when a node's process
 * has ended, its group has no processes left.
 *
 * Malformed output of a node is reported, and never ends the test.
 *
 * @module
 */

import { delimiter, dirname } from "node:path";
import { stringifyJson } from "../../base/mod.ts";
import { LineFramer, type RawMessage } from "../../wire/mod.ts";
import { type ExitStatus, type NodeHandle, type NodeListener, StartError } from "../engine.ts";
import { readOutputLine } from "../output_line.ts";
import { shorten } from "../shorten.ts";
import type { NodeCommand } from "./node_command.ts";
import { firstLine, shebangProblem } from "./shebang.ts";

const MAX_KEPT_LINES = 32;
const MAX_KEPT_LINE_LENGTH = 1000;
const MAX_LOG_LINE_BYTES = 16 * 1024 * 1024;
/** With more unwritten input than this, the next message waits, as when a pipe is full. */
const MAX_UNWRITTEN_CHARACTERS = 64 * 1024;
/** The wait for the streams of an ended process: a child that left the group may keep them open. */
const STREAM_END_TIMEOUT_MS = 1000;

/** How a node's process starts. */
export interface ProcessStart extends NodeCommand {
  /** The working directory. */
  readonly cwd: string;
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A node's process. */
export class NodeProcess implements NodeHandle {
  readonly ended: Promise<ExitStatus>;
  /** Resolves when the process has ended and its group is killed; its streams may still be open. */
  readonly exited: Promise<void>;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #listener: NodeListener;
  readonly #encoder = new TextEncoder();
  readonly #lastOutput: string[] = [];
  readonly #lastLog: string[] = [];
  readonly #framer = new LineFramer({
    onSkip: (problem) => this.#listener.malformedOutput("", problem, { isAccepted: false }),
  });
  readonly #streams: Promise<unknown>;
  /** Lines for stdin that wait for the present write. */
  #unwritten = "";
  #writing: Promise<void> | undefined;
  #killed = false;
  #exit: ExitStatus | undefined;

  /** Starts the program. Throws a {@link StartError} when that fails. */
  constructor(start: ProcessStart, listener: NodeListener) {
    this.#listener = listener;
    this.#child = spawn(start);
    this.#input = this.#child.stdin.getWriter();
    this.#streams = Promise.all([this.#readOutput(), this.#readLog()]);
    this.exited = this.#child.status.then(() => this.killNow());
    this.ended = this.#child.status.then(async ({ code, signal }) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const timeout = new Promise((resolve) => timer = setTimeout(resolve, STREAM_END_TIMEOUT_MS));
      await Promise.race([this.#streams, timeout]);
      clearTimeout(timer);
      return this.#exit = { code, signal };
    });
  }

  /** The process id. */
  get pid(): number {
    return this.#child.pid;
  }

  get exit(): ExitStatus | undefined {
    return this.#exit;
  }

  get lastLines(): { readonly stdout: readonly string[]; readonly stderr: readonly string[] } {
    const { unfinishedBytes } = this.#framer;
    const unfinished = unfinishedBytes === 0
      ? []
      : [`(${unfinishedBytes} bytes of a line without a newline)`];
    return { stdout: [...this.#lastOutput, ...unfinished], stderr: this.#lastLog };
  }

  /**
   * Messages that are delivered in one turn of the event loop are written together. Returns a
   * promise only when so much is unwritten that the next message must wait.
   */
  deliver(message: RawMessage): void | Promise<void> {
    this.#unwritten += `${stringifyJson(message)}\n`;
    this.#writing ??= this.#writeAll();
    if (this.#unwritten.length > MAX_UNWRITTEN_CHARACTERS) return this.#writing;
  }

  async kill(): Promise<void> {
    this.#killed = true;
    this.killNow();
    await this.#input.abort().catch(() => {});
    await this.ended;
  }

  pause(): void {
    this.#signal("SIGSTOP");
  }

  resume(): void {
    this.#signal("SIGCONT");
  }

  /** Kills the whole process group without waiting; has no effect once the process has ended. */
  killNow(): void {
    this.#signal("SIGKILL");
  }

  #signal(signal: Deno.Signal): void {
    if (this.#exit !== undefined) return;
    try {
      Deno.kill(-this.pid, signal);
    } catch (error) {
      // The process is ending. macOS reports EPERM for a zombie that is not reaped yet.
      const { NotFound, PermissionDenied } = Deno.errors;
      if (!(error instanceof NotFound || error instanceof PermissionDenied)) throw error;
    }
  }

  async #writeAll(): Promise<void> {
    // Lets the caller deliver more messages first.
    await Promise.resolve();
    try {
      while (this.#unwritten !== "") {
        const bytes = this.#encoder.encode(this.#unwritten);
        this.#unwritten = "";
        await this.#input.write(bytes);
      }
    } catch {
      // The process has closed its stdin; its exit status shows whether it crashed.
    }
    this.#writing = undefined;
  }

  async #readOutput(): Promise<void> {
    for await (const chunk of this.#child.stdout) {
      for (const line of this.#framer.push(chunk)) this.#handleOutputLine(line);
    }
    // A partial line of a killed node is not a problem of the node.
    if (this.#killed) return;
    for (const line of this.#framer.end()) this.#handleOutputLine(line);
  }

  async #readLog(): Promise<void> {
    const framer = new LineFramer({
      maxLineBytes: MAX_LOG_LINE_BYTES,
      onSkip: (problem) => this.#handleLogLine(`(${problem})`),
    });
    for await (const chunk of this.#child.stderr) {
      for (const line of framer.push(chunk)) this.#handleLogLine(line);
    }
    for (const line of framer.end()) this.#handleLogLine(line);
  }

  #handleOutputLine(line: string): void {
    keep(this.#lastOutput, line);
    const { message, problem } = readOutputLine(line);
    if (problem !== undefined) {
      this.#listener.malformedOutput(line, problem, { isAccepted: message !== undefined });
    }
    if (message !== undefined) this.#listener.sent(message);
  }

  #handleLogLine(line: string): void {
    keep(this.#lastLog, line);
    this.#listener.logged(line);
  }
}

function keep(lines: string[], line: string): void {
  lines.push(shorten(line, MAX_KEPT_LINE_LENGTH));
  if (lines.length > MAX_KEPT_LINES) lines.shift();
}

function spawn({ command, args, cwd, env = {} }: ProcessStart): Deno.ChildProcess {
  try {
    return new Deno.Command(command, {
      args: [...args],
      cwd,
      env: { PATH: pathWithThisDeno(), ...env },
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    const hint = shebangProblem(command, firstLine(command)) ??
      "If it is a script, does the program in its first line exist?";
    throw new StartError(`${command} could not be started: ${(error as Error).message}.\n${hint}`);
  }
}

/** Returns the PATH with this Deno's folder appended, so that `env deno` always finds a Deno. */
function pathWithThisDeno(): string {
  const folder = dirname(Deno.execPath());
  const path = Deno.env.get("PATH");
  return path === undefined ? folder : `${path}${delimiter}${folder}`;
}
