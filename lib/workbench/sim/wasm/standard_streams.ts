/**
 * The standard streams of a program that reads and writes bytes: messages come in as lines of JSON,
 * lines of stdout go out as messages, lines of stderr to the node's log.
 *
 * @module
 */

import { stringifyJson } from "../../../base/mod.ts";
import { LineFramer, type RawMessage } from "../../../wire/mod.ts";
import type { GuestNode } from "../guest.ts";

/** The file descriptors of the standard streams. */
export const STDIN = 0;
export const STDOUT = 1;
export const STDERR = 2;

const encoder = new TextEncoder();

/** The standard streams of one incarnation of a node. Its stdin never ends. */
export class StandardStreams {
  readonly #node: GuestNode;
  readonly #stdout = new LineFramer();
  readonly #stderr = new LineFramer();
  readonly #input: Uint8Array[] = [];

  /** Starts with an empty stdin. */
  constructor(node: GuestNode) {
    this.#node = node;
  }

  /** Whether a read would return bytes now. */
  get hasInput(): boolean {
    return this.#input.length > 0;
  }

  /** Adds a message to stdin. */
  add(message: RawMessage): void {
    this.#input.push(encoder.encode(`${stringifyJson(message)}\n`));
  }

  /**
   * Moves bytes of stdin into a buffer, at most to the end of a message; returns how many. So a
   * program that reads large chunks still handles one message after the other.
   */
  read(buffer: Uint8Array): number {
    const [message] = this.#input;
    if (message === undefined) return 0;
    const length = Math.min(message.length, buffer.length);
    buffer.set(message.subarray(0, length));
    if (length === message.length) this.#input.shift();
    else this.#input[0] = message.subarray(length);
    return length;
  }

  /** Writes bytes to stdout or stderr. */
  write(descriptor: number, bytes: Uint8Array): void {
    if (descriptor === STDOUT) {
      for (const line of this.#stdout.push(bytes)) this.#node.print(line);
    } else {
      for (const line of this.#stderr.push(bytes)) this.#node.log(line);
    }
  }

  /** Writes the last lines, which have no newline, when the program exits. */
  flush(): void {
    for (const line of this.#stdout.end()) this.#node.print(line);
    for (const line of this.#stderr.end()) this.#node.log(line);
  }
}
