/**
 * A random source for tests of services that follows a script and records its draws.
 *
 * @module
 */

import { Random } from "../../lib/base/mod.ts";

/** Returns the scripted integers first, then those of its seed, and records all of them. */
export class ScriptedRandom extends Random {
  readonly #script: number[];
  /** All integers drawn so far with their bounds. */
  readonly drawn: { readonly bound: number; readonly value: number }[] = [];

  constructor(script: readonly number[], seed = "scripted") {
    super(seed);
    this.#script = [...script];
  }

  override integer(bound: number): number {
    const value = this.#script.shift() ?? super.integer(bound);
    if (value >= bound) {
      throw new RangeError(`a scripted integer must be below its bound ${bound}, got ${value}`);
    }
    this.drawn.push({ bound, value });
    return value;
  }
}
