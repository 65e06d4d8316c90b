/**
 * Strategy `seq-kv`: a key per node in the sequentially consistent store.
 *
 * A node keeps the total of its own additions in memory and writes it under its own key, so no two
 * nodes ever write the same key and nothing has to be retried because of a race. Once an interval,
 * while there is something to write or someone reads, it makes one round: it writes its total,
 * together with the number of the round, and then reads everyone else's.
 *
 * Why the final reads are right every time, although seq-kv may answer a read from the past: an
 * operation that changes the store is always done on its newest state, and from then on its client
 * sees nothing older. The number of the round makes every write a change. So the reads of a round
 * see at least what was there when the round's write happened, which is later than the round began.
 * A read from a client is answered from the last round if that began less than an interval and a
 * half ago, else by a new one. Additions are written within an interval; so a read that comes later
 * than two and a half intervals after an addition counts it, which is what "eventually" means here.
 * Maelstrom's store keeps 32 states and miscounts for a client that is further behind; but all of
 * those it still has are then newer than the client's write, so that is no exception.
 *
 * An addition is acknowledged before it is written (the interval would be its latency otherwise): it
 * is lost if the node loses its memory within the interval. A total that is written twice counts
 * once, so a time-out is harmless. Under partition nothing changes: services are always reachable.
 *
 * A round is two calls, one after the other, so with messages that take L a read takes 4·L, and up to
 * 6·L if a write is under way: with 500 ms three clients get two answers a second in all, with 1,000 ms
 * every second read takes longer than a client waits, and from 1,500 ms (half the time-out of a call)
 * none is answered. Reads then fail with a time-out; additions are taken, and wait to be written.
 *
 * @module
 */

import { isJsonObject, type Json, type Node } from "../../node/mod.ts";
import type { Counter } from "./counter.ts";
import { SharedRound } from "./shared_round.ts";

/** Ten times the latency of a slow network: a call that is given up too early is never answered. */
const CALL_TIMEOUT_MS = 3000;
/** How old, in intervals, a round may be to answer a read. */
const FRESH_INTERVALS = 1.5;

/** Wires the counter; `interval` is in milliseconds. */
export function seqKvCounter(node: Node, { interval }: { readonly interval: number }): Counter {
  const rounds = new Rounds(node);
  let ticks = 0;
  let freshUntil = -1;
  let wanted = false;
  const round = async () => {
    const began = ticks;
    wanted = false;
    await rounds.make();
    freshUntil = began + FRESH_INTERVALS;
  };
  rounds.recover().catch(() => node.sometimes("the store did not answer at the start"));
  node.every(interval / 2, async () => {
    ticks += 0.5;
    if (Number.isInteger(ticks) && (rounds.dirty || wanted)) await round();
  });
  return {
    add: (delta) => rounds.add(delta),
    async read() {
      wanted = true;
      if (ticks > freshUntil) await round();
      return rounds.total;
    },
  };
}

/** What is known of another node: its total, and in which of its rounds it wrote that. */
interface Known {
  readonly total: number;
  readonly round: number;
}

const NOTHING: Known = { total: 0, round: 0 };

/** Rounds of writing one's own total and reading all others. */
class Rounds {
  readonly #node: Node;
  readonly #others = new Map<string, Known>();
  /** Writes follow one another, so that none undoes a later one; reads of two rounds may overlap. */
  readonly #writes = new SharedRound(async () => {
    await this.#write();
    return { reads: this.#readOthers() };
  });
  #own = 0;
  #written = 0;
  #number = 0;
  #recovering: Promise<void> | undefined;

  constructor(node: Node) {
    this.#node = node;
  }

  get dirty(): boolean {
    return this.#own !== this.#written;
  }

  get total(): number {
    let sum = this.#own;
    for (const { total } of this.#others.values()) sum += total;
    return sum;
  }

  add(delta: number): void {
    this.#own += delta;
  }

  /** Makes a round that begins now or later. */
  async make(): Promise<void> {
    const { reads } = await this.#writes.run();
    await reads;
  }

  async #write(): Promise<void> {
    await this.recover();
    const own = this.#own;
    const value = { total: own, round: ++this.#number };
    await this.#node.kv.seq.write(this.#node.id, value, { timeoutMs: CALL_TIMEOUT_MS });
    this.#written = own;
  }

  async #readOthers(): Promise<void> {
    const { peers, kv } = this.#node;
    await Promise.all(peers.map(async (peer) => {
      const found = known(await kv.seq.readOr(peer, null, { timeoutMs: CALL_TIMEOUT_MS }));
      const before = this.#others.get(peer) ?? NOTHING;
      if (found.round >= before.round) this.#others.set(peer, found);
    }));
  }

  /** A node that lost its memory goes on from what it had written. Does so once, however often called. */
  recover(): Promise<void> {
    this.#recovering ??= this.#recover().catch((error) => {
      this.#recovering = undefined;
      throw error;
    });
    return this.#recovering;
  }

  async #recover(): Promise<void> {
    const { id, kv } = this.#node;
    const options = { timeoutMs: CALL_TIMEOUT_MS };
    await kv.seq.write(`${id}/started`, this.#node.random(), options);
    const before = await kv.seq.readOr(id, null, options);
    const { total, round } = known(before);
    this.#own += total;
    this.#number = round;
  }
}

function known(value: Json): Known {
  return isJsonObject(value) ? { total: Number(value.total), round: Number(value.round) } : NOTHING;
}
