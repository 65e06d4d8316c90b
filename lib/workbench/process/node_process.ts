/**
 * A node that is a process of the operating system: messages go to its stdin and come from its
 * stdout, one JSON object a line; its stderr is its log.
 *
 * The program may be a script that starts the real one. So it leads a process group of its own, and
 * what is done to the node (killed, stopped, let go on) is done to the whole group. Invariant: when a
 * node's process has ended, nothing is left of its group.
 *
 * Whatever a node writes is at worst reported, and never ends the test.
 *
 * @module
 */

import { nestsDeeperThan, parseJson, stringifyJson } from "../../base/mod.ts";
import { LineFramer, type RawMessage, toRawMessage } from "../../wire/mod.ts";
import { type ExitStatus, type NodeHandle, type NodeListener, StartError } from "../engine.ts";
import { shorten } from "../shorten.ts";
import type { NodeCommand } from "./node_command.ts";

const MAX_KEPT_LINES = 32;
const MAX_KEPT_LINE_LENGTH = 1000;
const MAX_LOG_LINE_BYTES = 16 * 1024 * 1024;
/** As deep as Jackson reads, which the real Maelstrom uses; far deeper, and the stack overflows. */
const MAX_NESTING_DEPTH = 1000;
/** How long to wait for the streams of a process that has ended: who left its group may hold them. */
const STREAM_END_TIMEOUT_MS = 1000;

/** A node's process. */
export class NodeProcess implements NodeHandle {
  readonly ended: Promise<ExitStatus>;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #listener: NodeListener;
  readonly #encoder = new TextEncoder();
  readonly #lastOutput: string[] = [];
  readonly #lastLog: string[] = [];
  readonly #framer = new LineFramer({
    onSkip: (problem) => this.#listener.malformedOutput("", problem),
  });
  readonly #streams: Promise<unknown>;
  #killed = false;
  #exit: ExitStatus | undefined;

  /** Starts the program. Throws a {@link StartError} when that fails. */
  constructor(program: NodeCommand, listener: NodeListener) {
    this.#listener = listener;
    this.#child = spawn(program);
    this.#input = this.#child.stdin.getWriter();
    // The process may end at any time; that shows in its exit status, not here.
    this.#input.closed.catch(() => {});
    this.#streams = Promise.all([this.#readOutput(), this.#readLog()]);
    this.ended = this.#child.status.then(async ({ code, signal }) => {
      this.killNow();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const patience = new Promise((resolve) => timer = setTimeout(resolve, STREAM_END_TIMEOUT_MS));
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

  get lastLines(): { readonly stdout: readonly string[]; readonly stderr: readonly string[] } {
    const { unfinishedBytes } = this.#framer;
    const unfinished = unfinishedBytes === 0
      ? []
      : [`(${unfinishedBytes} bytes of a line whose end, "\\n", has not come)`];
    return { stdout: [...this.#lastOutput, ...unfinished], stderr: this.#lastLog };
  }

  async deliver(message: RawMessage): Promise<void> {
    try {
      await this.#input.write(this.#encoder.encode(`${stringifyJson(message)}\n`));
    } catch {
      // It does not read any more; whether it crashed is found out from its exit status.
    }
  }

  async kill(): Promise<void> {
    this.#killed = true;
    this.killNow();
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

  /** Ends its whole group, without waiting for that; does nothing once that has ended. */
  killNow(): void {
    this.#signal("SIGKILL");
  }

  #signal(signal: Deno.Signal): void {
    if (this.#exit !== undefined) return;
    try {
      Deno.kill(-this.pid, signal);
    } catch (error) {
      // It is ending. Where its processes are not waited for yet, macOS calls that not permitted.
      const { NotFound, PermissionDenied } = Deno.errors;
      if (!(error instanceof NotFound || error instanceof PermissionDenied)) throw error;
    }
  }

  async #readOutput(): Promise<void> {
    for await (const chunk of this.#child.stdout) {
      for (const line of this.#framer.push(chunk)) this.#wroteLine(line);
    }
    // What a killed node was about to write is half a message, and none of its faults.
    if (this.#killed) return;
    for (const line of this.#framer.end()) this.#wroteLine(line);
  }

  async #readLog(): Promise<void> {
    const framer = new LineFramer({
      maxLineBytes: MAX_LOG_LINE_BYTES,
      onSkip: (problem) => this.#loggedLine(`(${problem})`),
    });
    for await (const chunk of this.#child.stderr) {
      for (const line of framer.push(chunk)) this.#loggedLine(line);
    }
    for (const line of framer.end()) this.#loggedLine(line);
  }

  #wroteLine(line: string): void {
    if (line.trim() === "") return;
    keep(this.#lastOutput, line);
    if (nestsDeeperThan(line, MAX_NESTING_DEPTH)) {
      return this.#listener.malformedOutput(
        line,
        `its JSON is nested more than ${MAX_NESTING_DEPTH} deep`,
      );
    }
    let message: RawMessage;
    try {
      message = toRawMessage(parseJson(line));
    } catch (error) {
      return this.#listener.malformedOutput(line, (error as Error).message);
    }
    this.#listener.sent(message);
  }

  #loggedLine(line: string): void {
    keep(this.#lastLog, line);
    this.#listener.logged(line);
  }
}

function keep(lines: string[], line: string): void {
  lines.push(shorten(line, MAX_KEPT_LINE_LENGTH));
  if (lines.length > MAX_KEPT_LINES) lines.shift();
}

function spawn({ command, args }: NodeCommand): Deno.ChildProcess {
  try {
    return new Deno.Command(command, {
      args: [...args],
      cwd: Deno.env.get("TMPDIR") ?? "/tmp",
      env: { PATH: pathWithThisDeno() },
      detached: true,
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
