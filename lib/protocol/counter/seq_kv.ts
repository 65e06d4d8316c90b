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
 *
 * An addition is acknowledged before it is written (the interval would be its latency otherwise): it
 * is lost if the node loses its memory within the interval. A total that is written twice counts
 * once, so a time-out is harmless. Under partition nothing changes: services are always reachable.
 *
 * @module
 */

import { isJsonObject, type Json, type Node } from "../../node/mod.ts";
import type { Counter } from "./counter.ts";

const CALL_TIMEOUT_MS = 1000;
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

/** Rounds of writing one's own total and reading all others. */
class Rounds {
  readonly #node: Node;
  readonly #others = new Map<string, number>();
  #own = 0;
  #written = 0;
  #number = 0;
  #underWay: Promise<void> | undefined;

  constructor(node: Node) {
    this.#node = node;
  }

  get dirty(): boolean {
    return this.#own !== this.#written;
  }

  get total(): number {
    let sum = this.#own;
    for (const total of this.#others.values()) sum += total;
    return sum;
  }

  add(delta: number): void {
    this.#own += delta;
  }

  /** Makes a round that begins now or later; callers that come while one is under way share the next. */
  async make(): Promise<void> {
    if (this.#underWay !== undefined) await this.#underWay.catch(() => {});
    this.#underWay ??= this.#round().finally(() => this.#underWay = undefined);
    await this.#underWay;
  }

  async #round(): Promise<void> {
    const { id, peers, kv } = this.#node;
    const options = { timeout: CALL_TIMEOUT_MS };
    if (this.#number === 0) await this.#recover();
    const own = this.#own;
    await kv.seq.write(id, { total: own, round: ++this.#number }, options);
    this.#written = own;
    await Promise.all(peers.map(async (peer) => {
      this.#others.set(peer, totalOf(await kv.seq.readOr(peer, null, options)));
    }));
  }

  /** A node that lost its memory goes on from what it had written. */
  async #recover(): Promise<void> {
    const { id, kv } = this.#node;
    const options = { timeout: CALL_TIMEOUT_MS };
    await kv.seq.write(`${id}/started`, this.#node.random(), options);
    const before = await kv.seq.readOr(id, null, options);
    this.#own += totalOf(before);
    this.#number = isJsonObject(before) ? Number(before.round) : 0;
  }
}

function totalOf(value: Json): number {
  return isJsonObject(value) ? Number(value.total) : 0;
}
