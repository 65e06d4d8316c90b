/**
 * Strategy `seq-kv`: one key per node in the sequentially consistent store.
 *
 * A node keeps the total of its own additions in memory and writes it under its own key. No two
 * nodes write the same key, so no write has to be retried because of contention. The node works in
 * rounds: it writes its total with the number of the round, then reads the totals of all peers. It
 * makes a round once per interval, if there is a new total to write or a read is waiting.
 *
 * **Correctness of reads.** seq-kv may return an old value from a read. But a write applies to its
 * newest state, and a client never sees a state older than its own last write. The round's number
 * makes each write a change. The reads of a round therefore return at least what was stored when
 * its write took effect, which is after the round began.
 *
 * **Staleness.** A read from a client is answered from the last round if that began less than
 * {@link MAX_AGE_INTERVALS} ago, else from a new round. Additions are written within an interval.
 * So a read returns every addition that is two and a half intervals old.
 *
 * Maelstrom's seq-kv keeps 32 states in a ring, and miscounts for a client that is further behind.
 * All 32 are then newer than the client's last write, so the argument still holds.
 *
 * **Durability.** An addition is acknowledged before it is written, otherwise the interval would be
 * its latency. A node that loses its memory within the interval loses the addition. A total that is
 * written twice counts once, so a write that times out may be repeated. Partitions do not matter,
 * because services are always reachable.
 *
 * **Cost.** A round is two calls in sequence. A read therefore takes two round trips to the store,
 * or three if another round's write is in progress. Where that exceeds the request's deadline,
 * reads fail with a timeout, and additions wait to be written.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import { isJsonObject, type Json, type Node } from "../../node/mod.ts";
import type { Counter } from "./counter.ts";
import { SharedRound } from "./shared_round.ts";

/**
 * How long a call waits for the store; the next round repeats it. Clients' requests share a round,
 * so no `request.signal` ends it.
 */
const RETRANSMISSION_TIMEOUT_MS = 3000;
/** How many intervals ago a round may have begun to answer a read. */
const MAX_AGE_INTERVALS = 1.5;

/** Starts the counter on a node; `intervalMs` is the time between two rounds. */
export function seqKvCounter(
  node: Node,
  { intervalMs }: { readonly intervalMs: number },
): Counter {
  const rounds = new Rounds(node);
  /** The time since the start, in intervals. */
  let elapsed = 0;
  let freshUntil = -1;
  let isReadWaiting = false;
  const round = async () => {
    const began = elapsed;
    isReadWaiting = false;
    await rounds.make();
    freshUntil = began + MAX_AGE_INTERVALS;
  };
  rounds.recover().catch(() => node.sometimes("the store did not reply at the start"));
  node.every(intervalMs / 2, async () => {
    elapsed += 0.5;
    if (Number.isInteger(elapsed) && (rounds.hasUnwritten || isReadWaiting)) await round();
  });
  return {
    add: (delta) => rounds.add(delta),
    async read() {
      isReadWaiting = true;
      if (elapsed > freshUntil) await round();
      return rounds.total;
    },
  };
}

/** A node's total, and the number of the round in which the node wrote it. */
interface WrittenTotal {
  readonly total: number;
  readonly round: number;
}

const NOTHING_WRITTEN: WrittenTotal = { total: 0, round: 0 };

/** The rounds of one node. */
class Rounds {
  readonly #node: Node;
  readonly #peerTotals = new Map<string, WrittenTotal>();
  /**
   * Writes do not overlap, so that none undoes a later one. The reads of two rounds may overlap.
   */
  readonly #writes = new SharedRound(async () => {
    await this.#write();
    return { reads: this.#readPeers() };
  });
  #ownTotal = 0;
  #writtenTotal = 0;
  #round = 0;
  #recovery: Promise<void> | undefined;

  constructor(node: Node) {
    this.#node = node;
  }

  /** Whether there are additions that are not written yet. */
  get hasUnwritten(): boolean {
    return this.#ownTotal !== this.#writtenTotal;
  }

  /** The sum of this node's total and the totals last read of its peers. */
  get total(): number {
    let sum = this.#ownTotal;
    for (const { total } of this.#peerTotals.values()) sum += total;
    return sum;
  }

  add(delta: number): void {
    this.#ownTotal += delta;
  }

  /** Makes a round that begins now or later. Rejects with an {@link RpcError} if a call fails. */
  async make(): Promise<void> {
    const { reads } = await this.#writes.run();
    await reads;
  }

  /**
   * Restores the total that a previous incarnation of this node wrote. Does so once; repeats it if
   * it failed.
   */
  recover(): Promise<void> {
    this.#recovery ??= this.#recover().catch((error) => {
      this.#recovery = undefined;
      throw error;
    });
    return this.#recovery;
  }

  async #recover(): Promise<void> {
    const { id, kv } = this.#node;
    const options = { timeoutMs: RETRANSMISSION_TIMEOUT_MS };
    // A write of a fresh value, so that the read returns the newest total.
    await kv.seq.write(`${id}/started`, this.#node.random(), options);
    const { total, round } = toWrittenTotal(await kv.seq.readOr(id, null, options));
    invariant(this.#round === 0, "a node writes its total only after it has recovered");
    this.#ownTotal += total;
    this.#round = round;
  }

  async #write(): Promise<void> {
    await this.recover();
    const total = this.#ownTotal;
    const value = { total, round: ++this.#round };
    await this.#node.kv.seq.write(this.#node.id, value, { timeoutMs: RETRANSMISSION_TIMEOUT_MS });
    this.#writtenTotal = total;
  }

  async #readPeers(): Promise<void> {
    const { peers, kv } = this.#node;
    await Promise.all(peers.map(async (peer) => {
      const value = await kv.seq.readOr(peer, null, { timeoutMs: RETRANSMISSION_TIMEOUT_MS });
      const found = toWrittenTotal(value);
      // The reads of two rounds may overlap, so an older value can arrive after a newer one.
      const current = this.#peerTotals.get(peer) ?? NOTHING_WRITTEN;
      if (found.round >= current.round) this.#peerTotals.set(peer, found);
    }));
  }
}

function toWrittenTotal(value: Json): WrittenTotal {
  return isJsonObject(value)
    ? { total: Number(value.total), round: Number(value.round) }
    : NOTHING_WRITTEN;
}
