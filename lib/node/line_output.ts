/**
 * A node's output, buffered and written in order.
 *
 * One write per message would cost more than everything else that a node does, and an asynchronous
 * write costs a change of threads. Messages are therefore buffered during one turn of the event loop
 * and written with one synchronous write. A node whose reader falls behind waits for it, as `cat` on a
 * pipe does, instead of buffering without bound.
 *
 * Invariant: each pushed line is written once, whole and in order, or the reader is gone.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import type { Message } from "../wire/mod.ts";

/** A pipe's capacity: buffering more saves nothing. */
const MAX_BUFFERED_LENGTH = 64 * 1024;
/** A byte sink, such as stdout. */
export interface LineSink {
  /** Writes a prefix of these bytes and returns its length. */
  writeSync(bytes: Uint8Array): number;
}

/** Writes messages to a sink, one a line. */
export class LineOutput {
  readonly #encoder = new TextEncoder();
  readonly #sink: LineSink;
  readonly #onError: (error: unknown) => void;
  readonly #flush = () => this.flush();
  #buffered = "";

  /** `onError` is called when the sink fails; messages that it did not take are lost. */
  constructor(sink: LineSink, onError: (error: unknown) => void) {
    this.#sink = sink;
    this.#onError = onError;
  }

  /** Buffers a message until the current turn of the event loop ends, or until {@link flush}. */
  push(message: Message): void {
    const line = toLine(message);
    if (this.#buffered === "") queueMicrotask(this.#flush);
    this.#buffered += line;
    if (this.#buffered.length >= MAX_BUFFERED_LENGTH) this.flush();
  }

  /** Writes all buffered messages now. */
  flush(): void {
    if (this.#buffered === "") return;
    let bytes = this.#encoder.encode(this.#buffered);
    this.#buffered = "";
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
    // Usually a bigint, whose digits the slower writer keeps. It throws for a value that is not JSON.
    return stringifyJson(message) + "\n";
  }
}
