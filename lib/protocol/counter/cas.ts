/**
 * Strategy `cas`: one key in seq-kv, which all nodes change by compare-and-set (CAS).
 *
 * A node sums the additions that arrive during a CAS into one batch for the next CAS.
 *
 * **Correctness of additions.** seq-kv may return an old value from a read, but a CAS always
 * applies to its newest state. So a successful CAS has added to the newest sum; one that fails is
 * retried after another read. The outcome of a CAS that times out is indefinite, and a blind retry
 * might add twice. The value therefore holds the number of each incarnation's last batch. A retry
 * finds its batch in what it reads, or it has read an old state, from which no CAS succeeds.
 *
 * **Correctness of reads.** A client of seq-kv never sees a state older than its own last write. A
 * read therefore starts with a write of a fresh value under a key of the node's own, which moves
 * the node's view of the store to its newest state.
 *
 * **Cost.** All nodes contend for one key, so this strategy sends the most messages, and more with
 * every node. It serves as a baseline. Over slow links, additions outlive their clients' requests:
 * the client gets an indefinite error, and the addition is made later. If a round trip takes longer
 * than the retransmission timeout, nothing succeeds.
 *
 * @module
 */

import { Backoff, invariant } from "../../base/mod.ts";
import { ErrorCode, isJsonObject, type Json, type Node, RpcError } from "../../node/mod.ts";
import type { Counter } from "./counter.ts";
import { SharedRound } from "./shared_round.ts";

const KEY = "counter";
/**
 * How long an attempt waits for the store before it is retried. Long, because a CAS that times out
 * too early leaves its outcome indefinite, and costs another read to find out.
 *
 * Clients' requests share a call, so no `request.signal` ends it. The library replies to a request
 * whose deadline passes meanwhile.
 */
const RETRANSMISSION_TIMEOUT_MS = 3000;
/** Full jitter, so that contending nodes spread over the whole delay. */
const CONTENTION_BACKOFF = { minMs: 1, maxMs: 64, jitter: 1 };

/** The value of the shared key: the sum, and by incarnation the number of its last batch. */
interface SharedValue {
  readonly sum: number;
  readonly last: { readonly [incarnation: string]: number };
}

/** A value as the store returned it, which the next CAS expects to find, and what it means. */
interface Observed {
  readonly value: SharedValue;
  readonly raw: Json;
}

interface Addition {
  readonly delta: number;
  readonly acknowledge: () => void;
}

/** Starts the counter on a node. */
export function casCounter(node: Node): Counter {
  let queue: Addition[] = [];
  let isDraining = false;
  const writer = new BatchWriter(node);
  const reads = new SharedRound(() => writer.read());
  const drain = async () => {
    if (isDraining) return;
    isDraining = true;
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      await writer.add(batch.reduce((sum, { delta }) => sum + delta, 0));
      for (const { acknowledge } of batch) acknowledge();
    }
    isDraining = false;
  };
  return {
    add: (delta) =>
      new Promise((acknowledge) => {
        queue.push({ delta, acknowledge });
        drain();
      }),
    read: () => reads.run(),
  };
}

/** Adds one batch at a time to the shared value, each exactly once. */
class BatchWriter {
  readonly #node: Node;
  /** The name of this incarnation in {@link SharedValue.last}. */
  readonly #incarnation: string;
  #batches = 0;
  #reads = 0;

  constructor(node: Node) {
    this.#node = node;
    this.#incarnation = `${node.id}/${node.incarnation}`;
  }

  /** Adds a batch's sum; resolves when it has been added. */
  async add(delta: number): Promise<void> {
    const number = ++this.#batches;
    const backoff = new Backoff(CONTENTION_BACKOFF, () => this.#node.random());
    for (;;) {
      try {
        return await this.#attempt(delta, number);
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        if (error.code === ErrorCode.timeout) this.#node.sometimes("a compare-and-set timed out");
      }
      await this.#node.sleep(backoff.next());
    }
  }

  /** Resolves to a sum that includes all additions that were acknowledged before the call. */
  async read(): Promise<number> {
    await this.#catchUp();
    return (await this.#observe()).value.sum;
  }

  /** Tries to add a batch once, unless an earlier attempt has added it. */
  async #attempt(delta: number, number: number): Promise<void> {
    const { value, raw } = await this.#observe();
    const last = value.last[this.#incarnation] ?? 0;
    invariant(last <= number, "the store holds no batch that this incarnation has not made");
    if (last === number) return;
    const next = {
      sum: value.sum + delta,
      last: { ...value.last, [this.#incarnation]: number },
    };
    await this.#node.kv.seq.cas(KEY, raw, next, {
      timeoutMs: RETRANSMISSION_TIMEOUT_MS,
      createIfMissing: true,
    });
  }

  async #observe(): Promise<Observed> {
    const timeoutMs = RETRANSMISSION_TIMEOUT_MS;
    const raw = await this.#node.kv.seq.readOr(KEY, null, { timeoutMs });
    if (!isJsonObject(raw)) return { value: { sum: 0, last: {} }, raw };
    const last = raw.last as { [incarnation: string]: number };
    return { value: { sum: Number(raw.sum), last }, raw };
  }

  /**
   * Moves this node's view of the store to its newest state, by a write that changes that state.
   */
  async #catchUp(): Promise<void> {
    const timeoutMs = RETRANSMISSION_TIMEOUT_MS;
    const nonce = `${this.#incarnation}/${++this.#reads}`;
    await this.#node.kv.seq.write(`${this.#node.id}/nonce`, nonce, { timeoutMs });
  }
}
