/**
 * A snapshot in several messages (section 7, figure 13), so that a large state needs no large message.
 *
 * The snapshot is a text. The leader sends it chunk by chunk, each when the one before it is
 * acknowledged, and repeats a chunk that is not acknowledged in time. The follower reports how much of
 * the text it has. So a transfer continues after a lost chunk, and begins again with a follower that
 * has restarted.
 *
 * **Chunks of two snapshots never mix.** A leader has one snapshot of an index in its term. The text of
 * another leader's may differ. So the follower collects the chunks of one term, last index and last
 * term, and drops them for those of a newer snapshot or another leader. It appends a chunk only where
 * its text ends.
 *
 * @module
 */

import { type Json, parseJson, stringifyJson } from "../../../base/mod.ts";
import type { InstallSnapshot, Snapshot } from "./types.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A leader's transfer of a snapshot to one member. */
export class SnapshotSender {
  readonly index: number;
  readonly #term: number;
  readonly #text: string;
  /** The end of what the member has. */
  #offset = 0;
  /** The round of the last chunk, and when it was sent. */
  #round = 0;
  #sentMs = -Infinity;

  constructor({ index, term, members, data }: Snapshot) {
    this.index = index;
    this.#term = term;
    this.#text = stringifyJson({ members, data });
  }

  /** Whether a chunk must be sent: none is on its way, or it counts as lost. */
  isDue(now: number, timeoutMs: number): boolean {
    return now - this.#sentMs >= timeoutMs;
  }

  /** Returns the next chunk, which leaves now in a round. */
  next(round: number, now: number, maxBytes: number) {
    this.#round = round;
    this.#sentMs = now;
    const offset = this.#offset;
    const end = chunkEnd(this.#text, offset, maxBytes);
    return {
      last_index: this.index,
      last_term: this.#term,
      offset,
      data: this.#text.slice(offset, end),
      done: end === this.#text.length,
      round,
    };
  }

  /**
   * Notes how much of a snapshot the member has. Returns whether the next chunk is due: other replies
   * are late, and would send a chunk twice.
   */
  acknowledge(index: number, offset: number, round: number): boolean {
    if (index !== this.index || (offset <= this.#offset && round !== this.#round)) return false;
    this.#offset = offset;
    this.#sentMs = -Infinity;
    return true;
  }
}

/** The snapshot that a follower is receiving. */
export class SnapshotReceiver {
  #term = 0;
  #lastIndex = 0;
  #lastTerm = 0;
  #text = "";

  /** Adds a chunk. Returns the snapshot when it is complete, else the offset of the next chunk. */
  add(message: InstallSnapshot): Snapshot | number {
    const { term, last_index, last_term, offset, data, done } = message;
    const isSameTerm = term === this.#term;
    if (!isSameTerm || last_index !== this.#lastIndex || last_term !== this.#lastTerm) {
      // The network delivered a chunk of an older snapshot late.
      if (isSameTerm && last_index < this.#lastIndex) return 0;
      [this.#term, this.#lastIndex, this.#lastTerm] = [term, last_index, last_term];
      this.#text = "";
    }
    if (offset === this.#text.length) {
      this.#text += data;
      if (done) return this.#take();
    }
    return this.#text.length;
  }

  #take(): Snapshot {
    const { members, data } = parseJson(this.#text) as { members: string[]; data: Json };
    this.#text = "";
    return { index: this.#lastIndex, term: this.#lastTerm, members, data };
  }
}

/**
 * Returns the end of the chunk from an offset on that has at most `maxBytes` bytes as a JSON string,
 * but at least one character. The text is JSON, so that it has neither control characters nor halves
 * of surrogate pairs.
 */
function chunkEnd(text: string, offset: number, maxBytes: number): number {
  let bytes = 2;
  let end = offset;
  while (end < text.length) {
    const code = text.codePointAt(end) as number;
    bytes += bytesOf(code);
    if (bytes > maxBytes && end > offset) break;
    end += code > 0xffff ? 2 : 1;
  }
  return end;
}

/** The bytes of a character in a JSON string. */
function bytesOf(code: number): number {
  if (code < 0x80) return code === QUOTE || code === BACKSLASH ? 2 : 1;
  return code < 0x800 ? 2 : code <= 0xffff ? 3 : 4;
}
