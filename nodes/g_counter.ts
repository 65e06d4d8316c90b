#!/usr/bin/env -S deno run
/**
 * A grow-only counter: additions at any node must eventually be in the value that every node returns
 * (Gossip Glomers challenge 4). Needs no permissions.
 *
 * This file is the strategy `crdt`, the default; `pn_counter.ts` shares it. `lib/protocol/counter/`
 * has the others. With n nodes, interval T, and the latency L of a message:
 *
 * | Strategy | The counter is | Messages | An addition and a read take |
 * |---|---|---|---|
 * | `crdt` | on every node | at most n·(n−1)/T a second, up to 5 nodes | 0, 0 |
 * | `seq-kv` | in the store seq-kv, a key a node | 2·n a node and round, of T each | 0, 4·L to 6·L |
 * | `cas` | in the store seq-kv, one key | 4 a read, 4 or more an addition | 4·L or more, 4·L |
 * | `peers` | on every node its own additions | 2·(n−1) a read, which waits for all | 0, 2·L |
 *
 * **Idea.** Every node has the totals of all nodes, by *origin*: the incarnation that a client sent
 * its additions to. An addition raises the total of this node's own origin. The nodes gossip the
 * totals that changed: an `update` carries `[[n0.x1y2, 17], …]`. Merging takes the higher total of each
 * origin. The value is the sum of all.
 *
 * **Why it is right.** Only one incarnation raises an origin's total, so the higher one includes all
 * additions of the lower one. Taking the higher one is commutative, associative and idempotent:
 * messages may be lost, duplicated and reordered (a state-based CRDT, the G-Counter: Shapiro et al.,
 * "A comprehensive study of convergent and commutative replicated data types", 2011, specification 6).
 * The engine (`lib/replication/engine.ts`) brings every total to every node that a path of working
 * links leads to.
 *
 * **Restarts.** A node that lost its memory counts from zero under the name of its new incarnation.
 * Under the old name its peers have a higher total, and would ignore what it adds. They send it all
 * totals, those of its earlier incarnations too.
 *
 * **Availability.** Additions and reads need no other node, so they are totally available under
 * partitions. A node that loses its memory before it sent an addition loses that addition.
 *
 * @module
 */

import {
  contract,
  type ContractHandlers,
  defineNode,
  ErrorCode,
  flag,
  type FlagValues,
  type Json,
  MAX_INTERVAL_MS,
  type Node,
  RpcError,
  serve,
} from "../lib/node/mod.ts";
import { type Counter, COUNTERS } from "../lib/protocol/counter/mod.ts";
import {
  ChangeLog,
  gossip,
  gossipFlags,
  type Receiver,
  type ReplicatedState,
} from "../lib/replication/mod.ts";

const ms = { placeholder: "MS", min: 1, max: MAX_INTERVAL_MS } as const;
/** Its flags, with their defaults. */
export const counterFlags = {
  strategy: flag.oneOf(["crdt", "seq-kv", "cas", "peers"], {
    help: "crdt, seq-kv, cas or peers",
    default: "crdt",
  }),
  ...gossipFlags,
  round: flag.number({ ...ms, help: "seq-kv: time between two rounds", default: 300 }),
  "read-timeout": flag.number({
    ...ms,
    help: "peers: wait for a peer",
    default: 3500,
  }),
};

/** Answers `add` and `read`. */
const gCounter = defineNode({ flags: counterFlags, serves: contract.gCounter }, (node, flags) => {
  const { add, read } = serveCounter(node, flags);
  return {
    read,
    add(request, context) {
      if (request.delta >= 0) return add(request, context);
      const text = `a grow-only counter accepts deltas from 0, got ${request.delta}`;
      throw new RpcError(ErrorCode.malformedRequest, text);
    },
  };
});
export default gCounter;

/** Starts the strategy of the flags, for a counter that may go down; returns its handlers. */
export function serveCounter(
  node: Node,
  flags: FlagValues<typeof counterFlags>,
): ContractHandlers<typeof contract.gCounter> {
  const options = { roundMs: flags.round, readTimeoutMs: flags["read-timeout"] };
  const counter = flags.strategy === "crdt"
    ? gossipedCounter(node, flags)
    : COUNTERS[flags.strategy](node, options);
  return {
    async add({ delta }, request) {
      await counter.add(delta, request);
      return {};
    },
    read: async () => ({ value: await counter.read() }),
  };
}

/** Starts the strategy `crdt`. */
function gossipedCounter(node: Node, flags: FlagValues<typeof gossipFlags>): Counter {
  const totals = new Totals(node);
  const { changed } = gossip(node, totals, flags);
  node.exposeState(() => totals.summary());
  return {
    add(delta) {
      totals.add(delta, node.monotonic());
      changed();
    },
    read: () => totals.value,
  };
}

/** What an origin has added and subtracted: two totals that only grow. */
type Total = readonly [added: number, subtracted: number];
/** By origin, the sum of its two totals. It grows with each change, so it tells which is later. */
type Summary = { readonly [origin: string]: number };

/**
 * The totals of all origins.
 *
 * Two totals an origin make a counter that goes down as well (the PN-Counter, specification 7 of
 * Shapiro et al.): the higher of two differences need not be the later one, but the higher of two
 * totals is. A message leaves out a second total of 0.
 *
 * Invariant: no total of an origin ever gets lower.
 */
export class Totals implements ReplicatedState {
  readonly isOrdered = false;
  readonly #origin: string;
  readonly #log = new ChangeLog<Total>(([added, subtracted], summary, origin) =>
    added + subtracted <= ((summary as Summary)[origin] ?? 0)
  );

  /** What is added here counts for this incarnation of the node. */
  constructor({ id, incarnation }: { readonly id: string; readonly incarnation: string }) {
    this.#origin = `${id}.${incarnation}`;
  }

  /** The sum of all additions that this replica has received. */
  get value(): number {
    return this.#log.entries.reduce((sum, [, [added, subtracted]]) => sum + added - subtracted, 0);
  }

  get version(): number {
    return this.#log.version;
  }

  get summaryVersion(): number {
    return this.#log.version;
  }

  /** Adds an integer, which may be negative. Throws an `RpcError` 22 when a total gets too high. */
  add(delta: number, now: number): void {
    const [added, subtracted] = this.#of(this.#origin);
    if (added + subtracted + Math.abs(delta) > Number.MAX_SAFE_INTEGER) {
      const text = `the totals of ${this.#origin} would exceed 2^53 - 1; add to another node`;
      throw new RpcError(ErrorCode.preconditionFailed, text);
    }
    const raised = [added + Math.max(0, delta), subtracted + Math.max(0, -delta)] as const;
    this.#raise(this.#origin, raised, undefined, now);
  }

  firstFor(from: number, receiver: Receiver): number {
    return this.#log.firstFor(from, receiver);
  }

  changedAt(position: number): number {
    return this.#log.changedAt(position);
  }

  delta(from: number, receiver: Receiver): { delta: Json; to: number } {
    const delta = this.#log.changesFor(from, receiver).map(({ key, value: [added, subtracted] }) =>
      subtracted === 0 ? [key, added] : [key, added, subtracted]
    );
    return { delta, to: this.version };
  }

  merge(delta: Json, source: string, now: number): void {
    for (const [origin, added, subtracted = 0] of toTotals(delta)) {
      this.#raise(origin, [added, subtracted], source, now);
    }
  }

  summary(): Json {
    return Object.fromEntries(
      this.#log.entries.map(([origin, [added, subtracted]]) => [origin, added + subtracted]),
    );
  }

  includes(summary: Json): boolean {
    return Object.entries(summary as Summary).every(([origin, sum]) => {
      const [added, subtracted] = this.#of(origin);
      return sum <= added + subtracted;
    });
  }

  #of(origin: string): Total {
    return this.#log.get(origin) ?? [0, 0];
  }

  #raise(origin: string, [added, subtracted]: Total, source: string | undefined, now: number) {
    const current = this.#of(origin);
    const raised = [Math.max(added, current[0]), Math.max(subtracted, current[1])] as const;
    if (raised[0] > current[0] || raised[1] > current[1]) {
      this.#log.set(origin, raised, source, now);
    }
  }
}

function toTotals(delta: Json): [origin: string, added: number, subtracted?: number][] {
  const isTotal = (total: Json) =>
    Array.isArray(total) && typeof total[0] === "string" && total.length > 1 &&
    total.slice(1).every((sum) => Number.isSafeInteger(sum));
  if (Array.isArray(delta) && delta.every(isTotal)) return delta as [string, number, number?][];
  throw new TypeError("a delta of totals must be [[origin, added, subtracted?], …]");
}

if (import.meta.main) await serve(gCounter);
