/**
 * A source of randomness for tests of services: it can follow a script, and it remembers what it drew.
 *
 * @module
 */

import { Random } from "../../lib/base/mod.ts";

/** Draws the scripted integers first, then those of its seed, and keeps all of them. */
export class ScriptedRandom extends Random {
  readonly #script: number[];
  /** Every integer drawn so far, with its bound. */
  readonly drawn: { readonly bound: number; readonly value: number }[] = [];

  constructor(script: readonly number[], seed = "scripted") {
    super(seed);
    this.#script = [...script];
  }

  override integer(bound: number): number {
    const value = this.#script.shift() ?? super.integer(bound);
    if (value >= bound) throw new RangeError(`the script has ${value} for a bound of ${bound}`);
    this.drawn.push({ bound, value });
    return value;
  }
}
