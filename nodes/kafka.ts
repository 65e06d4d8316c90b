#!/usr/bin/env -S deno run --allow-read=storage --allow-write=storage
/**
 * Append-only logs by key, as in Kafka (Gossip Glomers challenge 5): `send` appends a message to a
 * key's log and returns its offset, `poll` returns the entries from an offset on, and consumers commit
 * the offset that they have processed.
 *
 * This file is the strategy `lamport`, the default. `lib/protocol/log/` has the others, and a table of
 * what they guarantee under each fault: `owner`, where a hash of the key selects the node that assigns
 * its offsets; `raft`; `lin-kv`, where the store holds the logs; `single`, where one node does.
 *
 * **Idea.** Every node assigns offsets from its own Lamport clock (Lamport, "Time, Clocks, and the
 * Ordering of Events in a Distributed System", 1978), and no node waits for another. There is a counter
 * for each key at each node; an offset is counter × n + index of the node, with n nodes. A node that
 * receives a higher counter continues after it. A node sends its new entries in batches. A batch
 * contains, for each key in it, the writer's *watermark*: the counter at or below which it never again
 * assigns an offset. A poll returns a key's entries up to the *low watermark*, the lowest of all nodes.
 *
 * **Messages.** A batch is `[key, watermark, counters, messages], …`. A node sends its batches to each
 * peer itself, at most once in n − 1 intervals ({@link Replica}). {@link BatchLog} delivers each
 * writer's batches in order, without gaps, each once, also over restarts.
 *
 * **Why it is right.** Suppose that node r has the low watermark m for key k. Then r has received from
 * every writer w a watermark p ≥ m. When w sealed the batch with p, that batch or an earlier one
 * contained all counters that w had assigned up to p. Batches arrive in order, so r has them all. Later
 * counters of w are above p. The entries up to m are therefore final, and the same at all nodes: no
 * poll skips an entry, and no poll contradicts another. Two nodes never assign the same offset, since
 * their offsets differ modulo n. A client's send is ordered after all that it has polled and sent at
 * the same node: the node's own watermark, at most its counter, limits what it returns to polls.
 *
 * **Why every acknowledged send becomes visible.** Once the network is healthy, all nodes receive an
 * entry with counter c. Each then raises its watermark of the key to at least c, whether clients use
 * the key or not, and all nodes receive those watermarks in turn.
 *
 * **Restarts.** A node that loses its memory learns its past from all others, and serves only polls
 * before. It then leaves a gap, so that it assigns no offset twice, see {@link BatchLog.start}.
 *
 * **What it costs.** A node sends one message in each interval T at any load, and an entry crosses the
 * network once for each receiver. Requests are served immediately, also during partitions. An entry is
 * visible everywhere within 2(n − 1)·T and two latencies, but not while a node is down or partitioned,
 * since every watermark is needed; around a broken link it takes some seconds. Offsets have gaps: one
 * in n is used if a single node writes a key. A commit is visible elsewhere within (n − 1)·T.
 *
 * **What it does not survive.** A node that loses its memory loses the acknowledged sends that it has
 * not sent to a peer yet: those of up to n − 1 intervals, or of the whole time of a partition.
 *
 * @module
 */
import {
  contract,
  defineNode,
  flag,
  type Json,
  type Node,
  schema,
  serve,
} from "../lib/node/mod.ts";
import {
  chain,
  type Entry,
  KeyLog,
  type Log,
  logFlags,
  logHandlers,
  logSettings,
  type LogSource,
  type Place,
  Replica,
  type ReplicaSettings,
  STRATEGIES,
} from "../lib/protocol/log/mod.ts";
import type { Infer } from "../lib/wire/mod.ts";

/** Its flags, with their defaults. */
const kafkaFlags = {
  strategy: flag.oneOf(["lamport", "owner", "lin-kv", "single", "raft"], {
    help: "lamport, owner, lin-kv, single, raft",
    default: "lamport",
  }),
  ...logFlags,
};

/** Serves `send`, `poll`, `commit_offsets` and `list_committed_offsets`. */
const kafka = defineNode(
  {
    flags: kafkaFlags,
    serves: contract.kafka,
    persists: ({ strategy }) => strategy === "raft",
  },
  (node, { strategy, ...flags }) => {
    const start = strategy === "lamport" ? lamport : STRATEGIES[strategy];
    return chain(start(node, logSettings(flags)), logHandlers);
  },
);
export default kafka;

/** Starts the strategy. Tests pass a `createLog` with a planted fault. */
export function lamport(
  node: Node,
  settings: ReplicaSettings,
  createLog = (place: Place) => new LamportLog(place),
): Log {
  const replica = new Replica(node, settings, createLog);
  return {
    send: (key, message, request) => replica.append(key, message, request),
    poll: replica.poll,
    commit: replica.commit,
    committed: replica.committed,
  };
}

const { array, integer, json, natural, string, tuple } = schema;
/** A key's part of a batch: the writer's watermark, and the counters and messages since the last. */
const updateSchema = tuple(string, integer, array(natural), array(json));
type Update = Infer<typeof updateSchema>;
/** The counter before the first one. */
const NONE = -1;

/** The logs of one node, without the network. */
export class LamportLog implements LogSource {
  readonly contentSchema = array(updateSchema);
  readonly #place: Place;
  readonly #keys = new Map<string, LamportKey>();
  /** The next batch, by key; its watermarks are those at the time of sealing. */
  readonly #updates = new Map<string, Update>();
  /** The first counter that this node assigns for a key without entries; undefined until it may. */
  #first: number | undefined;

  constructor(place: Place) {
    this.#place = place;
  }

  get hasUpdates(): boolean {
    return this.#updates.size > 0;
  }

  append(key: string, message: Json): number {
    const { self, count } = this.#place;
    const log = this.#key(key);
    const counter = log.next();
    log.write(self, [counter], [message], counter);
    const update = this.#updateOf(key);
    update?.[2].push(counter);
    update?.[3].push(message);
    return counter * count + self;
  }

  read(key: string, offset: number, maxEntries: number): Entry[] {
    return this.#keys.get(key)?.stable.read(offset, maxEntries) ?? [];
  }

  start(gap: number): void {
    this.#first = gap;
    for (const log of this.#keys.values()) {
      log.reserve(gap);
      this.#raiseOwnWatermark(log);
    }
  }

  seal(): Json {
    const updates = [...this.#updates.values()];
    for (const update of updates) update[1] = this.#key(update[0]).counter;
    this.#updates.clear();
    return updates;
  }

  apply(writer: number, content: Json): void {
    for (const [key, watermark, counters, messages] of content as Update[]) {
      const log = this.#key(key);
      log.write(writer, counters, messages, watermark);
      this.#observe(key, log, watermark);
    }
  }

  /**
   * Lamport's rule: a node that receives a counter assigns only higher ones from then on. Its own
   * watermark rises with the clock, and the next batch contains it.
   */
  #observe(key: string, log: LamportKey, counter: number): void {
    if (counter <= log.counter) return;
    log.counter = counter;
    this.#updateOf(key);
    this.#raiseOwnWatermark(log);
  }

  #raiseOwnWatermark(log: LamportKey): void {
    if (this.#first !== undefined) log.write(this.#place.self, [], [], log.counter);
  }

  #key(key: string): LamportKey {
    let log = this.#keys.get(key);
    if (log === undefined) {
      log = new LamportKey(this.#place.count);
      if (this.#first !== undefined) log.reserve(this.#first);
      this.#keys.set(key, log);
    }
    return log;
  }

  /** Adds a key to the next batch; a cluster of one node has no batches. */
  #updateOf(key: string): Update | undefined {
    if (this.#place.count === 1) return undefined;
    let update = this.#updates.get(key);
    if (update === undefined) this.#updates.set(key, update = [key, NONE, [], []]);
    return update;
  }
}

/**
 * One key's log. Invariants: the low watermark never decreases; no entry is inserted below it.
 */
class LamportKey {
  /** The entries up to the low watermark, which polls may return. */
  readonly stable = new KeyLog();
  /** The clock: the highest counter that this node has assigned or received. */
  counter = NONE;
  readonly watermarks: number[];
  /** The least counter that this node may assign, after it has left some out. */
  #first = NONE;
  #lowWatermark = NONE;
  /** The entries above the low watermark, unordered. */
  #unstable: Entry[] = [];

  /** `count` is the number of nodes. */
  constructor(count: number) {
    this.watermarks = new Array<number>(count).fill(NONE);
  }

  /** Assigns the next counter. */
  next(): number {
    return this.counter = Math.max(this.counter + 1, this.#first);
  }

  /** Leaves out the next `gap` counters. */
  reserve(gap: number): void {
    this.#first = this.counter + 1 + gap;
  }

  /** Inserts a writer's entries, and raises its watermark. Ignores those below the watermark. */
  write(writer: number, counters: readonly number[], messages: readonly Json[], to: number): void {
    const from = this.watermarks[writer] as number;
    for (const [index, counter] of counters.entries()) {
      const offset = counter * this.watermarks.length + writer;
      if (counter > from) this.#unstable.push([offset, messages[index] as Json]);
    }
    this.watermarks[writer] = Math.max(from, to);
    const lowWatermark = Math.min(...this.watermarks);
    if (lowWatermark !== this.#lowWatermark) this.#extend(this.#lowWatermark = lowWatermark);
  }

  #extend(lowWatermark: number): void {
    const end = (lowWatermark + 1) * this.watermarks.length;
    const entries = this.#unstable.sort(byOffset);
    const index = entries.findIndex(([offset]) => offset >= end);
    this.#unstable = index < 0 ? [] : entries.splice(index);
    for (const [offset, message] of entries) this.stable.append(offset, message);
  }
}

function byOffset([first]: Entry, [second]: Entry): number {
  return first - second;
}

if (import.meta.main) await serve(kafka);
