/**
 * Shares out what a poll may return between its keys. Each poll begins with another key, so that
 * one with many entries cannot keep the others from being read for ever.
 *
 * @module
 */

import type { Entry } from "./entry_log.ts";
import type { Offsets, Polled, PollLimits } from "./log.ts";

/** The entries of a key from an offset on, `most` at most. */
export type ReadRun = (key: string, offset: number, most: number) => readonly Entry[];

/** Takes turns. */
export class PollTurns {
  readonly #limits: PollLimits;
  #turn = 0;

  constructor(limits: PollLimits) {
    this.#limits = limits;
  }

  /** Reads the keys' runs, within the limits. */
  poll(offsets: Readonly<Offsets>, read: ReadRun): Polled {
    const keys = Object.keys(offsets);
    const runs: [key: string, run: Entry[]][] = [];
    const first = keys.length === 0 ? 0 : this.#turn++ % keys.length;
    let room = this.#limits.perPoll;
    for (let place = 0; place < keys.length && room > 0; place++) {
      const key = keys[(first + place) % keys.length] as string;
      const run = read(key, offsets[key] as number, Math.min(room, this.#limits.perKey));
      if (run.length === 0) continue;
      runs.push([key, run as Entry[]]);
      room -= run.length;
    }
    return Object.fromEntries(runs);
  }
}
