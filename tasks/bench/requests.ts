/**
 * The requests that {@link file://./echo_load.ts} sends. They are encoded once and have equal
 * lengths, so that consecutive requests are a slice of one buffer.
 *
 * @module
 */

/** The message id of the first request. */
export const FIRST_ID = 1_000_000;

const encoder = new TextEncoder();

/** The `init` request as a line. */
export const INIT = encoder.encode(`${
  JSON.stringify({
    id: 0,
    src: "c0",
    dest: "n0",
    body: { type: "init", node_id: "n0", node_ids: ["n0"], msg_id: 1 },
  })
}\n`);

/** A ring buffer of requests as Maelstrom sends them. */
export class Requests {
  readonly #bytes: Uint8Array;
  readonly #length: number;
  readonly #count: number;
  #next = 0;

  constructor(count: number) {
    const lines = Array.from({ length: count }, (_, index) => {
      const id = FIRST_ID + index;
      const body = { echo: `Please echo ${id}`, type: "echo", msg_id: id };
      return `${JSON.stringify({ id, src: "c1", dest: "n0", body })}\n`;
    });
    this.#count = count;
    this.#length = (lines[0] as string).length;
    this.#bytes = encoder.encode(lines.join(""));
  }

  /** Returns the next requests: at most `max`, and not beyond the end of the buffer. */
  take(max: number): { readonly bytes: Uint8Array; readonly count: number } {
    const count = Math.min(max, this.#count - this.#next);
    const start = this.#next * this.#length;
    this.#next = (this.#next + count) % this.#count;
    return { bytes: this.#bytes.subarray(start, start + count * this.#length), count };
  }
}
