/**
 * Configurations: the nodes of the search tree. A configuration is a partial linearization, reduced
 * to what determines the rest of the search.
 *
 * All operations whose responses precede the next response are linearized. So a configuration
 * consists of the next response's index and the model's state, and records which other operations
 * are linearized: the pending ones by their slots, the crashed ones by their number of each kind.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";

/** A linked list of the linearized operations, the last first. Configurations share prefixes. */
export interface LinearizedPrefix {
  readonly invocation: Operation;
  readonly overwrites: boolean;
  readonly previous: LinearizedPrefix | undefined;
}

/** A node of the search tree. */
export interface Configuration {
  /** The index of the next response in the problem's list. */
  readonly nextResponse: number;
  /** A bit set of the slots of pending operations that are linearized, 31 slots a number. */
  readonly linearizedSlots: readonly number[];
  readonly state: number;
  /** The number of linearized crashed operations of each kind. */
  readonly crashedCounts: readonly number[];
  /**
   * Pending overwriting operations with a lower number were invoked before the last linearized
   * overwriting operation. Each of them can be linearized immediately before that operation.
   */
  readonly coveredBelow: number;
  /** What the next linearized operation must not do; see {@link MAY_FOLLOW} and others. */
  readonly unused: number;
  readonly linearized: LinearizedPrefix | undefined;
  readonly linearizedCount: number;
}

/** {@link Configuration.unused} if every operation may follow. */
export const MAY_FOLLOW = -1;
/**
 * {@link Configuration.unused}: the last operation must be used, so no overwriting one may follow.
 * A state from 0: the state before the last operation, which must make a difference to the next.
 */
export const MUST_NOT_BE_OVERWRITTEN = -2;

const SLOTS_PER_WORD = 31;

/** Returns an empty set of slots. */
export function emptySlots(slots: number): number[] {
  return new Array<number>(Math.ceil(slots / SLOTS_PER_WORD)).fill(0);
}

/** Whether a set contains a slot. */
export function hasSlot(set: readonly number[], slot: number): boolean {
  return (((set[Math.floor(slot / SLOTS_PER_WORD)] as number) >>> (slot % SLOTS_PER_WORD)) & 1) ===
    1;
}

/** Adds a slot to a set if it was absent, else removes it. */
export function toggleSlot(set: number[], slot: number): void {
  const word = Math.floor(slot / SLOTS_PER_WORD);
  set[word] = (set[word] as number) ^ (1 << (slot % SLOTS_PER_WORD));
}

/** The part of a configuration by which those with the same response, slots and state differ. */
type Cost = Pick<Configuration, "crashedCounts" | "coveredBelow">;

/**
 * The set of visited configurations. A configuration *subsumes* another that differs only in having
 * linearized as many or more crashed operations of each kind, and in covering as many or fewer
 * operations: every linearization of the rest that is possible from the other is also possible from
 * the first.
 */
export class VisitedConfigurations {
  readonly #byResponse: Map<number | string, readonly Cost[]>[] = [];
  #size = 0;
  #work = 0;

  /** The number of configurations in the set. */
  get size(): number {
    return this.#size;
  }

  /** The number of configurations compared or added so far: a measure of the search's cost. */
  get work(): number {
    return this.#work;
  }

  /** Adds a configuration; returns false if a visited one subsumes it. */
  add(configuration: Configuration): boolean {
    const { nextResponse, crashedCounts, coveredBelow } = configuration;
    const visited = this.#byResponse[nextResponse] ??= new Map();
    const key = keyOf(configuration);
    const known = visited.get(key);
    const cost = { crashedCounts, coveredBelow };
    this.#work++;
    if (known === undefined) {
      visited.set(key, [cost]);
    } else {
      this.#work += known.length;
      if (known.some((other) => isSubsumed(cost, other))) return false;
      const kept = known.filter((other) => !isSubsumed(other, cost));
      this.#size -= known.length - kept.length;
      kept.push(cost);
      visited.set(key, kept);
    }
    this.#size++;
    return true;
  }
}

const MAX_STATES_IN_KEY = 2 ** 22;

function keyOf({ linearizedSlots, state }: Configuration): number | string {
  const word = linearizedSlots[0] ?? 0;
  if (linearizedSlots.length <= 1 && state < MAX_STATES_IN_KEY) {
    return word * MAX_STATES_IN_KEY + state;
  }
  return `${linearizedSlots.join()} ${state}`;
}

function isSubsumed({ crashedCounts: counts, coveredBelow }: Cost, by: Cost): boolean {
  if (by.coveredBelow < coveredBelow) return false;
  for (let kind = 0; kind < counts.length; kind++) {
    if ((by.crashedCounts[kind] as number) > (counts[kind] as number)) return false;
  }
  return true;
}
