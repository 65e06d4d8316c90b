/**
 * A simulated node: a guest that runs in this process, on a virtual clock. It sends copies of
 * messages, so that nodes share no state.
 *
 * It behaves like a process wherever a test could see a difference. It starts after a moment, its
 * log is split into lines, its output is validated as lines of stdout are, a timer takes at least
 * 1 ms, and an exception during start-up is an exit before `init`. Invariant: once the node has
 * ended, its remaining code (a handler that is still running, a timer) has no effect.
 *
 * @module
 */

import { parseJsonWithDoubles } from "../../base/mod.ts";
import { EXIT_USAGE, InvariantError, UsageError } from "../../node/mod.ts";
import type { Disk } from "../../node/storage/mod.ts";
import type { RawMessage } from "../../wire/mod.ts";
import type { Clock } from "../clock.ts";
import type { DiskDamage, ExitStatus, NodeHandle, NodeListener, PowerLoss } from "../engine.ts";
import { type NodeOutput, readOutputLine, readOutputValue } from "../output_line.ts";
import { report } from "./ambient/trap.ts";
import { copyJson } from "./copy_json.ts";
import { currentNode } from "./current_node.ts";
import type { FileUser, OpenFiles } from "./files/open_files.ts";
import type { Boot, Guest, GuestNode, LoadGuest } from "./guest.ts";
import { loseMachinePower } from "./power_loss.ts";
import { stackOf, toSourcePositions } from "./program/source_positions.ts";
import { isStuck } from "./program/step_limit.ts";
import { asLine, RecentLines } from "./recent_lines.ts";
import type { SimMachine } from "./sim_machine.ts";

/** A simulated node's program and environment. */
export interface SimNodeParts {
  readonly load: LoadGuest;
  readonly args: readonly string[];
  readonly machine: SimMachine;
  readonly clock: Clock;
  readonly listener: NodeListener;
}

/** As with `setTimeout`, a delay outside these bounds becomes 1 ms. */
const MIN_TIMER_MS = 1;
const MAX_TIMER_MS = 2 ** 31 - 1;
const EXIT_FAILURE = 1;
/** What resumes a node's code when no event of the virtual clock does. */
const REAL_EVENT = "a real timer, or the like, that it captured before the simulation";
const KILLED_STATUS: ExitStatus = { code: 128 + 9, signal: "SIGKILL" };

/** One incarnation of a simulated node, from its start to its end. */
export class SimNode implements NodeHandle, GuestNode {
  readonly id: string;
  readonly ended: Promise<ExitStatus>;
  readonly #parts: SimNodeParts;
  readonly #lastSent = new RecentLines<unknown>();
  readonly #lastLogged = new RecentLines<string>();
  readonly #resolveEnded: (exit: ExitStatus) => void;
  /** Events that arrived while the node was starting, paused or draining, in arrival order. */
  #pendingEvents: (() => void)[] = [];
  /** Whether the guest has not started yet. */
  #starting = true;
  #paused = false;
  #draining = false;
  #guest: Guest | undefined;
  #exit: ExitStatus | undefined;

  /** Starts the node. Never throws: an exception in the program ends the node instead. */
  constructor(parts: SimNodeParts) {
    this.id = parts.machine.id;
    this.#parts = parts;
    const { promise, resolve } = Promise.withResolvers<ExitStatus>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    parts.clock.after(0, () => this.#runNodeCode(() => this.#instantiate()));
  }

  get args(): readonly string[] {
    return this.#parts.args;
  }

  get exit(): ExitStatus | undefined {
    return this.#exit;
  }

  get lastLines(): NodeHandle["lastLines"] {
    return { stdout: this.#lastSent.all.map(asLine), stderr: [...this.#lastLogged.all] };
  }

  /** The state that the program exposes; undefined before `init`. */
  get state(): unknown {
    return this.#guest?.state;
  }

  deliver(message: RawMessage): void {
    this.#schedule(() => this.#guest?.receive(message));
  }

  kill(): Promise<void> {
    return Promise.resolve(this.#end(KILLED_STATUS));
  }

  losePower(loss: PowerLoss): DiskDamage {
    this.#end(KILLED_STATUS);
    return loseMachinePower(this.#parts.machine, loss);
  }

  interruptSync(fraction: number, run: () => void): () => void {
    return this.#parts.machine.disk.interrupt(fraction, run);
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

  monotonic(): number {
    return this.#parts.clock.now();
  }

  random(): number {
    return this.#parts.machine.random.next();
  }

  startTimer(delayMs: number, fn: () => void): () => void {
    if (this.#exit !== undefined) return () => {};
    const inRange = delayMs >= MIN_TIMER_MS && delayMs <= MAX_TIMER_MS;
    let pending = true;
    const fire = () => {
      if (pending) fn();
    };
    const clampedMs = inRange ? delayMs : MIN_TIMER_MS;
    const cancel = this.#parts.clock.after(clampedMs, () => this.#schedule(fire));
    return () => {
      pending = false;
      cancel();
    };
  }

  log(text: string): void {
    if (this.#exit !== undefined) return;
    for (const line of toSourcePositions(text).split("\n")) {
      this.#lastLogged.add(line);
      this.#runWorkbenchCode(() => this.#parts.listener.logged(line));
    }
  }

  print(text: string): void {
    if (this.#exit !== undefined) return;
    for (const line of text.split("\n")) this.#output(line, readOutputLine(line));
  }

  transmit(message: unknown): void {
    if (this.#exit !== undefined) return;
    if (currentNode.node !== this) report(this, REAL_EVENT);
    const copy = copyJson(message, parseJsonWithDoubles);
    this.#output(copy, readOutputValue(copy));
  }

  sometimes(text: string): void {
    if (this.#exit !== undefined) return;
    this.#runWorkbenchCode(() => this.#parts.listener.reached?.(text));
  }

  openDisk(): Disk {
    return this.#parts.machine.disk.open(this.#diskUser());
  }

  openFolder(): OpenFiles {
    return this.#parts.machine.openFolder(this.#diskUser());
  }

  nondeterministicCall(call: string, location: string): void {
    if (this.#exit !== undefined) return;
    this.#runWorkbenchCode(() => this.#parts.listener.nondeterministicCall?.(call, location));
  }

  /** Ends the node as a process ends whose program throws at init or violates an invariant. */
  fail(error: unknown): void {
    if (this.#exit !== undefined) return;
    this.log(`the node ends: ${stackOf(error)}`);
    if (error instanceof InvariantError || isStuck(error)) {
      error.stack = toSourcePositions(stackOf(error));
      this.#runWorkbenchCode(() => this.#parts.listener.invariantViolated?.(error));
    }
    this.exitWith(EXIT_FAILURE);
  }

  exitWith(code: number): void {
    this.#end({ code, signal: null });
  }

  #diskUser(): FileUser {
    return {
      isRunning: () => this.#exit === undefined,
      wallClock: () => this.now(),
      now: () => this.monotonic(),
      after: (delayMs, fn) => void this.#parts.clock.after(delayMs, fn),
      resume: (fn) => this.#schedule(fn),
    };
  }

  #instantiate(): void {
    try {
      const boot = this.#parts.load();
      if (!(boot instanceof Promise)) return this.#start(boot);
      boot.then((boot) => this.#runNodeCode(() => this.#start(boot)), this.#failToStart);
    } catch (error) {
      this.#failToStart(error);
    }
  }

  #start(boot: Boot): void {
    this.#starting = false;
    try {
      const guest = boot(this);
      if (this.#exit === undefined) this.#guest = guest;
      else guest.release?.();
    } catch (error) {
      this.#failToStart(error);
    }
    this.#drain();
  }

  readonly #failToStart = (error: unknown): void => {
    const isUsage = error instanceof UsageError;
    this.log(isUsage ? error.message : stackOf(error));
    this.exitWith(isUsage ? EXIT_USAGE : EXIT_FAILURE);
  };

  #output(written: unknown, { message, problem }: NodeOutput): void {
    this.#lastSent.add(message ?? written);
    const { listener } = this.#parts;
    this.#runWorkbenchCode(() => {
      if (problem !== undefined) {
        listener.malformedOutput(asLine(written), problem, { isAccepted: message !== undefined });
      }
      if (message !== undefined) listener.sent(message);
    });
  }

  #end(exit: ExitStatus): void {
    if (this.#exit !== undefined) return;
    this.#exit = exit;
    this.#pendingEvents = [];
    this.#parts.machine.disk.endProcess();
    this.#guest?.release?.();
    this.#resolveEnded(exit);
  }

  /** Runs an event now, or queues it while the node is starting, paused or draining. */
  #schedule(event: () => void): void {
    if (this.#exit !== undefined) return;
    if (this.#starting || this.#paused || this.#draining) this.#pendingEvents.push(event);
    else this.#runNodeCode(event);
  }

  /** Runs the queued events, each as an event of the virtual clock. */
  #drain(): void {
    const isEmpty = this.#pendingEvents.length === 0;
    if (this.#starting || this.#paused || this.#draining || isEmpty) return;
    this.#draining = true;
    this.#parts.clock.after(0, () => {
      this.#draining = false;
      if (this.#paused) return;
      const event = this.#pendingEvents.shift();
      this.#drain();
      if (event !== undefined) this.#runNodeCode(event);
    });
  }

  /** Runs a part of the node's code. The node stays the current node until the next event. */
  #runNodeCode(code: () => void): void {
    if (this.#exit !== undefined) return;
    currentNode.node = this;
    code();
  }

  /** Runs a part of the workbench's code that the node's code called. */
  #runWorkbenchCode(code: () => void): void {
    const { node } = currentNode;
    currentNode.node = undefined;
    try {
      code();
    } finally {
      currentNode.node = node;
    }
  }
}
