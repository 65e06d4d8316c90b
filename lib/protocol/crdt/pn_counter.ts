/**
 * A counter that goes up and down: for each writer two totals that only grow, what it added and what
 * it subtracted. Joining takes the higher of each (Shapiro et al., "A comprehensive study of
 * convergent and commutative replicated data types", 2011, specification 7).
 *
 * A writer is one life of a node, not a node: one that lost its memory must not go on from zero
 * under a name whose totals others know to be higher.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject } from "../../node/mod.ts";
import type { DeltaState } from "./delta_state.ts";

interface Totals {
  added: number;
  subtracted: number;
  /** The version at which they changed last. */
  changed: number;
}

/** A positive-negative counter. */
export class PnCounter implements DeltaState {
  readonly #writer: string;
  readonly #totals = new Map<string, Totals>();
  #version = 0;
  #value = 0;

  /** `writer` is a name that no other life of any node has. */
  constructor(writer: string) {
    this.#writer = writer;
  }

  get version(): number {
    return this.#version;
  }

  /** The sum of all that is known to have been added. */
  get value(): number {
    return this.#value;
  }

  /** Adds an integer, which may be negative. */
  add(delta: number): void {
    const own = this.#totals.get(this.#writer);
    const added = (own?.added ?? 0) + Math.max(0, delta);
    const subtracted = (own?.subtracted ?? 0) + Math.max(0, -delta);
    this.#raise(this.#writer, added, subtracted);
  }

  deltaSince(version: number): Json {
    const delta: JsonObject = {};
    for (const [writer, { added, subtracted, changed }] of this.#totals) {
      if (changed > version) delta[writer] = [added, subtracted];
    }
    return delta;
  }

  join(delta: Json): void {
    if (!isJsonObject(delta)) throw new TypeError("the delta of a counter is an object");
    for (const [writer, totals] of Object.entries(delta)) {
      const [added, subtracted] = Array.isArray(totals) ? totals : [];
      if (typeof added !== "number" || typeof subtracted !== "number") {
        throw new TypeError(`the totals of '${writer}' are two numbers`);
      }
      this.#raise(writer, added, subtracted);
    }
  }

  #raise(writer: string, added: number, subtracted: number): void {
    const known = this.#totals.get(writer) ?? { added: 0, subtracted: 0, changed: 0 };
    if (added <= known.added && subtracted <= known.subtracted) return;
    const higher = {
      added: Math.max(added, known.added),
      subtracted: Math.max(subtracted, known.subtracted),
      changed: ++this.#version,
    };
    this.#value += higher.added - known.added - (higher.subtracted - known.subtracted);
    this.#totals.set(writer, higher);
  }
}
