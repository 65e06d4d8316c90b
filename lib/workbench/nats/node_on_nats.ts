/**
 * A node that runs on NATS, as an engine's node: the workbench's clients reach it by messages, and
 * its control subject partitions it.
 *
 * @module
 */

import { stringifyJson } from "../../base/mod.ts";
import { type Control, readStatus, type Status } from "../../transport/nats/control.ts";
import type { Subjects } from "../../transport/nats/subjects.ts";
import { isClientId, type RawMessage } from "../../wire/mod.ts";
import type { ExitStatus, NodeHandle } from "../engine.ts";

const POLL_INTERVAL_MS = 50;
/** A node that does not reply to a control within this time is ending, or isolated. */
const CONTROL_TIMEOUT_MS = 1000;

/** The part of a connection to NATS that a node's handle uses. */
export interface Wire {
  publish(subject: string, text: string): void;
  /** Resolves to the reply; rejects when there is none within the time limit, or no receiver. */
  request(subject: string, text: string, timeoutMs: number): Promise<string>;
}

/** The part of a handle that its process provides; none for a node that runs elsewhere. */
export type ProcessHandle = Pick<
  NodeHandle,
  "exit" | "ended" | "lastLines" | "kill" | "pause" | "resume"
>;

/** Sends a control; returns the node's status. Rejects if the node does not reply in time. */
export async function control(
  wire: Wire,
  subjects: Subjects,
  id: string,
  content: Control,
  timeoutMs = CONTROL_TIMEOUT_MS,
): Promise<Status> {
  const text = await wire.request(subjects.control(id), stringifyJson(content), timeoutMs);
  const status = readStatus(text);
  if (status === undefined) throw new Error(`${id} replied to a control with ${text}`);
  return status;
}

/** A node on NATS. */
export class NodeOnNats implements NodeHandle {
  readonly #id: string;
  readonly #wire: Wire;
  readonly #subjects: Subjects;
  readonly #process: ProcessHandle | undefined;
  readonly #ready: Promise<void>;
  #isReady = false;
  #isPaused = false;
  #drops: readonly string[] = [];
  readonly #neverEnded = new Promise<ExitStatus>(() => {});

  /** Begins to wait for the node. `process` is undefined for a node that runs elsewhere. */
  constructor(id: string, wire: Wire, subjects: Subjects, process: ProcessHandle | undefined) {
    this.#id = id;
    this.#wire = wire;
    this.#subjects = subjects;
    this.#process = process;
    this.#ready = this.#untilReady();
  }

  get exit(): ExitStatus | undefined {
    return this.#process?.exit;
  }

  get ended(): Promise<ExitStatus> {
    return this.#process?.ended ?? this.#neverEnded;
  }

  get lastLines(): NodeHandle["lastLines"] {
    return this.#process?.lastLines ?? { stdout: [], stderr: [] };
  }

  /** Delivers a client's message. NATS itself delivers those of nodes and services. */
  deliver(message: RawMessage): void | Promise<void> {
    if (!isClientId(message.src)) return;
    const publish = () =>
      this.#wire.publish(
        this.#subjects.message(this.#id, message.src),
        stringifyJson({ src: message.src, dest: message.dest, body: message.body }),
      );
    return this.#isReady ? publish() : this.#ready.then(publish);
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  pause(): void {
    this.#isPaused = true;
    this.#process?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#process?.resume();
  }

  async drop(senders: readonly string[]): Promise<void> {
    this.#drops = senders;
    if (!this.#isReady) return; // The node's first control contains them.
    if (this.#isPaused) {
      // It receives the control when it resumes, before what others send from now on.
      const subject = this.#subjects.control(this.#id);
      return this.#wire.publish(subject, stringifyJson({ drops: [...senders] }));
    }
    try {
      await this.#control();
    } catch {
      // The node is ending. Its next start begins with these drops.
    }
  }

  #control(): Promise<Status> {
    const content = { drops: [...this.#drops], observed: true };
    return control(this.#wire, this.#subjects, this.#id, content);
  }

  /** Resolves when the node has received its first control, or has ended. */
  async #untilReady(): Promise<void> {
    let hasEnded = false;
    this.ended.then(() => hasEnded = true);
    while (!hasEnded) {
      try {
        const sent = this.#drops;
        await this.#control();
        if (sent === this.#drops) break;
      } catch {
        // The node is not connected yet.
        await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
      }
    }
    this.#isReady = true;
  }
}
