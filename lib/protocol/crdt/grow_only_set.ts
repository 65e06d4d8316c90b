/**
 * A set to which elements are added and never removed. Joining is union.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import { canonicalJson, type Json } from "../../node/mod.ts";
import type { DeltaState } from "./delta_state.ts";

/** A grow-only set (G-Set) of JSON values. Equal values are one element. */
export class GrowOnlySet implements DeltaState {
  /** The elements as canonical JSON. */
  readonly #identities = new Set<string>();
  /** In insertion order, so that a delta is a slice. */
  readonly #elements: Json[] = [];

  get version(): number {
    return this.#elements.length;
  }

  /** All elements, in the order in which this replica received them. */
  get elements(): readonly Json[] {
    return this.#elements;
  }

  /** Adds an element; does nothing if the set has it already. */
  add(element: Json): void {
    const identity = canonicalJson(element);
    if (this.#identities.has(identity)) return;
    this.#identities.add(identity);
    this.#elements.push(element);
    invariant(this.#identities.size === this.#elements.length, "each element is stored once");
  }

  deltaSince(version: number): Json {
    return this.#elements.slice(version);
  }

  join(delta: Json): void {
    if (!Array.isArray(delta)) {
      throw new TypeError(`a set's delta must be an array, got ${JSON.stringify(delta)}`);
    }
    for (const element of delta) this.add(element);
  }
}
