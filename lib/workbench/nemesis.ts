/**
 * The nemesis: injects faults by a schedule.
 *
 * Each fault alternately starts and stops, from the beginning of the test. The gaps are uniform in
 * [0, 2 × interval), as in Jepsen's nemesis packages. The schedule is generated before the test.
 * A fault that persists ends with a start: the nemesis heals all faults but these before the final
 * operations.
 *
 * Invariant: nemesis operations never overlap. An operation that takes time (a node restarts)
 * completes before the next one begins, and before all faults are healed.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import { faultControls, type FaultScript, FaultScriptError } from "./fault_script.ts";
import { createFault, type Fault, type FaultContext, type NemesisEvent } from "./fault/mod.ts";
import type { Recorder } from "./recorder.ts";
import { ScriptClock } from "./script_clock.ts";

/** Returns the fault events that a node triggers when it reaches a mark, `nowMs` after the beginning. */
export type Trigger = (node: string, mark: string, nowMs: number) => readonly NemesisEvent[];

/** The settings of a generated schedule. */
export interface ScheduleOptions {
  /** The names of the faults. */
  readonly faults: readonly string[];
  readonly nodes: readonly string[];
  /** The mean time between two operations of one fault, in milliseconds. */
  readonly intervalMs: number;
  /** The length of the schedule in milliseconds. */
  readonly durationMs: number;
}

/** Generates a schedule: the operations of all faults, in the order of their times. */
export function generateSchedule(options: ScheduleOptions, random: Random): NemesisEvent[] {
  const events: NemesisEvent[] = [];
  for (const name of options.faults) {
    const faultRandom = random.fork(name);
    const fault = createFault(name);
    let starts = true;
    for (let at = 0; at < options.durationMs; at += faultRandom.next() * 2 * options.intervalMs) {
      const generated = starts
        ? fault.generate(options.nodes, faultRandom)
        : { value: null, plan: null };
      events.push({ at, f: `${starts ? "start" : "stop"}-${name}`, ...generated });
      starts = !starts;
    }
    // A stop is never the first event.
    if (fault.persists === true && starts) events.pop();
  }
  return events.sort((a, b) => a.at - b.at);
}

/** Parses the `f` of a nemesis operation, `start-X` or `stop-X`; undefined if it is invalid. */
export function parseNemesisOp(
  f: string,
): { readonly starts: boolean; readonly fault: string } | undefined {
  const [, verb, fault] = /^(start|stop)-(.+)$/.exec(f) ?? [];
  return fault === undefined ? undefined : { starts: verb === "start", fault };
}

/** Executes a schedule. */
export class Nemesis {
  readonly #context: FaultContext;
  readonly #recorder: Recorder;
  readonly #faults: Map<string, Fault>;
  readonly #active = new Set<string>();
  readonly #end = Promise.withResolvers<void>();
  #ended = false;
  #wake = () => {};
  #reached: (node: string, mark: string) => void = () => {};
  #lastOp: Promise<void> = Promise.resolve();

  /**
   * As in Jepsen, {@link Nemesis.heal} stops all faults in `names`, even if none has started, except
   * those that persist.
   */
  constructor(names: readonly string[], context: FaultContext, recorder: Recorder) {
    this.#context = context;
    this.#recorder = recorder;
    this.#faults = new Map(names.map((name) => [name, createFault(name)]));
  }

  /** The names of the active faults. */
  get activeFaults(): readonly string[] {
    return [...this.#active];
  }

  /**
   * Executes the schedule until it ends, {@link Nemesis.heal} is called, or the signal is aborted.
   * Throws a RangeError for an invalid operation.
   */
  async run(schedule: readonly NemesisEvent[], signal?: AbortSignal): Promise<void> {
    const end = () => this.end();
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted === true) end();
    try {
      for (const event of schedule) {
        await this.#until(event.at);
        if (this.#ended) return;
        await this.#enqueue(() => event);
      }
    } finally {
      signal?.removeEventListener("abort", end);
    }
  }

  /**
   * Executes a script until it ends, or {@link Nemesis.end} is called. Adds each event that it
   * executes to `schedule`, with its time since now. `seed` is the seed of faults that affect some
   * messages at random.
   *
   * Throws what the script throws, and a {@link FaultScriptError} if {@link Nemesis.end} is called
   * first.
   */
  async runScript(
    script: FaultScript,
    schedule: NemesisEvent[],
    seed: string,
  ): Promise<void> {
    const clock = new ScriptClock(this.#context.clock);
    const { nodes } = this.#context;
    const perform = (f: string, value: unknown, plan: unknown) =>
      this.#perform(clock, () => {
        const event = { at: clock.now(), f, value, plan };
        schedule.push(event);
        return event;
      });
    const operations: Promise<void>[] = [];
    const controls = faultControls({
      nodes,
      clock,
      seed,
      perform(f, value, plan) {
        const operation = perform(f, value, plan);
        // A rejection is handled below, even if the script does not await the operation.
        operation.catch(() => {});
        operations.push(operation);
        return operation;
      },
    });
    let isDone = false;
    const run = async () => {
      await script(controls);
      await Promise.all(operations);
      isDone = true;
    };
    try {
      await Promise.race([run(), this.#end.promise]);
    } finally {
      clock.stop();
    }
    if (isDone) return;
    throw new FaultScriptError(
      "the script of faults did not end before the main phase did; " +
        "make the script shorter, or raise timeLimitSeconds",
    );
  }

  /**
   * Executes a schedule, and the events that `trigger` returns for the marks that nodes reach, until
   * {@link Nemesis.end} is called. A schedule of all these events repeats the run.
   *
   * Throws a RangeError for an invalid operation.
   */
  async runTriggered(schedule: readonly NemesisEvent[], trigger: Trigger): Promise<void> {
    const clock = new ScriptClock(this.#context.clock);
    const failure = Promise.withResolvers<never>();
    const add = (event: NemesisEvent) => {
      clock.until(event.at).then(() => this.#perform(clock, () => event)).catch(failure.reject);
    };
    this.#reached = (node, mark) => trigger(node, mark, clock.now()).forEach(add);
    schedule.forEach(add);
    try {
      await Promise.race([this.#end.promise, failure.promise]);
    } finally {
      this.#reached = () => {};
      clock.stop();
    }
  }

  /** Notes that a node has reached a mark, for {@link Nemesis.runTriggered}. */
  reached(node: string, mark: string): void {
    this.#reached(node, mark);
  }

  /**
   * Ends the schedule and stops all faults except those that persist; as in Jepsen, also faults that
   * are not active. Resolves when the nodes are as before, also where that takes time.
   */
  async heal(): Promise<void> {
    this.end();
    const at = this.#context.clock.now();
    for (const [name, fault] of this.#faults) {
      if (fault.persists === true) continue;
      await this.#enqueue(() => ({ at, f: `stop-${name}`, value: null, plan: null }));
    }
    for (const fault of this.#faults.values()) await fault.settled?.(this.#context);
  }

  /** Ends the schedule without stopping the active faults. */
  end(): void {
    this.#ended = true;
    this.#end.resolve();
    this.#wake();
  }

  /** Resolves at a time, or when the schedule ends. */
  #until(at: number): Promise<void> {
    const { clock } = this.#context;
    const waitMs = at - clock.now();
    if (waitMs <= 0 || this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.after(waitMs, () => this.#wake());
      this.#wake = () => {
        this.#wake = () => {};
        cancel();
        resolve();
      };
    });
  }

  /** Executes an event after all previous ones, unless the schedule has ended. */
  async #perform(clock: ScriptClock, next: () => NemesisEvent): Promise<void> {
    await this.#enqueue(() => this.#ended ? undefined : next());
    clock.moveBack();
  }

  /** Executes an event, if there is one, after all previous ones have completed. */
  #enqueue(next: () => NemesisEvent | undefined): Promise<void> {
    const op = this.#lastOp.then(() => {
      const event = next();
      return event === undefined ? undefined : this.#execute(event);
    });
    // The caller sees a failure of its operation; the next operation runs regardless.
    this.#lastOp = op.catch(() => {});
    return op;
  }

  async #execute({ f, value, plan }: NemesisEvent): Promise<void> {
    const op = parseNemesisOp(f);
    if (op === undefined) {
      throw new RangeError(`a nemesis operation must be start-X or stop-X, got "${f}"`);
    }
    const fault = this.#fault(op.fault);
    this.#recorder.recordNemesis(f, value);
    if (op.starts) this.#active.add(fault.name);
    const result = op.starts
      ? await fault.start(this.#context, plan)
      : await fault.stop(this.#context, plan);
    if (!op.starts) this.#active.delete(fault.name);
    this.#recorder.recordNemesis(f, result);
  }

  #fault(name: string): Fault {
    let fault = this.#faults.get(name);
    if (fault === undefined) this.#faults.set(name, fault = createFault(name));
    return fault;
  }
}
