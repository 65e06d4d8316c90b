/**
 * A seeded source of random numbers: the one place that randomness comes from wherever a run has to
 * be repeatable. The same seed gives the same numbers on every machine.
 *
 * The generator is sfc32 (Chris Doty-Humphrey's small fast chaotic generator, 128 bits of state),
 * seeded through a 32-bit string hash and mixing finaliser (MurmurHash3's).
 *
 * @module
 */

/** A seeded random number generator. Two instances with one seed give the same numbers. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  readonly #seed: string;

  /** Starts the sequence that belongs to `seed`; a number and its decimal string are the same seed. */
  constructor(seed: string | number) {
    this.#seed = String(seed);
    const mix = mixer(this.#seed);
    this.#a = mix();
    this.#b = mix();
    this.#c = mix();
    for (let warmUp = 0; warmUp < 12; warmUp++) this.uint32();
  }

  /** A source of its own for one purpose: drawing from it never shifts what others draw. */
  fork(purpose: string): Random {
    return new Random(`${this.#seed}/${purpose}`);
  }

  /** An integer in 0..2³²−1, uniformly. */
  uint32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + result | 0;
    return result >>> 0;
  }

  /** A number in [0, 1), uniformly, with 53 bits. */
  next(): number {
    return ((this.uint32() >>> 5) * 0x4000000 + (this.uint32() >>> 6)) / 0x20000000000000;
  }

  /** An integer in 0..bound−1, uniformly. Throws a RangeError unless `bound` is a positive integer. */
  integer(bound: number): number {
    if (!Number.isSafeInteger(bound) || bound <= 0) {
      throw new RangeError(`a bound for a random integer must be a positive integer, not ${bound}`);
    }
    return Math.floor(this.next() * bound);
  }

  /** True with the given probability (0..1). */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A number of the exponential distribution with this mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** One of the items, uniformly. Throws a RangeError when there is none. */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)] as T;
  }

  /** The items in a new array, in random order (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const item = shuffled[last] as T;
      shuffled[last] = shuffled[other] as T;
      shuffled[other] = item;
    }
    return shuffled;
  }
}

/** A stream of well-mixed 32-bit words from a text. */
function mixer(text: string): () => number {
  let hash = 1779033703 ^ text.length;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 3432918353);
    hash = (hash << 13) | (hash >>> 19);
  }
  return () => {
    hash = Math.imul(hash ^ (hash >>> 16), 2246822507);
    hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
    hash ^= hash >>> 16;
    return hash >>> 0;
  };
}
