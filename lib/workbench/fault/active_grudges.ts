/**
 * The grudges of the faults that partition the network, several of which can be active.
 *
 * @module
 */

import type { Grudge } from "./grudge.ts";

/** The active grudges by fault. */
export class ActiveGrudges {
  readonly #grudges = new Map<string, Grudge>();

  /** Replaces a fault's grudge. */
  replace(fault: string, grudge: Grudge): void {
    this.#grudges.set(fault, grudge);
  }

  /** Returns the senders whose messages a node drops. */
  droppedBy(node: string): string[] {
    const senders = [...this.#grudges.values()].flatMap((grudge) => grudge[node] ?? []);
    return [...new Set(senders)];
  }
}
