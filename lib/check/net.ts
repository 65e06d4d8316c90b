/**
 * Counts messages: all, those from or to a client, and those between servers.
 *
 * The engine counts each message when it is sent and received, so a long run needs no journal in
 * memory. Distinct messages are counted by id, at one bit an id.
 *
 * @module
 */

import { type History, isClientOperation } from "../history/mod.ts";
import { float32 } from "./float32.ts";
import type { Verdict } from "./verdict.ts";

/** A journal entry: a message was sent or received. */
export interface NetEvent {
  /** Whether the message was sent or received. */
  readonly type: "send" | "recv";
  /** The message's number: 0, 1, 2, … in the order of sending. */
  readonly id: number;
  /** The sender's id. */
  readonly src: string;
  /** The receiver's id. */
  readonly dest: string;
}

interface Counts {
  sent: number;
  received: number;
  distinct: number;
}

/** The number of messages of one kind, under Maelstrom's names. */
export interface MessageCounts {
  /** The number of messages sent. */
  readonly "send-count": number;
  /** The number of messages received: a duplicate counts again, a lost message does not. */
  readonly "recv-count": number;
  /** The number of distinct messages that were sent or received. */
  readonly "msg-count": number;
}

/** Message counts, and messages per client operation; absent without operations. */
export interface MessageCountsPerOperation extends MessageCounts {
  /** The distinct messages for each operation that a client invoked. */
  readonly "msgs-per-op"?: number;
}

/** The verdict of {@link NetStatistics}; always valid. */
export interface NetVerdict extends Verdict {
  /** All messages. */
  readonly all: MessageCountsPerOperation;
  /** Messages from or to a client. */
  readonly clients: MessageCounts;
  /** Messages between servers. */
  readonly servers: MessageCountsPerOperation;
}

/** Running counts of messages. */
export class NetStatistics {
  readonly #clients: Counts = { sent: 0, received: 0, distinct: 0 };
  readonly #servers: Counts = { sent: 0, received: 0, distinct: 0 };
  #seen = new Uint32Array(256);

  /** Counts a sent message. `id` is the message's number, a small non-negative integer. */
  send(id: number, src: string, dest: string): void {
    this.#count(id, src, dest).sent++;
  }

  /** Counts a received message. */
  recv(id: number, src: string, dest: string): void {
    this.#count(id, src, dest).received++;
  }

  /**
   * Returns the counts under Maelstrom's names. `operations` is the number of operations that
   * clients invoked, final ones included; if it is 0, `msgs-per-op` is absent. An id that starts
   * with `c` is a client's; services count as servers.
   */
  verdict(operations: number): NetVerdict {
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

/** Returns the statistics of a whole journal. */
export function checkNet(events: Iterable<NetEvent>, operations: number): NetVerdict {
  const statistics = new NetStatistics();
  for (const { type, id, src, dest } of events) statistics[type](id, src, dest);
  return statistics.verdict(operations);
}

/** Counts the operations that clients invoked: the divisor of `msgs-per-op`. */
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

function countsByName({ sent, received, distinct }: Counts): MessageCounts {
  return { "send-count": sent, "recv-count": received, "msg-count": distinct };
}
