/**
 * The standard streams of a program that reads and writes bytes: messages come in as lines of JSON,
 * lines of stdout go out as messages, lines of stderr to the node's log.
 *
 * @module
 */

import { isJsonObject, stringifyJson } from "../../../base/mod.ts";
import { LineFramer, type RawMessage } from "../../../wire/mod.ts";
import type { GuestNode } from "../guest.ts";

/** The file descriptors of the standard streams. */
export const STDIN = 0;
export const STDOUT = 1;
export const STDERR = 2;

const MAX_ASCII = 0x7f;

const encoder = new TextEncoder();

/** How long clients wait for a reply. A program that is stuck for as long is named in its log. */
const STUCK_MS = 5_000;

/** The standard streams of one incarnation of a node. Its stdin never ends. */
export class StandardStreams {
  readonly #node: GuestNode;
  readonly #stdout = new LineFramer();
  readonly #stderr = new LineFramer();
  /** The messages that are not read; bytes of one that is read in part. */
  readonly #input: (string | Uint8Array)[] = [];
  /** When the program last read input, or the first message arrived after it had read all. */
  #unreadSinceMs = 0;
  /** When the first request arrived since the program last wrote to stdout. */
  #silentSinceMs = Infinity;

  /** Starts with an empty stdin. */
  constructor(node: GuestNode) {
    this.#node = node;
  }

  /** Whether a read would return bytes now. */
  get hasInput(): boolean {
    return this.#input.length > 0;
  }

  /** Whether the program has read nothing for 5 s, although there is input. */
  get isUnread(): boolean {
    return this.hasInput && this.#node.monotonic() - this.#unreadSinceMs >= STUCK_MS;
  }

  /** Whether the program has written nothing to stdout for 5 s since a request arrived. */
  get isSilent(): boolean {
    return this.#node.monotonic() - this.#silentSinceMs >= STUCK_MS;
  }

  /** Adds a message to stdin. */
  add(message: RawMessage): void {
    const nowMs = this.#node.monotonic();
    if (!this.hasInput) this.#unreadSinceMs = nowMs;
    if (isJsonObject(message.body) && message.body.msg_id !== undefined) {
      this.#silentSinceMs = Math.min(this.#silentSinceMs, nowMs);
    }
    this.#input.push(`${stringifyJson(message)}\n`);
  }

  /**
   * Moves bytes of stdin into a buffer, at most to the end of a message; returns how many. So a
   * program that reads large chunks still handles one message after the other.
   */
  read(buffer: Uint8Array): number {
    const [first] = this.#input;
    if (first === undefined) return 0;
    this.#unreadSinceMs = this.#node.monotonic();
    if (typeof first === "string" && copyAscii(first, buffer)) {
      this.#input.shift();
      return first.length;
    }
    const message = typeof first === "string" ? encoder.encode(first) : first;
    const length = Math.min(message.length, buffer.length);
    buffer.set(message.subarray(0, length));
    if (length === message.length) this.#input.shift();
    else this.#input[0] = message.subarray(length);
    return length;
  }

  /** Writes bytes to stdout or stderr. */
  write(descriptor: number, bytes: Uint8Array): void {
    if (descriptor === STDOUT) {
      this.#silentSinceMs = Infinity;
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

/**
 * Copies a text as UTF-8 if it fits and is ASCII, as most messages are; returns whether it did. For
 * short texts this takes a fraction of the time of an encoder.
 */
function copyAscii(text: string, target: Uint8Array): boolean {
  if (text.length > target.length) return false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > MAX_ASCII) return false;
    target[index] = code;
  }
  return true;
}
