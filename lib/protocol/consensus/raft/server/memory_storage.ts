/**
 * A storage in memory, for tests and examples.
 *
 * @module
 */

import type { Storage } from "./replica.ts";

/** Keeps everything as long as the object exists: a member that restarts on it has its log again. */
export class MemoryStorage implements Storage {
  #snapshot: Uint8Array | undefined;
  #records: Uint8Array[] = [];

  recover(): ReturnType<Storage["recover"]> {
    return Promise.resolve({ snapshot: this.#snapshot, records: [...this.#records] });
  }

  append(record: Uint8Array): void {
    this.#records.push(record);
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  replace(snapshot: Uint8Array, records: readonly Uint8Array[] = []): Promise<void> {
    this.#snapshot = snapshot;
    this.#records = [...records];
    return Promise.resolve();
  }
}
