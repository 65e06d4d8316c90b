/**
 * Encodes shared lists as text: only elements that no earlier list had are encoded, since the text
 * of a base is kept with the base.
 *
 * @module
 */

import type { SharedBase, SharedList } from "./shared_lists.ts";

/** The encoded elements of a base, with separators, and where each element ends. */
interface EncodedBase {
  bytes: Uint8Array;
  readonly ends: number[];
}

const MAX_ENCODED_BASES = 32;
const MIN_BYTES = 1024;

/** Encodes the lists of one file. */
export class ListEncoder {
  readonly #separator: string;
  readonly #encodeElement: (element: unknown) => string;
  readonly #encoder = new TextEncoder();
  /** By base, the least recently used first. */
  readonly #encoded = new Map<SharedBase, EncodedBase>();

  constructor(separator: string, encodeElement: (element: unknown) => string) {
    this.#separator = separator;
    this.#encodeElement = encodeElement;
  }

  /**
   * Returns the text of the elements, without brackets, as pieces. They are valid until the next
   * call.
   */
  encode({ base, length, tail }: SharedList): readonly [Uint8Array, string] {
    const encoded = this.#encodedBase(base, length);
    const rest = tail.map((element, index) =>
      (length + index === 0 ? "" : this.#separator) + this.#encodeElement(element)
    );
    return [encoded.bytes.subarray(0, encoded.ends[length - 1] ?? 0), rest.join("")];
  }

  #encodedBase(base: SharedBase, length: number): EncodedBase {
    const encoded = this.#encoded.get(base) ?? { bytes: new Uint8Array(MIN_BYTES), ends: [] };
    this.#encoded.delete(base);
    this.#encoded.set(base, encoded);
    if (this.#encoded.size > MAX_ENCODED_BASES) {
      const [oldest] = this.#encoded.keys();
      this.#encoded.delete(oldest as SharedBase);
    }
    for (let index = encoded.ends.length; index < length; index++) {
      const text = (index === 0 ? "" : this.#separator) +
        this.#encodeElement(base.elements[index]);
      this.#append(encoded, text);
    }
    return encoded;
  }

  #append(encoded: EncodedBase, text: string): void {
    const used = encoded.ends.at(-1) ?? 0;
    const needed = used + 3 * text.length;
    if (needed > encoded.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * encoded.bytes.length));
      grown.set(encoded.bytes);
      encoded.bytes = grown;
    }
    const { written } = this.#encoder.encodeInto(text, encoded.bytes.subarray(used));
    encoded.ends.push(used + written);
  }
}
