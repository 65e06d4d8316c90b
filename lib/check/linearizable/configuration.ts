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
export interface Placed {
  readonly invocation: Operation;
  readonly before: Placed | undefined;
}

/** A point of the search. */
export interface Configuration {
  /** The number of the next response. */
  readonly response: number;
  /** The slots of operations under way that have taken effect, 31 to a number. */
  readonly effective: readonly number[];
  readonly state: number;
  /** How many crashed operations of each kind have taken effect. */
  readonly used: readonly number[];
  readonly placed: Placed | undefined;
  readonly placedCount: number;
}

const slotsPerWord = 31;

/** A set of slots that is empty. */
export function noSlots(slots: number): number[] {
  return new Array<number>(Math.ceil(slots / slotsPerWord)).fill(0);
}

/** Whether a set holds a slot. */
export function hasSlot(set: readonly number[], slot: number): boolean {
  return (((set[Math.floor(slot / slotsPerWord)] as number) >>> (slot % slotsPerWord)) & 1) === 1;
}

/** The set with a slot added, or removed where it was in. */
export function toggleSlot(set: readonly number[], slot: number): number[] {
  const toggled = [...set];
  const word = Math.floor(slot / slotsPerWord);
  toggled[word] = (toggled[word] as number) ^ (1 << (slot % slotsPerWord));
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
    const { response, used } = configuration;
    const visited = this.#byResponse[response] ??= new Map();
    const key = keyOf(configuration);
    const known = visited.get(key);
    this.#work++;
    if (known === undefined) {
      visited.set(key, [used]);
    } else {
      this.#work += known.length;
      if (known.some((other) => isCovered(used, other))) return false;
      const kept = known.filter((other) => !isCovered(other, used));
      this.#size -= known.length - kept.length;
      kept.push(used);
      visited.set(key, kept);
    }
    this.#size++;
    return true;
  }
}

const statesInKey = 2 ** 22;

function keyOf({ effective, state }: Configuration): number | string {
  const word = effective[0] ?? 0;
  if (effective.length <= 1 && state < statesInKey) return word * statesInKey + state;
  return `${effective.join()} ${state}`;
}

function isCovered(used: readonly number[], by: readonly number[]): boolean {
  for (let kind = 0; kind < used.length; kind++) {
    if ((by[kind] as number) > (used[kind] as number)) return false;
  }
  return true;
}
