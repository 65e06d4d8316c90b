/**
 * The nemesis: injects faults by a schedule.
 *
 * Each fault alternately starts and stops, the gaps drawn uniformly from 0 to twice the interval,
 * beginning at once (Jepsen's nemesis packages). The schedule is drawn before the test begins.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import { createFault, type Fault, type FaultSurface, type NemesisEvent } from "./fault/mod.ts";
import type { Recorder } from "./recorder.ts";
import { sleep } from "./clock.ts";

/** What a schedule is drawn for. */
export interface SchedulePlan {
  /** Names of faults. */
  readonly faults: readonly string[];
  readonly nodes: readonly string[];
  /** Mean milliseconds between two acts of one fault. */
  readonly interval: number;
  /** Milliseconds in which it acts. */
  readonly duration: number;
}

/** Draws a schedule: all acts of all faults, in the order of their times. */
export function drawSchedule(plan: SchedulePlan, random: Random): NemesisEvent[] {
  const events: NemesisEvent[] = [];
  for (const name of plan.faults) {
    const own = random.fork(name);
    const fault = createFault(name);
    let starts = true;
    for (let at = 0; at < plan.duration; at += own.next() * 2 * plan.interval) {
      const drawn = starts ? fault.draw(plan.nodes, own) : { value: null, plan: null };
      events.push({ at, f: `${starts ? "start" : "stop"}-${name}`, ...drawn });
      starts = !starts;
    }
  }
  return events.sort((a, b) => a.at - b.at);
}

/** Carries out a schedule. */
export class Nemesis {
  readonly #surface: FaultSurface;
  readonly #recorder: Recorder;
  readonly #faults: ReadonlyMap<string, Fault>;
  readonly #inForce = new Set<string>();
  #ended = false;

  /** `names` are the faults that the schedule may name. */
  constructor(names: readonly string[], surface: FaultSurface, recorder: Recorder) {
    this.#surface = surface;
    this.#recorder = recorder;
    this.#faults = new Map(names.map((name) => [name, createFault(name)]));
  }

  /** The names of the faults in force. */
  get inForce(): readonly string[] {
    return [...this.#inForce];
  }

  /** Acts by the schedule until it is over or {@link Nemesis.heal} is called. */
  async run(schedule: readonly NemesisEvent[]): Promise<void> {
    const { clock } = this.#surface;
    for (const event of schedule) {
      const wait = event.at - clock.now();
      if (wait > 0) await sleep(clock, wait);
      if (this.#ended) return;
      await this.#act(event);
    }
  }

  /** Ends the schedule and stops all faults, those in force and, as Jepsen does, those that are not. */
  async heal(): Promise<void> {
    this.#ended = true;
    const at = this.#surface.clock.now();
    for (const name of this.#faults.keys()) {
      await this.#act({ at, f: `stop-${name}`, value: null, plan: null });
    }
  }

  async #act({ f, value, plan }: NemesisEvent): Promise<void> {
    const starts = f.startsWith("start-");
    const name = f.slice(f.indexOf("-") + 1);
    const fault = this.#faults.get(name);
    if (fault === undefined) throw new RangeError(`the schedule names '${f}', which is no fault`);
    this.#recorder.recordNemesis(f, value);
    if (starts) this.#inForce.add(name);
    const result = starts
      ? await fault.start(this.#surface, plan)
      : await fault.stop(this.#surface);
    if (!starts) this.#inForce.delete(name);
    this.#recorder.recordNemesis(f, result);
  }
}
