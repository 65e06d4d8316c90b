/**
 * A node as a process, for tests of streams, signals and exit codes.
 *
 * @module
 */

import type { Body, Message } from "../../lib/node/mod.ts";

/** A process's exit code and its output. */
export interface NodeOutcome {
  readonly code: number;
  readonly replies: readonly Message[];
  readonly stdout: string;
  readonly stderr: string;
}

/** Returns a request from client c1 to node n1 as a line. */
export function request(body: Body): string {
  return `${JSON.stringify({ src: "c1", dest: "n1", body })}\n`;
}

/** The `init` request of node n1 as a line. */
export const INIT = request({ type: "init", node_id: "n1", node_ids: ["n1", "n2"], msg_id: 0 });

/** A running node without permissions. */
export class NodeProcess {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;

  /** Starts a program by its path from the project's root. */
  constructor(path: string, args: readonly string[] = []) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", path, ...args],
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
  }

  /** Writes text or bytes to the node's stdin. */
  async write(...parts: readonly (string | Uint8Array)[]): Promise<void> {
    for (const part of parts) {
      await this.#input.write(typeof part === "string" ? new TextEncoder().encode(part) : part);
    }
  }

  /** Closes the node's stdin. */
  async closeInput(): Promise<void> {
    // The node may have ended, which closes its end of the pipe.
    await this.#input.close().catch(() => {});
  }

  /** Reads the node's output until the node ends. */
  async outcome(): Promise<NodeOutcome> {
    const { code, stdout, stderr } = await this.#child.output();
    const text = new TextDecoder().decode(stdout);
    const lines = text.split("\n").slice(0, -1);
    const replies = lines.map((line): Message => JSON.parse(line));
    return { code, replies, stdout: text, stderr: new TextDecoder().decode(stderr) };
  }

  /** Closes the node's stdout and waits until the node ends. */
  async closeOutput(): Promise<{ code: number; stderr: string }> {
    await this.#child.stdout.cancel();
    await this.write(INIT).catch(() => {});
    const [status, stderr] = await Promise.all([
      this.#child.status,
      new Response(this.#child.stderr).text(),
    ]);
    await this.closeInput();
    return { code: status.code, stderr };
  }
}

/** Runs a program with an input until it ends. */
export async function runNode(
  path: string,
  input: readonly (string | Uint8Array)[],
  args: readonly string[] = [],
): Promise<NodeOutcome> {
  const node = new NodeProcess(path, args);
  const [, outcome] = await Promise.all([
    node.write(...input).catch(() => {}).then(() => node.closeInput()),
    node.outcome(),
  ]);
  return outcome;
}
