/**
 * The lines a node prints, gathered and written in order.
 *
 * One write per message would cost more than everything else a node does, and an asynchronous write
 * costs a change of threads. So messages are gathered while a turn of the event loop lasts and are
 * then written at once, in one synchronous write: a node whose reader falls behind waits for it, as
 * `cat` or a Node.js program at a pipe does, rather than gathering messages without bound.
 *
 * Invariant: what was pushed is written once, whole and in order, or the reader is gone.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import type { Message } from "../wire/mod.ts";

/** As much as a pipe holds: more is not worth gathering. */
const MOST_GATHERED = 64 * 1024;
/** What the lines are written to. */
export interface LineSink {
  /** Writes the first bytes of these, and says how many. */
  writeSync(bytes: Uint8Array): number;
}

/** Writes messages to a sink, one a line. */
export class LineOutput {
  readonly #encoder = new TextEncoder();
  readonly #sink: LineSink;
  readonly #onError: (error: unknown) => void;
  readonly #flush = () => this.flush();
  #gathered = "";

  /** `onError` is told when the sink fails; the messages that it did not take are lost. */
  constructor(sink: LineSink, onError: (error: unknown) => void) {
    this.#sink = sink;
    this.#onError = onError;
  }

  /** Takes a message. It is written when the code that runs now is done, or by {@link flush}. */
  push(message: Message): void {
    const line = toLine(message);
    if (this.#gathered === "") queueMicrotask(this.#flush);
    this.#gathered += line;
    if (this.#gathered.length >= MOST_GATHERED) this.flush();
  }

  /** Writes all that was gathered, now. */
  flush(): void {
    if (this.#gathered === "") return;
    let bytes = this.#encoder.encode(this.#gathered);
    this.#gathered = "";
    try {
      while (bytes.length > 0) bytes = bytes.subarray(this.#sink.writeSync(bytes));
    } catch (error) {
      this.#onError(error);
    }
  }
}

function toLine(message: Message): string {
  try {
    return JSON.stringify(message) + "\n";
  } catch {
    // Mostly a bigint, whose digits the slower writer keeps; it throws for what is no JSON at all.
    return stringifyJson(message) + "\n";
  }
}
