/**
 * A node that is no process: its function runs here, on a virtual clock, and gets and gives copies of
 * messages, so that it shares nothing with other nodes.
 *
 * It behaves as a process would where that can be seen: it starts a moment after it is told to, its
 * log is cut into lines, what it sends is checked as a line on stdout is, a timer takes a millisecond
 * at least, and a throw while it is wired is an exit before `init`. Invariant: once it has ended,
 * nothing that its code still does (a handler under way, a timer) has any effect.
 *
 * @module
 */

import { type Random, stringifyJson } from "../../base/mod.ts";
import {
  EXIT_USAGE,
  type Host,
  type NodeFunction,
  NodeRuntime,
  UsageError,
} from "../../node/mod.ts";
import { type RawMessage, toMessage, toRawMessage } from "../../wire/mod.ts";
import type { Clock } from "../clock.ts";
import type { ExitStatus, NodeHandle, NodeListener } from "../engine.ts";
import { copyJson } from "./copy_json.ts";
import type { CurrentNode, RunningNode } from "./current_node.ts";

/** What outlasts a node's process: its source of randomness, its clock (and a disk, had it one). */
export interface SimMachine {
  readonly id: string;
  /** Goes on after a restart, as an operating system's would. */
  readonly random: Random;
  /** What its clock shows when the test begins, in milliseconds since 1970. */
  readonly epochMs: number;
  /** Milliseconds that its clock is ahead of the true time. */
  clockOffsetMs: number;
}

/** What a simulated node is made of. */
export interface SimNodeParts {
  readonly program: NodeFunction;
  readonly args: readonly string[];
  readonly machine: SimMachine;
  readonly clock: Clock;
  readonly currentNode: CurrentNode;
  readonly listener: NodeListener;
}

const MAX_KEPT_LINES = 32;
/** As `setTimeout` does: timers outside these bounds take one millisecond. */
const MIN_TIMER_MS = 1;
const MAX_TIMER_MS = 2 ** 31 - 1;
const EXIT_FAILURE = 1;
const KILLED_STATUS: ExitStatus = { code: 128 + 9, signal: "SIGKILL" };

/** One life of a simulated node, from start to end. */
export class SimNode implements NodeHandle, RunningNode {
  readonly id: string;
  readonly ended: Promise<ExitStatus>;
  readonly #parts: SimNodeParts;
  readonly #lastSent: (RawMessage | string)[] = [];
  readonly #lastLogged: string[] = [];
  readonly #resolveEnded: (exit: ExitStatus) => void;
  /** What happened to it while it could do nothing, in order. */
  #pendingEvents: (() => void)[] = [];
  /** Whether it cannot do anything yet: it is not wired. */
  #starting = true;
  #paused = false;
  #draining = false;
  #runtime: NodeRuntime | undefined;
  #returned: unknown;
  #exit: ExitStatus | undefined;

  /** Starts it. Never throws: a program that throws has ended before it began. */
  constructor(parts: SimNodeParts) {
    this.id = parts.machine.id;
    this.#parts = parts;
    const { promise, resolve } = Promise.withResolvers<ExitStatus>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    parts.clock.after(0, () => {
      this.#starting = false;
      this.#runNodeCode(() => this.#wire());
      this.#drain();
    });
  }

  get exit(): ExitStatus | undefined {
    return this.#exit;
  }

  get lastLines(): NodeHandle["lastLines"] {
    const line = (sent: RawMessage | string) =>
      typeof sent === "string" ? sent : stringifyJson(sent);
    return { stdout: this.#lastSent.map(line), stderr: [...this.#lastLogged] };
  }

  /** What the node function returned; what that returns, if it is a function. */
  get state(): unknown {
    return typeof this.#returned === "function" ? this.#returned() : this.#returned;
  }

  deliver(message: RawMessage): void {
    this.#schedule(() => this.#receive(copyJson(message)));
  }

  kill(): Promise<void> {
    this.#end(KILLED_STATUS);
    return Promise.resolve();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#drain();
  }

  skew(offsetMs: number): void {
    this.#parts.machine.clockOffsetMs = offsetMs;
  }

  now(): number {
    const { clock, machine } = this.#parts;
    return machine.epochMs + clock.now() + machine.clockOffsetMs;
  }

  random(): number {
    return this.#parts.machine.random.next();
  }

  startTimer(milliseconds: number, fn: () => void): () => void {
    if (this.#exit !== undefined) return () => {};
    const possible = milliseconds >= MIN_TIMER_MS && milliseconds <= MAX_TIMER_MS;
    let pending = true;
    const fire = () => {
      if (pending) fn();
    };
    const cancel = this.#parts.clock.after(
      possible ? milliseconds : MIN_TIMER_MS,
      () => this.#schedule(fire),
    );
    return () => {
      pending = false;
      cancel();
    };
  }

  log(text: string): void {
    if (this.#exit !== undefined) return;
    for (const line of text.split("\n")) {
      keep(this.#lastLogged, line);
      this.#runWorkbenchCode(() => this.#parts.listener.logged(line));
    }
  }

  print(text: string): void {
    if (this.#exit !== undefined) return;
    for (const line of text.split("\n")) this.#wroteRubbish(line, "this is no message");
  }

  nondeterministicCall(call: string, where: string): void {
    if (this.#exit !== undefined) return;
    this.#runWorkbenchCode(() => this.#parts.listener.nondeterministicCall?.(call, where));
  }

  exitWith(code: number): void {
    this.#end({ code, signal: null });
  }

  #wire(): void {
    const { program, args } = this.#parts;
    const host: Host = {
      transmit: (message) => this.#transmit(message),
      startTimer: (milliseconds, fn) => this.startTimer(milliseconds, fn),
      now: () => this.now(),
      random: () => this.random(),
      log: (line) => this.log(line),
    };
    try {
      this.#runtime = new NodeRuntime((node) => this.#returned = program(node), host, args);
    } catch (error) {
      const usage = error instanceof UsageError;
      this.log(usage ? error.message : stackOf(error));
      this.#end({ code: usage ? EXIT_USAGE : EXIT_FAILURE, signal: null });
    }
  }

  #receive(value: unknown): void {
    let message;
    try {
      message = toMessage(value);
    } catch (error) {
      return this.log(`a line of input was skipped: ${(error as Error).message}`);
    }
    this.#runtime?.receive(message);
  }

  #transmit(message: unknown): void {
    if (this.#exit !== undefined) return;
    const copy = copyJson(message);
    let sent: RawMessage;
    try {
      sent = toRawMessage(copy);
    } catch (error) {
      return this.#wroteRubbish(stringifyJson(copy), (error as Error).message);
    }
    keep(this.#lastSent, sent);
    this.#runWorkbenchCode(() => this.#parts.listener.sent(sent));
  }

  #wroteRubbish(line: string, problem: string): void {
    keep(this.#lastSent, line);
    this.#runWorkbenchCode(() => this.#parts.listener.malformedOutput(line, problem));
  }

  #end(exit: ExitStatus): void {
    if (this.#exit !== undefined) return;
    this.#exit = exit;
    this.#pendingEvents = [];
    this.#resolveEnded(exit);
  }

  /** Lets something happen to the node: now, or after all that is held, once it can do something. */
  #schedule(event: () => void): void {
    if (this.#exit !== undefined) return;
    if (this.#starting || this.#paused || this.#draining) this.#pendingEvents.push(event);
    else this.#runNodeCode(event);
  }

  /** Lets what was held happen, each in an event of its own. */
  #drain(): void {
    if (this.#starting || this.#paused || this.#draining || this.#pendingEvents.length === 0) {
      return;
    }
    this.#draining = true;
    this.#parts.clock.after(0, () => {
      this.#draining = false;
      if (this.#paused) return;
      const event = this.#pendingEvents.shift();
      this.#drain();
      if (event !== undefined) this.#runNodeCode(event);
    });
  }

  /** Runs a part of the node's code. It stays on the stage until the next event. */
  #runNodeCode(code: () => void): void {
    if (this.#exit !== undefined) return;
    this.#parts.currentNode.node = this;
    code();
  }

  /** Runs a part of the workbench's code that the node's code calls. */
  #runWorkbenchCode(code: () => void): void {
    const { currentNode: stage } = this.#parts;
    const { node: actor } = stage;
    stage.node = undefined;
    try {
      code();
    } finally {
      stage.node = actor;
    }
  }
}

function keep<T>(lines: T[], line: T): void {
  lines.push(line);
  if (lines.length > MAX_KEPT_LINES) lines.shift();
}

function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
