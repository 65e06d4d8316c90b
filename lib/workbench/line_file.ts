/**
 * A file of lines that grows during a run.
 *
 * @module
 */

import type { LinePiece } from "../history/mod.ts";

const FLUSH_THRESHOLD_CHARACTERS = 64 * 1024;
/** Lines are in the file after this time at the latest, if others follow. */
const FLUSH_INTERVAL_MS = 1000;

/** Bound here, since a line may be written in a simulated node's turn, in which clocks are virtual. */
const nowMs = performance.now.bind(performance);

/** How a file is written. */
export interface LineFileOptions {
  /** Writes in a microtask, so that the file can be read during the run. */
  readonly promptly?: boolean;
}

/**
 * A file that lines are appended to, in large blocks. `write` never throws: the first failure is
 * reported, and the file then ignores all further lines.
 */
export class LineFile {
  readonly #path: string;
  readonly #onFailure: (path: string, error: Error) => void;
  readonly #file: Deno.FsFile | undefined;
  readonly #promptly: boolean;
  readonly #encoder = new TextEncoder();
  #text = "";
  #flushedMs = nowMs();
  #bytes = 0;
  /** Whether further lines are ignored. */
  #ended = false;
  #closed = false;

  /** Creates the file. */
  constructor(
    path: string,
    onFailure: (path: string, error: Error) => void,
    { promptly = false }: LineFileOptions = {},
  ) {
    this.#path = path;
    this.#onFailure = onFailure;
    this.#promptly = promptly;
    this.#file = this.#attempt(() => Deno.createSync(path));
  }

  /** The number of bytes that were written to the file; lines that wait to be written do not count. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Appends a line, given as its pieces. Ignores it once the file is closed: a child process of a
   * node may have left its process group, and still write after the node ended.
   */
  write(...pieces: readonly LinePiece[]): void {
    if (this.#ended) return;
    if (this.#promptly && this.#text === "") queueMicrotask(() => this.#flush());
    for (const piece of pieces) {
      if (typeof piece === "string") this.#text += piece;
      else {
        this.#flush();
        this.#writeBytes(piece);
      }
    }
    this.#text += "\n";
    const isDue = this.#text.length >= FLUSH_THRESHOLD_CHARACTERS ||
      nowMs() - this.#flushedMs >= FLUSH_INTERVAL_MS;
    if (isDue) this.#flush();
  }

  /** Writes what is left and closes the file. */
  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#ended = this.#closed = true;
    this.#file?.close();
  }

  /** Closes and removes the file. */
  remove(): void {
    this.#attempt(() => Deno.removeSync(this.#path));
    this.close();
  }

  #flush(): void {
    this.#flushedMs = nowMs();
    if (this.#text === "") return;
    const bytes = this.#encoder.encode(this.#text);
    this.#text = "";
    this.#writeBytes(bytes);
  }

  #writeBytes(bytes: Uint8Array): void {
    this.#attempt(() => {
      for (let position = 0; position < bytes.length && this.#file !== undefined;) {
        position += this.#file.writeSync(bytes.subarray(position));
      }
      this.#bytes += bytes.length;
    });
  }

  #attempt<T>(action: () => T): T | undefined {
    if (this.#ended) return undefined;
    try {
      return action();
    } catch (error) {
      this.#ended = true;
      this.#onFailure(this.#path, error as Error);
      return undefined;
    }
  }
}
