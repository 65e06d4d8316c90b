/**
 * A node's output, buffered and written in order.
 *
 * One write per message would cost more than everything else that a node does, and an asynchronous
 * write costs a context switch. The node therefore buffers messages during one turn of the event
 * loop and writes them with one synchronous write. If the reader of the pipe falls behind, the
 * write blocks until the reader catches up, so the buffer is bounded.
 *
 * Invariant: each pushed line is written once, whole and in order, or the reader is gone.
 *
 * @module
 */

import { invariant, stringifyJson } from "../base/mod.ts";
import type { Message } from "../wire/mod.ts";

/** A pipe's capacity in bytes; a larger buffer would not save writes. */
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

  /** Calls `onError` when the sink fails; the messages of that write are lost. */
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
      while (bytes.length > 0) {
        const length = this.#sink.writeSync(bytes);
        invariant(length > 0 && length <= bytes.length, "a write takes a prefix of its bytes");
        bytes = bytes.subarray(length);
      }
    } catch (error) {
      this.#onError(error);
    }
  }
}

function toLine(message: Message): string {
  try {
    return JSON.stringify(message) + "\n";
  } catch {
    // Usually a bigint, whose digits the slower writer keeps. It throws for a value that is not
    // JSON.
    return stringifyJson(message) + "\n";
  }
}
