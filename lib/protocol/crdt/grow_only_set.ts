/**
 * A set that elements are only ever added to. Joining is union.
 *
 * @module
 */

import { canonicalJson, type Json } from "../../node/mod.ts";
import type { DeltaState } from "./delta_state.ts";

/** A grow-only set of JSON values; equal values are one element. */
export class GrowOnlySet implements DeltaState {
  readonly #known = new Set<string>();
  /** In the order in which they came, so that a delta is a slice. */
  readonly #elements: Json[] = [];

  get version(): number {
    return this.#elements.length;
  }

  /** All elements, in the order in which this replica learned of them. */
  get elements(): readonly Json[] {
    return this.#elements;
  }

  /** Adds an element. */
  add(element: Json): void {
    const identity = canonicalJson(element);
    if (this.#known.has(identity)) return;
    this.#known.add(identity);
    this.#elements.push(element);
  }

  deltaSince(version: number): Json {
    return this.#elements.slice(version);
  }

  join(delta: Json): void {
    if (!Array.isArray(delta)) throw new TypeError("the delta of a set is an array");
    for (const element of delta) this.add(element);
  }
}
