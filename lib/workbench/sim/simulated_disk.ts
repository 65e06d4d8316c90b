/**
 * A simulated disk with one file. It outlives the node that writes it.
 *
 * As on a real machine, bytes that a node has written survive the end of its process, but only those
 * that an fsync has covered survive a loss of power. The file is then cut somewhere after the last
 * byte that is durable. Invariant: durable bytes are a beginning of the file.
 *
 * Operations take time, complete in the order of their calls, and are forgotten when their process
 * ends: an fsync in progress covers nothing, a replacement in progress has happened or not.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import type { Disk } from "../../node/storage/mod.ts";

/** What chance decides about a disk. */
export interface DiskChance {
  /** Returns how many milliseconds the next operation takes. */
  latencyMs(): number;
  /** Returns whether a replacement happened during which its process ended. */
  isReplaced(): boolean;
}

/** The process that uses a disk. */
export interface DiskUser {
  /** Whether the process still runs; an ended one has no effect on the disk. */
  isRunning(): boolean;
  /** Milliseconds since any moment. */
  now(): number;
  /** Runs `fn` after a delay, also when the process has ended meanwhile. */
  after(delayMs: number, fn: () => void): void;
  /** Continues the process when an operation has completed. */
  resume(fn: () => void): void;
}

/** Something that happens during an operation. */
interface Interruption {
  /** When it happens: a fraction of the operation's duration. */
  readonly fraction: number;
  readonly run: () => void;
}

/** The disk of one simulated machine. */
export class SimulatedDisk {
  readonly #chance: DiskChance;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #durableBytes = 0;
  /** Applies the replacement in progress. */
  #replacement: (() => void) | undefined;
  /** The number of processes that have opened the disk. */
  #processes = 0;
  /** What happens during the next fsync or replacement. */
  readonly #interruptions = new Set<Interruption>();

  constructor(chance: DiskChance) {
    this.#chance = chance;
  }

  /** All bytes of the file. */
  get bytes(): Uint8Array {
    if (this.#chunks.length !== 1) this.#chunks = [concatenate(this.#chunks, this.#length)];
    return this.#chunks[0] as Uint8Array;
  }

  /** The number of bytes at the beginning of the file that are durable. */
  get durableBytes(): number {
    return this.#durableBytes;
  }

  /** Opens the disk for a new process; the previous one has ended. */
  open(user: DiskUser): Disk {
    const opened = ++this.#processes;
    const isCurrent = () => opened === this.#processes;
    let lastCompletionMs = 0;
    const complete = <T>(effect: () => T, changes = false): Promise<T> => {
      const nowMs = user.now();
      lastCompletionMs = Math.max(lastCompletionMs, nowMs + this.#chance.latencyMs());
      if (changes && isCurrent()) this.beginSync(user, lastCompletionMs - nowMs);
      return new Promise((resolve) => {
        user.after(lastCompletionMs - nowMs, () => {
          if (!isCurrent()) return;
          const result = effect();
          user.resume(() => resolve(result));
        });
      });
    };
    return {
      name: "the simulated disk",
      read: () => complete(() => this.bytes.slice()),
      write: (bytes) => {
        if (!isCurrent() || !user.isRunning()) return;
        this.#chunks.push(bytes.slice());
        this.#length += bytes.length;
      },
      sync: () => {
        const length = this.#length;
        return complete(() => {
          this.#durableBytes = Math.max(this.#durableBytes, length);
        }, length > this.#durableBytes);
      },
      truncate: (length) => complete(() => this.#set(this.bytes.slice(0, length))),
      replace: (bytes) => {
        if (isCurrent() && user.isRunning()) this.#replacement = () => this.#set(bytes.slice());
        return complete(() => this.#endReplacement(true), true);
      },
    };
  }

  /**
   * Calls `run` once, during the next operation that makes something durable: after a fraction of its
   * duration, in [0, 1). Returns a function that cancels this.
   */
  interrupt(fraction: number, run: () => void): () => void {
    const interruption = { fraction, run };
    this.#interruptions.add(interruption);
    return () => void this.#interruptions.delete(interruption);
  }

  /** Begins an operation that makes something durable, so that an interruption can happen in it. */
  beginSync(user: DiskUser, durationMs: number): void {
    for (const interruption of this.#interruptions) {
      const { fraction, run } = interruption;
      this.#interruptions.delete(interruption);
      user.after(fraction * durationMs, run);
    }
  }

  /** Ends the process that uses the disk; the operating system keeps what it has written. */
  endProcess(): void {
    this.#processes++;
    if (this.#replacement !== undefined) this.#endReplacement(this.#chance.isReplaced());
  }

  /**
   * Cuts the machine's power. `choose` receives the bytes that are not durable, and returns how many
   * of them survive.
   */
  losePower(choose: (unsynced: Uint8Array) => number): void {
    this.endProcess();
    const unsynced = this.bytes.subarray(this.#durableBytes);
    const surviving = choose(unsynced);
    invariant(surviving >= 0 && surviving <= unsynced.length, "only existing bytes survive");
    this.#set(this.bytes.slice(0, this.#durableBytes + surviving));
  }

  /** Damages one byte. */
  flipByte(offset: number): void {
    const { bytes } = this;
    invariant(offset < bytes.length, "a damaged byte is in the file");
    bytes[offset] = bytes[offset] as number ^ 0xff;
  }

  #endReplacement(succeeds: boolean): void {
    if (succeeds) this.#replacement?.();
    this.#replacement = undefined;
  }

  /** Sets the file's durable contents. */
  #set(bytes: Uint8Array): void {
    this.#chunks = [bytes];
    this.#length = this.#durableBytes = bytes.length;
  }
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
