/**
 * Counts messages: between all, those from or to a client, and those between servers.
 *
 * The engine feeds it as messages pass, so that a long run needs no journal in memory; a message is
 * told by its id, of which one bit is kept.
 *
 * @module
 */

import { type History, isClientOperation } from "../history/mod.ts";
import { float32 } from "./float32.ts";
import type { Verdict } from "./verdict.ts";

/** A message sent or received, as the journal has it. */
export interface NetEvent {
  readonly type: "send" | "recv";
  /** The message's number: 0, 1, 2, … as they are sent. */
  readonly id: number;
  readonly src: string;
  readonly dest: string;
}

interface Counts {
  sent: number;
  received: number;
  distinct: number;
}

/** Counts messages as they pass. */
export class NetStatistics {
  readonly #clients: Counts = { sent: 0, received: 0, distinct: 0 };
  readonly #servers: Counts = { sent: 0, received: 0, distinct: 0 };
  #seen = new Uint32Array(256);

  /** Counts a message that was sent. `id` is its number, a small non-negative integer. */
  send(id: number, src: string, dest: string): void {
    this.#count(id, src, dest).sent++;
  }

  /** Counts a message that was received. */
  recv(id: number, src: string, dest: string): void {
    this.#count(id, src, dest).received++;
  }

  /**
   * The counts under Maelstrom's names. `operations` is how many operations clients invoked, final
   * ones included; with none there is no `msgs-per-op`. Services are servers; a client is who has an
   * id that begins with c.
   */
  verdict(operations: number): Verdict {
    const { sent, received, distinct } = this.#clients;
    const all = {
      sent: sent + this.#servers.sent,
      received: received + this.#servers.received,
      distinct: distinct + this.#servers.distinct,
    };
    const perOperation = ({ distinct }: Counts) =>
      operations === 0 ? {} : { "msgs-per-op": float32(distinct / operations) };
    return {
      "valid?": true,
      all: { ...countsByName(all), ...perOperation(all) },
      clients: countsByName(this.#clients),
      servers: { ...countsByName(this.#servers), ...perOperation(this.#servers) },
    };
  }

  #count(id: number, src: string, dest: string): Counts {
    const counts = isClient(src) || isClient(dest) ? this.#clients : this.#servers;
    if (this.#isNew(id)) counts.distinct++;
    return counts;
  }

  #isNew(id: number): boolean {
    const word = id >>> 5;
    const bit = 1 << (id & 31);
    if (word >= this.#seen.length) {
      const grown = new Uint32Array(Math.max(2 * this.#seen.length, word + 1));
      grown.set(this.#seen);
      this.#seen = grown;
    }
    const seen = this.#seen[word] as number;
    if ((seen & bit) !== 0) return false;
    this.#seen[word] = seen | bit;
    return true;
  }
}

/** The statistics of a whole journal. */
export function checkNet(events: Iterable<NetEvent>, operations: number): Verdict {
  const statistics = new NetStatistics();
  for (const { type, id, src, dest } of events) statistics[type](id, src, dest);
  return statistics.verdict(operations);
}

/** How many operations clients invoked: what `msgs-per-op` divides by. */
export function countInvocations(history: History): number {
  let count = 0;
  for (const operation of history) {
    if (operation.type === "invoke" && isClientOperation(operation)) count++;
  }
  return count;
}

function isClient(id: string): boolean {
  return id.startsWith("c");
}

function countsByName({ sent, received, distinct }: Counts): Record<string, number> {
  return { "send-count": sent, "recv-count": received, "msg-count": distinct };
}
