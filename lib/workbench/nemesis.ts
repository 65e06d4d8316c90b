/**
 * The nemesis: injects faults by a schedule.
 *
 * Each fault alternately starts and stops, the gaps drawn uniformly from 0 to twice the interval,
 * beginning at once (Jepsen's nemesis packages). The schedule is drawn before the test begins.
 *
 * Invariant: acts never overlap. An act that takes time (a node starts again) is over before the
 * next one begins, and before all faults are healed.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import { createFault, type Fault, type FaultContext, type NemesisEvent } from "./fault/mod.ts";
import type { Recorder } from "./recorder.ts";

/** What a schedule is drawn for. */
export interface ScheduleOptions {
  /** Names of faults. */
  readonly faults: readonly string[];
  readonly nodes: readonly string[];
  /** Mean milliseconds between two acts of one fault. */
  readonly intervalMs: number;
  /** Milliseconds in which it acts. */
  readonly durationMs: number;
}

/** Draws a schedule: all acts of all faults, in the order of their times. */
export function generateSchedule(plan: ScheduleOptions, random: Random): NemesisEvent[] {
  const events: NemesisEvent[] = [];
  for (const name of plan.faults) {
    const own = random.fork(name);
    const fault = createFault(name);
    let starts = true;
    for (let at = 0; at < plan.durationMs; at += own.next() * 2 * plan.intervalMs) {
      const drawn = starts ? fault.generate(plan.nodes, own) : { value: null, plan: null };
      events.push({ at, f: `${starts ? "start" : "stop"}-${name}`, ...drawn });
      starts = !starts;
    }
  }
  return events.sort((a, b) => a.at - b.at);
}

/** What an act is: of which fault, and whether it starts it; undefined when it is none. */
export function parseNemesisOp(
  f: string,
): { readonly starts: boolean; readonly fault: string } | undefined {
  const [, verb, fault] = /^(start|stop)-(.+)$/.exec(f) ?? [];
  return fault === undefined ? undefined : { starts: verb === "start", fault };
}

/** Carries out a schedule. */
export class Nemesis {
  readonly #context: FaultContext;
  readonly #recorder: Recorder;
  readonly #faults: Map<string, Fault>;
  readonly #active = new Set<string>();
  #ended = false;
  #wake = () => {};
  #lastOp: Promise<void> = Promise.resolve();

  /** `names` are faults to be healed in the end even if the schedule never names them, as Jepsen does. */
  constructor(names: readonly string[], surface: FaultContext, recorder: Recorder) {
    this.#context = surface;
    this.#recorder = recorder;
    this.#faults = new Map(names.map((name) => [name, createFault(name)]));
  }

  /** The names of the faults in force. */
  get activeFaults(): readonly string[] {
    return [...this.#active];
  }

  /**
   * Acts by the schedule until it is over or {@link Nemesis.heal} is called or the signal is
   * aborted, whatever is first. Throws a RangeError for an act that is none.
   */
  async run(schedule: readonly NemesisEvent[], signal?: AbortSignal): Promise<void> {
    const end = () => this.end();
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted === true) end();
    try {
      for (const event of schedule) {
        await this.#until(event.at);
        if (this.#ended) return;
        await this.#enqueue(event);
      }
    } finally {
      signal?.removeEventListener("abort", end);
    }
  }

  /** Ends the schedule and stops all faults, those in force and, as Jepsen does, those that are not. */
  async heal(): Promise<void> {
    this.end();
    const at = this.#context.clock.now();
    for (const name of this.#faults.keys()) {
      await this.#enqueue({ at, f: `stop-${name}`, value: null, plan: null });
    }
  }

  /** Ends the schedule and leaves the faults as they are. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  #until(at: number): Promise<void> {
    const { clock } = this.#context;
    const wait = at - clock.now();
    if (wait <= 0 || this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.after(wait, () => this.#wake());
      this.#wake = () => {
        this.#wake = () => {};
        cancel();
        resolve();
      };
    });
  }

  #enqueue(event: NemesisEvent): Promise<void> {
    const act = this.#lastOp.then(() => this.#perform(event));
    // Whoever asked for the act hears of its failure; the next one is to be done all the same.
    this.#lastOp = act.catch(() => {});
    return act;
  }

  async #perform({ f, value, plan }: NemesisEvent): Promise<void> {
    const act = parseNemesisOp(f);
    if (act === undefined) throw new RangeError(`the schedule asks for '${f}', which is no act`);
    const fault = this.#fault(act.fault);
    this.#recorder.recordNemesis(f, value);
    if (act.starts) this.#active.add(fault.name);
    const result = act.starts
      ? await fault.start(this.#context, plan)
      : await fault.stop(this.#context);
    if (!act.starts) this.#active.delete(fault.name);
    this.#recorder.recordNemesis(f, result);
  }

  #fault(name: string): Fault {
    let fault = this.#faults.get(name);
    if (fault === undefined) this.#faults.set(name, fault = createFault(name));
    return fault;
  }
}
