/**
 * Runs a {@link BatchBroadcast} on a node: its timer, its messages, and requests that wait.
 *
 * *Until the node is ready.* A node cannot know whether it starts for the first time or has lost its
 * memory. In the second case it could seal a batch under a number that it has already used. Requests
 * therefore wait until every neighbour has replied to the first message, a few milliseconds after
 * the start. With acks `one` the node starts without silent neighbours after `--start-timeout`, for
 * the sake of availability. With acks `all` it does not, and rejects requests until all have replied.
 *
 * *Until all nodes have an update.* With acks `all`, a request is acknowledged once every node has
 * received the batch that contains its update.
 *
 * @module
 */

import { ErrorCode, flag, type Node, REQUEST_DEADLINE_MS, RpcError } from "../../node/mod.ts";
import {
  DeltaGossip,
  type Gossip,
  gossipFields,
  type GossipPace,
  overlayNeighbours,
} from "../crdt/mod.ts";
import { BatchBroadcast } from "./batch_broadcast.ts";
import type { Acks, BatchSource } from "./batch_source.ts";
import type { ClientRequest, MaybePromise } from "./log.ts";

/** The flags of strategies that replicate their logs. */
export const replicaFlags = {
  interval: flag.number({
    placeholder: "MS",
    help: "time between messages, shared by all peers",
    default: 150,
    min: 1,
  }),
  retry: flag.number({
    placeholder: "MS",
    help: "time between messages to a silent peer",
    default: 800,
    min: 1,
  }),
  "start-timeout": flag.number({
    placeholder: "MS",
    help: "start without silent peers after",
    default: 1000,
  }),
  acks: flag.oneOf(["one", "all"], {
    help: "nodes that must have a message: one or all",
    default: "one",
  }),
};

/** The settings of replication. */
export interface ReplicaSettings {
  /** Milliseconds between two messages of this node. */
  readonly intervalMs: number;
  /** Milliseconds between two messages to a silent neighbour. */
  readonly retryMs: number;
  /** With acks `one`, the node starts without silent neighbours after this time. */
  readonly startTimeoutMs: number;
  readonly acks: Acks;
}

/** Ticks in an interval, so that an update waits little longer than its neighbour's interval. */
const TICKS_PER_MESSAGE = 4;
/** A batch is relayed when a neighbour has not reported it for this number of intervals. */
const RELAY_AFTER_INTERVALS = 3;

/** Creates the replicated state; `self` is the node's index in `nodes`, which is sorted by id. */
type CreateSource<S> = (self: number, nodes: readonly string[], acks: Acks) => S;

interface Waiter {
  readonly isDone: () => boolean;
  readonly resolve: () => void;
}

/** A replicated source on a node. */
export class Replica<S extends BatchSource> {
  readonly #node: Node;
  readonly #settings: ReplicaSettings;
  /** The acks in effect: a cluster of one node needs no acknowledgements. */
  readonly #acks: Acks;
  readonly #gossip: DeltaGossip;
  readonly #broadcast: BatchBroadcast;
  /** What is replicated. */
  readonly source: S;
  #isReady = false;
  #waiters: Waiter[] = [];

  /** Creates the source and replicates it. */
  constructor(node: Node, settings: ReplicaSettings, createSource: CreateSource<S>) {
    const { id, peers, incarnation } = node;
    this.#node = node;
    this.#settings = settings;
    this.#acks = peers.length === 0 ? "one" : settings.acks;
    const nodes = [...node.nodes].sort();
    // Acks `all` needs each node's own acknowledgement, so all nodes are neighbours.
    const neighbours = this.#acks === "all" ? peers : overlayNeighbours(id, nodes);
    const self = nodes.indexOf(id);
    const pace = this.#paceFor(neighbours.length);
    this.source = createSource(self, nodes, this.#acks);
    this.#broadcast = new BatchBroadcast(this.source, {
      self,
      count: nodes.length,
      neighbours: neighbours.map((neighbour) => nodes.indexOf(neighbour)),
      acks: this.#acks,
      relayAfterMs: RELAY_AFTER_INTERVALS * pace.intervalMs,
    });
    this.#gossip = new DeltaGossip(this.#broadcast, incarnation, neighbours, pace);
    this.#processAcknowledgements();
    node.on("gossip", gossipFields, (body, { src }) => {
      this.#gossip.receive(src, body as Gossip, node.monotonic());
      this.#processAcknowledgements();
    });
    node.every(settings.intervalMs / TICKS_PER_MESSAGE, () => this.#tick());
  }

  /** The incarnation of this node. */
  get incarnation(): string {
    return this.#node.incarnation;
  }

  /** Returns the current incarnation of a node; empty before its first message. */
  incarnationOf(node: string): string {
    return node === this.#node.id ? this.incarnation : this.#gossip.incarnationOf(node);
  }

  /**
   * Calls `act` when the node is ready. Rejects with error 11 (temporarily-unavailable) if it is not
   * by the request's deadline.
   */
  whenReady<T>(request: ClientRequest, act: () => MaybePromise<T>): MaybePromise<T> {
    if (this.#isReady) return act();
    return this.#until(
      () => this.#isReady,
      request,
      ErrorCode.temporarilyUnavailable,
      "this node has started, but not all of its peers have replied yet",
    ).then(act);
  }

  /**
   * Returns the value when the update that was just made may be acknowledged. Rejects with error 0
   * (timeout) at the request's deadline: the update may still take effect, or be lost.
   */
  whenAcknowledged<T>(request: ClientRequest, value: T): MaybePromise<T> {
    if (this.#acks === "one") return value;
    const batch = this.#broadcast.nextBatch;
    return this.#until(
      () => this.#broadcast.ownApplied >= batch,
      request,
      ErrorCode.timeout,
      "not all nodes have received the update yet",
    ).then(() => value);
  }

  /**
   * A node with more neighbours sends to each less often, so that its own rate stays the same. With
   * acks `all` it does not, because clients wait for the acknowledgements.
   */
  #paceFor(neighbours: number): GossipPace {
    const { intervalMs, retryMs } = this.#settings;
    const ownMs = this.#acks === "all" ? intervalMs : intervalMs * Math.max(1, neighbours);
    return { intervalMs: ownMs, retryMs: Math.max(retryMs, ownMs) };
  }

  #tick(): void {
    const now = this.#node.monotonic();
    this.#broadcast.tick(now);
    for (const { to, gossip: body } of this.#gossip.tick(now)) {
      this.#node.send(to, { type: "gossip", ...body });
    }
    this.#processAcknowledgements();
  }

  /** Passes acknowledgements on, starts the node when it is ready, and resolves waiting requests. */
  #processAcknowledgements(): void {
    this.#broadcast.acknowledged(this.#gossip.acknowledgedByAll);
    if (!this.#isReady) {
      const { isSynced } = this.#gossip;
      const isTimedOut = this.#acks === "one" &&
        this.#node.monotonic() >= this.#settings.startTimeoutMs;
      if (isTimedOut && !isSynced) {
        this.#node.sometimes("a node started before all its peers had replied");
      }
      this.#isReady = isTimedOut || (isSynced && this.#broadcast.hasAppliedOwn);
      if (this.#isReady) this.#broadcast.recovered();
    }
    if (this.#waiters.length === 0) return;
    const done = this.#waiters.filter(({ isDone }) => isDone());
    this.#waiters = this.#waiters.filter((waiter) => !done.includes(waiter));
    for (const { resolve } of done) resolve();
  }

  /** Resolves when `isDone` returns true. Rejects with an error at the request's deadline. */
  #until(
    isDone: () => boolean,
    { deadline }: ClientRequest,
    code: number,
    text: string,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = {
        isDone,
        resolve: () => {
          cancel();
          resolve();
        },
      };
      // A request of a node has no deadline, but the clients behind it have.
      const timeoutMs = Math.min(deadline - this.#node.monotonic(), REQUEST_DEADLINE_MS);
      const cancel = this.#node.after(timeoutMs, () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        this.#node.sometimes("a request waited until its deadline");
        reject(new RpcError(code, text));
      });
      this.#waiters.push(waiter);
    });
  }
}
