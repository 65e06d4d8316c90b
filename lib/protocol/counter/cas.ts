/**
 * Strategy `cas`: one key that all nodes share in seq-kv, changed by compare-and-set.
 *
 * Additions that come while a node's compare-and-set is under way are summed up and go with the
 * next. Why it is right: a compare-and-set that succeeds has been done on the newest state, whatever
 * the read before it saw; one that fails is repeated from a fresh read. When one times out, nobody
 * knows whether it happened: repeating it might count it twice. Each write therefore carries the
 * number of the last change of each node, and a node that is unsure looks there before it goes on.
 *
 * A read must not be answered from the past, so it begins with a write of something new under the
 * node's own key, which takes the node's view of the store to the newest state. All nodes fight for
 * one key, so this costs the most messages and grows worse with every node; it is here to compare.
 * With messages that take 500 ms some additions fail with a time-out, though they are made sooner or
 * later; from 1,500 ms (half the time-out of a call) all reads and additions do.
 *
 * @module
 */

import { Backoff } from "../../base/mod.ts";
import { ErrorCode, hasCode, isJsonObject, type Json, type Node } from "../../node/mod.ts";
import type { Counter } from "./counter.ts";
import { SharedRound } from "./shared_round.ts";

const KEY = "counter";
/** Ten times the latency of a slow network: a call that is given up too early is never answered. */
const CALL_TIMEOUT_MS = 3000;
const CONTENTION_BACKOFF = { minMs: 1, maxMs: 64, jitter: 1 };

/** The shared value: the sum, and for each life of a node the number of its last change. */
interface Shared {
  readonly sum: number;
  readonly last: { readonly [life: string]: number };
}

interface Batch {
  readonly delta: number;
  readonly settle: readonly (() => void)[];
}

/** Wires the counter. */
export function casCounter(node: Node): Counter {
  let waiting: { delta: number; settle: () => void }[] = [];
  let working = false;
  const adder = new Adder(node);
  const reads = new SharedRound(() => adder.read());
  const work = async () => {
    if (working) return;
    working = true;
    while (waiting.length > 0) {
      const taken = waiting;
      waiting = [];
      const delta = taken.reduce((sum, one) => sum + one.delta, 0);
      await adder.add({ delta, settle: taken.map(({ settle }) => settle) });
    }
    working = false;
  };
  return {
    add: (delta) =>
      new Promise((settle) => {
        waiting.push({ delta, settle });
        work();
      }),
    read: () => reads.run(),
  };
}

class Adder {
  readonly #node: Node;
  #number = 0;
  #reads = 0;

  constructor(node: Node) {
    this.#node = node;
  }

  /** Adds a batch exactly once, however often it takes. */
  async add({ delta, settle }: Batch): Promise<void> {
    const number = ++this.#number;
    const backoff = new Backoff(CONTENTION_BACKOFF, () => this.#node.random());
    let unsure = false;
    for (;;) {
      try {
        if (unsure) await this.#catchUp();
        unsure = false;
        if (await this.#tryOnce(delta, number)) break;
      } catch (error) {
        if (!hasCode(error, ErrorCode.timeout)) throw error;
        this.#node.sometimes("a compare-and-set timed out");
        unsure = true;
      }
      await this.#node.sleep(backoff.next());
    }
    for (const done of settle) done();
  }

  async read(): Promise<number> {
    await this.#catchUp();
    return (await this.#shared()).value.sum;
  }

  /** Whether the change has happened, now or in an attempt before. */
  async #tryOnce(delta: number, number: number): Promise<boolean> {
    const { value, raw } = await this.#shared();
    const life = this.#lifeName();
    if ((value.last[life] ?? 0) >= number) return true;
    const next = { sum: value.sum + delta, last: { ...value.last, [life]: number } };
    try {
      await this.#node.kv.seq.cas(KEY, raw, next, {
        timeoutMs: CALL_TIMEOUT_MS,
        createIfMissing: true,
      });
      return true;
    } catch (error) {
      if (!hasCode(error, ErrorCode.preconditionFailed)) throw error;
      return false;
    }
  }

  async #shared(): Promise<{ value: Shared; raw: Json }> {
    const raw = await this.#node.kv.seq.readOr(KEY, null, { timeoutMs: CALL_TIMEOUT_MS });
    if (!isJsonObject(raw)) return { value: { sum: 0, last: {} }, raw };
    const last = raw.last as { [life: string]: number };
    return { value: { sum: Number(raw.sum), last }, raw };
  }

  /** Moves this node's view of the store to the newest state. */
  async #catchUp(): Promise<void> {
    const mark = `${this.#lifeName()}/${++this.#reads}`;
    await this.#node.kv.seq.write(`${this.#node.id}/mark`, mark, { timeoutMs: CALL_TIMEOUT_MS });
  }

  #lifeName(): string {
    return `${this.#node.id}/${this.#node.incarnation}`;
  }
}
