/**
 * Offsets and messages that the operations of a log share. Each consumer polls every message of a
 * log, so the same pair of an offset and a message occurs once for each consumer.
 *
 * @module
 */

import { isJsonObject } from "../base/mod.ts";

/** The number of recent pairs, a power of two: consumers poll a message at about the same time. */
const MAX_RECENT_PAIRS = 2 ** 16;
/** Knuth's multiplier, which spreads consecutive offsets. */
const HASH_MULTIPLIER = 0x9e3779b1;

type Pair = readonly [offset: number, message: number];

/** The value of every poll's invocation. */
const POLL: readonly unknown[] = [["poll"]];

/** Finds the pairs of numbers that the operations of one history repeat. */
export class SharedPairs {
  /** The last pair with each hash. */
  readonly #recent: (Pair | undefined)[] = Array.from({ length: MAX_RECENT_PAIRS });

  /** Returns a value that is equal to the given one; may replace pairs inside of it. */
  share(value: unknown): unknown {
    if (!Array.isArray(value)) return value;
    const list: unknown[] = value;
    for (const microOperation of list) {
      if (!Array.isArray(microOperation)) continue;
      if (microOperation[0] === "send") this.#sharePair(microOperation, 2);
      if (microOperation[0] !== "poll") continue;
      if (list.length === 1 && microOperation.length === 1) return POLL;
      this.#sharePolled(microOperation[1]);
    }
    return list;
  }

  #sharePolled(logs: unknown): void {
    if (!isJsonObject(logs)) return;
    for (const entries of Object.values(logs)) {
      if (!Array.isArray(entries)) continue;
      for (let index = 0; index < entries.length; index++) this.#sharePair(entries, index);
    }
  }

  #sharePair(list: unknown[], index: number): void {
    const pair: unknown = list[index];
    if (!isPair(pair)) return;
    const [offset, message] = pair;
    const hash = (Math.imul(offset, HASH_MULTIPLIER) ^ message) & (MAX_RECENT_PAIRS - 1);
    const recent = this.#recent[hash];
    if (recent !== undefined && recent[0] === offset && recent[1] === message) list[index] = recent;
    else this.#recent[hash] = pair;
  }
}

function isPair(value: unknown): value is Pair {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "number" &&
    typeof value[1] === "number";
}
