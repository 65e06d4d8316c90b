/**
 * How far a search has got: a point in a history, and all that matters of the way there.
 *
 * Everything before the next response is decided, so a configuration needs no more than that
 * response's number, which of the operations under way have taken effect already (by their slots),
 * how many crashed operations of each kind have, and the state.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";

/** The operations placed so far, the last first. Configurations share their beginnings. */
export interface LinearizedPrefix {
  readonly invocation: Operation;
  readonly previous: LinearizedPrefix | undefined;
}

/** A point of the search. */
export interface Configuration {
  /** The number of the next response. */
  readonly nextResponse: number;
  /** The slots of operations under way that have taken effect, 31 to a number. */
  readonly linearizedSlots: readonly number[];
  readonly state: number;
  /** How many crashed operations of each kind have taken effect. */
  readonly crashedCounts: readonly number[];
  readonly linearized: LinearizedPrefix | undefined;
  readonly linearizedCount: number;
}

const SLOTS_PER_WORD = 31;

/** A set of slots that is empty. */
export function emptySlots(slots: number): number[] {
  return new Array<number>(Math.ceil(slots / SLOTS_PER_WORD)).fill(0);
}

/** Whether a set holds a slot. */
export function hasSlot(set: readonly number[], slot: number): boolean {
  return (((set[Math.floor(slot / SLOTS_PER_WORD)] as number) >>> (slot % SLOTS_PER_WORD)) & 1) ===
    1;
}

/** The set with a slot added, or removed where it was in. */
export function toggleSlot(set: readonly number[], slot: number): number[] {
  const toggled = [...set];
  const word = Math.floor(slot / SLOTS_PER_WORD);
  toggled[word] = (toggled[word] as number) ^ (1 << (slot % SLOTS_PER_WORD));
  return toggled;
}

/**
 * Remembers the configurations visited. One is covered by another that differs only in having used
 * no more crashed operations of any kind: whatever it can still do, the other can too.
 */
export class VisitedConfigurations {
  readonly #byResponse: Map<number | string, (readonly number[])[]>[] = [];
  #size = 0;
  #work = 0;

  /** How many are remembered. */
  get size(): number {
    return this.#size;
  }

  /** How many were compared or added so far: what the search has cost. */
  get work(): number {
    return this.#work;
  }

  /** Adds a configuration; false when one that was visited covers it. */
  add(configuration: Configuration): boolean {
    const { nextResponse: response, crashedCounts: used } = configuration;
    const visited = this.#byResponse[response] ??= new Map();
    const key = keyOf(configuration);
    const known = visited.get(key);
    this.#work++;
    if (known === undefined) {
      visited.set(key, [used]);
    } else {
      this.#work += known.length;
      if (known.some((other) => isSubsumed(used, other))) return false;
      const kept = known.filter((other) => !isSubsumed(other, used));
      this.#size -= known.length - kept.length;
      kept.push(used);
      visited.set(key, kept);
    }
    this.#size++;
    return true;
  }
}

const MAX_STATES_IN_KEY = 2 ** 22;

function keyOf({ linearizedSlots: effective, state }: Configuration): number | string {
  const word = effective[0] ?? 0;
  if (effective.length <= 1 && state < MAX_STATES_IN_KEY) return word * MAX_STATES_IN_KEY + state;
  return `${effective.join()} ${state}`;
}

function isSubsumed(used: readonly number[], by: readonly number[]): boolean {
  for (let kind = 0; kind < used.length; kind++) {
    if ((by[kind] as number) > (used[kind] as number)) return false;
  }
  return true;
}
