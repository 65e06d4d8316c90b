/**
 * A counter that goes up and down (PN-Counter).
 *
 * For each writer it keeps two totals that only grow: what the writer added, and what it
 * subtracted. Joining takes the higher of each (Shapiro et al., "A comprehensive study of
 * convergent and commutative replicated data types", 2011, specification 7).
 *
 * A writer is one incarnation of a node. A node that lost its state must not count from zero again
 * under a name for which its peers have higher totals.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import { isJsonObject, type Json, type JsonObject } from "../../node/mod.ts";
import type { DeltaState } from "./delta_state.ts";

interface Totals {
  added: number;
  subtracted: number;
  /** The version of the state when they last changed. */
  changedAt: number;
}

/** A positive-negative counter. */
export class PnCounter implements DeltaState {
  readonly #writer: string;
  readonly #totals = new Map<string, Totals>();
  #version = 0;
  #value = 0;

  /**
   * `writer` names this incarnation of this node; no other incarnation of any node has that name.
   */
  constructor(writer: string) {
    this.#writer = writer;
  }

  get version(): number {
    return this.#version;
  }

  /** The sum of all additions that this replica has received. */
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
    for (const [writer, { added, subtracted, changedAt }] of this.#totals) {
      if (changedAt > version) delta[writer] = [added, subtracted];
    }
    return delta;
  }

  join(delta: Json): void {
    if (!isJsonObject(delta)) {
      throw new TypeError(`a counter's delta must be an object, got ${JSON.stringify(delta)}`);
    }
    for (const [writer, totals] of Object.entries(delta)) {
      const [added, subtracted] = Array.isArray(totals) ? totals : [];
      if (typeof added !== "number" || typeof subtracted !== "number") {
        const found = JSON.stringify(totals);
        throw new TypeError(`the totals of "${writer}" must be two numbers, got ${found}`);
      }
      this.#raise(writer, added, subtracted);
    }
  }

  #raise(writer: string, added: number, subtracted: number): void {
    const current = this.#totals.get(writer) ?? { added: 0, subtracted: 0, changedAt: 0 };
    if (added <= current.added && subtracted <= current.subtracted) return;
    const raised = {
      added: Math.max(added, current.added),
      subtracted: Math.max(subtracted, current.subtracted),
      changedAt: ++this.#version,
    };
    invariant(raised.changedAt > current.changedAt, "each change has a version of its own");
    this.#value += raised.added - current.added - (raised.subtracted - current.subtracted);
    this.#totals.set(writer, raised);
  }
}
