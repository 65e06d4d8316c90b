/**
 * The batches that some neighbour may lack, in the order in which they are sent.
 *
 * A neighbour acknowledges versions. The journal is truncated to the batches after the lowest version
 * that all neighbours have acknowledged. A neighbour that lost its memory then needs a snapshot.
 *
 * Invariants: versions strictly increase along the journal, and the journal contains every batch
 * recorded after version `start`.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import type { NumberedBatch } from "./batch_delta.ts";

interface JournalItem extends NumberedBatch {
  readonly version: number;
}

/** A log of batches by version, truncated at the start. */
export class BatchJournal {
  readonly #items: JournalItem[] = [];
  #version = 0;
  /** A neighbour that has not acknowledged this version needs a snapshot. */
  #start = 0;

  /** The number of changes. */
  get version(): number {
    return this.#version;
  }

  /** Records a change: a batch, or something that every message contains. */
  record(batch?: NumberedBatch): void {
    this.#version++;
    if (batch === undefined) return;
    invariant(
      (this.#items.at(-1)?.version ?? this.#start) < this.#version,
      "versions strictly increase along the journal",
    );
    this.#items.push({ ...batch, version: this.#version });
  }

  /** Returns the batches after a version; undefined if the journal lacks some of them. */
  since(version: number): NumberedBatch[] | undefined {
    if (version < this.#start) return undefined;
    return this.#items.filter((item) => item.version > version);
  }

  /** Removes the batches up to a version, which all neighbours have, and returns them. */
  truncate(version: number): NumberedBatch[] {
    const end = this.#items.findIndex((item) => item.version > version);
    const removed = this.#items.splice(0, end < 0 ? this.#items.length : end);
    this.#start = Math.max(this.#start, removed.at(-1)?.version ?? 0);
    invariant(
      this.#start <= this.#version,
      "only recorded changes are removed from the journal",
    );
    return removed;
  }

  /**
   * Notes that there is state: a neighbour without any needs a snapshot, also when the journal is
   * empty.
   */
  requireSnapshotForNew(): void {
    this.#version = Math.max(this.#version, 1);
    this.#start = Math.max(this.#start, 1);
  }

  /** Makes all neighbours need a snapshot. */
  requireSnapshot(): void {
    this.#start = ++this.#version;
  }
}
