/**
 * Divides the entries that a poll may return among its keys, round-robin: each poll starts at another
 * key. A key with many entries therefore cannot starve the others.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import type { Entry } from "./entry_log.ts";
import type { Offsets, PollLimits, PollResult } from "./log.ts";

/** Returns at most `maxEntries` entries of a key, from an offset on. */
export type ReadEntries = (key: string, offset: number, maxEntries: number) => readonly Entry[];

/** Polls within limits, starting at another key each time. */
export class FairPoll {
  readonly #limits: PollLimits;
  #polls = 0;

  /** `limits` hold for each poll. */
  constructor(limits: PollLimits) {
    this.#limits = limits;
  }

  /** Reads the entries of the keys until the poll's limit is reached. */
  poll(offsets: Readonly<Offsets>, read: ReadEntries): PollResult {
    const keys = Object.keys(offsets);
    const result: [key: string, entries: Entry[]][] = [];
    const first = keys.length === 0 ? 0 : this.#polls++ % keys.length;
    let left = this.#limits.perPoll;
    for (let index = 0; index < keys.length && left > 0; index++) {
      const key = keys[(first + index) % keys.length] as string;
      const entries = read(key, offsets[key] as number, Math.min(left, this.#limits.perKey));
      if (entries.length === 0) continue;
      result.push([key, entries as Entry[]]);
      left -= entries.length;
    }
    invariant(left >= 0, "a poll returns at most its limit");
    return Object.fromEntries(result);
  }
}
