/**
 * A seeded pseudorandom number generator: the only source of randomness in a reproducible run. A
 * seed gives the same sequence on every machine.
 *
 * The generator is sfc32 (Chris Doty-Humphrey's "small fast chaotic" generator with 128 bits of
 * state). A 32-bit string hash and the finaliser of MurmurHash3 turn the seed into its initial state.
 *
 * @module
 */

/** A pseudorandom number generator. Two instances with the same seed give the same sequence. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  readonly #seed: string;

  /** Starts the seed's sequence. A number and its decimal string are the same seed. */
  constructor(seed: string | number) {
    this.#seed = String(seed);
    const mix = mixer(this.#seed);
    this.#a = mix();
    this.#b = mix();
    this.#c = mix();
    for (let warmUp = 0; warmUp < 12; warmUp++) this.uint32();
  }

  /**
   * Returns an independent generator for one purpose. Its seed derives from this generator's seed and
   * the purpose, so drawing from either never changes the sequence of the other.
   */
  fork(purpose: string): Random {
    return new Random(`${this.#seed}/${purpose}`);
  }

  /** Returns an integer from 0 to 2³²−1, uniformly distributed. */
  uint32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + result | 0;
    return result >>> 0;
  }

  /** Returns a number in [0, 1) with 53 random bits, uniformly distributed. */
  next(): number {
    return ((this.uint32() >>> 5) * 0x4000000 + (this.uint32() >>> 6)) / 0x20000000000000;
  }

  /**
   * Returns an integer from 0 to `bound` − 1, uniformly distributed.
   *
   * @throws {RangeError} When `bound` is not a positive safe integer.
   */
  integer(bound: number): number {
    if (!Number.isSafeInteger(bound) || bound <= 0) {
      throw new RangeError(
        `the bound of a random integer must be a positive integer, got ${bound}`,
      );
    }
    return Math.floor(this.next() * bound);
  }

  /** Returns true with the given probability, from 0 to 1. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Returns a number from the exponential distribution with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /**
   * Returns one of the items, uniformly distributed.
   *
   * @throws {RangeError} When there are no items.
   */
  pick<T>(items: readonly T[]): T {
    return items[this.integer(items.length)] as T;
  }

  /** Returns a new array with the items in random order (Fisher–Yates). */
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

/** Returns a source of well-mixed 32-bit words that derive from the text. */
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
