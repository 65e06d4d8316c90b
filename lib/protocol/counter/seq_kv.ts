/**
 * Strategy `seq-kv`: one key per node in the sequentially consistent store.
 *
 * A node keeps the total of its own additions in memory and writes it under its own key. No two
 * nodes write the same key, so no write has to be retried because of contention. The node works in
 * rounds: it writes its total with the number of the round, then reads the totals of all peers. It
 * makes a round once per interval, if there is a new total to write or a read is waiting.
 *
 * **Late writes.** A request that timed out may still take effect, however late. A node writes by
 * compare-and-set from the value that it wrote before, so a late one fails instead of replacing a newer
 * total. After a timeout it first reads what its key has.
 *
 * **Correctness of reads.** seq-kv may return an old value from a read. But a write applies to its
 * newest state, and a client never sees a state older than its own last write. The round's number
 * makes each write a change. The reads of a round therefore return at least what was stored when
 * its write took effect, which is after the round began.
 *
 * **Staleness.** A read from a client is answered from the last round if that began at most
 * {@link MAX_AGE_INTERVALS} ago, else from a new round. Additions are written within an interval.
 * So a read returns every addition that is two and a half intervals old.
 *
 * Maelstrom's seq-kv keeps 32 states in a ring, and miscounts for a client that is further behind.
 * All 32 are then newer than the client's last write, so the argument still holds.
 *
 * **Durability.** An addition is acknowledged before it is written, otherwise the interval would be
 * its latency. A node that loses its memory within the interval loses the addition. Partitions do not
 * matter, because services are always reachable.
 *
 * **Cost.** A round is two calls in sequence. A read therefore takes two round trips to the store,
 * or three if another round's write is in progress. Where that exceeds the request's deadline,
 * reads fail with a timeout, and additions wait to be written.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import { ErrorCode, hasCode, isJsonObject, type Json, type Node } from "../../node/mod.ts";
import type { Counter } from "./counter.ts";

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
  let isReadWaiting = false;
  let beganMs = -Infinity;
  const round = async () => {
    const now = node.monotonic();
    isReadWaiting = false;
    await rounds.make();
    beganMs = now;
  };
  node.every(intervalMs, async () => {
    if (rounds.isIncomplete || isReadWaiting) await round();
  });
  return {
    add: (delta) => rounds.add(delta),
    async read() {
      isReadWaiting = true;
      if (node.monotonic() - beganMs > MAX_AGE_INTERVALS * intervalMs) await round();
      return rounds.total;
    },
  };
}

/** A node's total, the incarnation that wrote it, and in which round. */
interface WrittenTotal {
  readonly total: number;
  readonly round: number;
  readonly by: string;
}

const NOTHING_WRITTEN: WrittenTotal = { total: 0, round: 0, by: "" };
/** The limit of each call to the store. */
const CALL = { timeoutMs: RETRANSMISSION_TIMEOUT_MS };

/** The rounds of one node. */
class Rounds {
  readonly #node: Node;
  readonly #peerTotals = new Map<string, WrittenTotal>();
  #ownTotal = 0;
  /** What this node's key has, as far as is known; undefined before it was read. */
  #written: WrittenTotal | undefined;
  /** Whether `#written` may be wrong: a write has no reply yet. */
  #isInDoubt = false;
  /** Resolves when the current write has ended, with or without an error. The reads may overlap. */
  #writing: Promise<unknown>;
  #isWriting = false;
  #next: Promise<void> | undefined;

  constructor(node: Node) {
    this.#node = node;
    // The first write waits for it, and repeats it if it failed.
    this.#writing = this.#readOwn().catch(() => {
      node.sometimes("the store did not reply at the start");
    });
  }

  /** Whether additions may not be written yet, or those of an earlier incarnation are not known yet. */
  get isIncomplete(): boolean {
    return this.#isInDoubt || this.#ownTotal !== this.#written?.total;
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

  /**
   * Makes a round that begins now or later. All calls before it begins share it, as in a group commit.
   * Rejects with an {@link RpcError} if a call fails.
   */
  make(): Promise<void> {
    return this.#next ??= this.#begin(this.#writing);
  }

  async #begin(previous: Promise<unknown>): Promise<void> {
    await previous;
    invariant(!this.#isWriting, "writes do not overlap");
    this.#isWriting = true;
    this.#next = undefined;
    const write = this.#write().finally(() => this.#isWriting = false);
    this.#writing = write.catch(() => {});
    await write;
    await this.#readPeers();
  }

  async #write(): Promise<void> {
    for (;;) {
      const known = this.#isInDoubt ? undefined : this.#written;
      try {
        return await this.#replace(known ?? await this.#readOwn());
      } catch (error) {
        if (!hasCode(error, ErrorCode.preconditionFailed)) throw error;
        this.#node.sometimes("an earlier write of a total took effect late");
      }
    }
  }

  /** Reads what this node's key has: also the total that an earlier incarnation wrote. */
  async #readOwn(): Promise<WrittenTotal> {
    const { id, incarnation, kv } = this.#node;
    // A write of a fresh value, so that the read returns the newest total.
    await kv.seq.write(`${id}/started`, this.#node.random(), CALL);
    const found = toWrittenTotal(await kv.seq.readOr(id, null, CALL));
    // A late write of an earlier incarnation has additions that this one did not know of.
    if (found.by !== incarnation) this.#ownTotal += found.total - (this.#written?.total ?? 0);
    return this.#written = found;
  }

  /** Replaces the value of this node's key, if that is still as it was known. */
  async #replace(before: WrittenTotal): Promise<void> {
    const { id, incarnation, kv } = this.#node;
    const next = { total: this.#ownTotal, round: before.round + 1, by: incarnation };
    this.#isInDoubt = true;
    if (before === NOTHING_WRITTEN) await kv.seq.create(id, next, CALL);
    else await kv.seq.cas(id, { ...before }, next, CALL);
    this.#written = next;
    this.#isInDoubt = false;
  }

  async #readPeers(): Promise<void> {
    const { peers, kv } = this.#node;
    await Promise.all(peers.map(async (peer) => {
      const found = toWrittenTotal(await kv.seq.readOr(peer, null, CALL));
      // The reads of two rounds may overlap, so an older value can arrive after a newer one.
      const current = this.#peerTotals.get(peer) ?? NOTHING_WRITTEN;
      if (found.round >= current.round) this.#peerTotals.set(peer, found);
    }));
  }
}

function toWrittenTotal(value: Json): WrittenTotal {
  if (!isJsonObject(value)) return NOTHING_WRITTEN;
  return { total: Number(value.total), round: Number(value.round), by: String(value.by) };
}
