/**
 * Puts a {@link BatchBroadcast} on a node: timers, messages, and two kinds of waiting.
 *
 * *Until the node may begin.* A node cannot tell whether it starts for the first time or has lost
 * its memory, and in the second case would say things a second time under the same number. So
 * requests wait until every neighbour has answered its first message, which is a few milliseconds
 * after the start. Without an answer it begins after `--patience` all the same, for the sake of
 * availability; with `--acks all` it does not, but refuses requests until it knows.
 *
 * *Until all have it.* With `--acks all` what was done here is acknowledged when every node has it.
 *
 * @module
 */

import { ErrorCode, flag, type Node, RpcError } from "../../node/mod.ts";
import {
  DeltaGossip,
  type Gossip,
  gossipFields,
  type GossipPace,
  overlayNeighbours,
} from "../crdt/mod.ts";
import { BatchBroadcast } from "./batch_broadcast.ts";
import type { Acks, BatchSource } from "./batch_source.ts";
import type { Soon } from "./log.ts";

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

/** How to replicate. */
export interface ReplicaSettings {
  readonly interval: number;
  readonly retry: number;
  readonly patience: number;
  readonly acks: Acks;
}

/** Looks so many times in an interval what there is to send. */
const TICKS_PER_INTERVAL = 4;
/** A link counts as cut when so many intervals have not brought what others have long had. */
const RELAY_AFTER_INTERVALS = 3;
/** Clients give up after 5 s, and must not be answered after that. */
const ANSWER_WITHIN_MS = 3500;

interface Parts<S> {
  readonly source: S;
  readonly broadcast: BatchBroadcast;
  readonly gossip: DeltaGossip;
  readonly life: string;
}

interface Waiting {
  readonly isOver: () => boolean;
  readonly end: () => void;
}

/** A replicated source on a node. */
export class Replica<S extends BatchSource> {
  readonly #node: Node;
  readonly #settings: ReplicaSettings;
  readonly #parts: Parts<S>;
  #isReady = false;
  #waiting: Waiting[] = [];

  /**
   * `makeSource` is called once the node knows its index among all, by the order of their ids. A
   * node that is alone need not wait for others whatever acks are asked for.
   */
  constructor(
    node: Node,
    settings: ReplicaSettings,
    makeSource: (self: number, nodes: readonly string[], acks: Acks) => S,
  ) {
    this.#node = node;
    this.#settings = settings;
    this.#parts = this.#start(makeSource);
    this.#notice();
    node.on("gossip", gossipFields, (body, message) => {
      this.#parts.gossip.receive(message.src, body as Gossip, node.monotonic());
      this.#notice();
    });
    node.every(settings.interval / TICKS_PER_INTERVAL, () => this.#tick());
  }

  /** What is replicated. */
  get source(): S {
    return this.#parts.source;
  }

  /** A name of this life of the node that no other life of any node has. */
  get life(): string {
    return this.#parts.life;
  }

  /** The life of another node, as far as it has been heard of; empty before that. */
  lifeOf(node: string): string {
    const { gossip, life } = this.#parts;
    return node === this.#node.id ? life : gossip.incarnationOf(node);
  }

  /**
   * Does something now, or once the node may begin; rejects with error 11 if that takes too long.
   */
  whenReady<T>(act: () => Soon<T>): Soon<T> {
    if (this.#isReady) return act();
    return this.#until(
      () => this.#isReady,
      ErrorCode.temporarilyUnavailable,
      "the node has just started and not heard of all others yet",
    ).then(act);
  }

  /**
   * Gives a value when what has just been done may be acknowledged. Rejects with a timeout if that
   * takes too long: it has been done, but may be forgotten.
   */
  confirmed<T>(value: T): Soon<T> {
    if (this.#acks === "one") return value;
    const { broadcast } = this.#parts;
    const batch = broadcast.nextBatch;
    return this.#until(
      () => broadcast.ownApplied >= batch,
      ErrorCode.timeout,
      "not all nodes have it yet",
    ).then(() => value);
  }

  get #acks(): Acks {
    return this.#node.peers.length === 0 ? "one" : this.#settings.acks;
  }

  #start(makeSource: (self: number, nodes: readonly string[], acks: Acks) => S): Parts<S> {
    const { id, peers } = this.#node;
    const acks = this.#acks;
    const nodes = [...this.#node.nodes].sort();
    // Only what a node has acknowledged itself is known to be there.
    const neighbours = acks === "all" ? peers : overlayNeighbours(id, nodes);
    const self = nodes.indexOf(id);
    const pace = this.#paceFor(neighbours.length);
    const source = makeSource(self, nodes, acks);
    const broadcast = new BatchBroadcast(source, {
      self,
      count: nodes.length,
      neighbours: neighbours.map((neighbour) => nodes.indexOf(neighbour)),
      acks,
      relayAfter: RELAY_AFTER_INTERVALS * pace.intervalMs,
    });
    const life = this.#node.incarnation;
    return {
      source,
      broadcast,
      life,
      gossip: new DeltaGossip(broadcast, life, neighbours, pace),
    };
  }

  /** A node with more neighbours tells each less often; where clients wait for that it does not. */
  #paceFor(neighbours: number): GossipPace {
    const { interval: own, retry } = this.#settings;
    const interval = this.#acks === "all" ? own : own * Math.max(1, neighbours);
    return { intervalMs: interval, retryMs: Math.max(retry, interval) };
  }

  #tick(): void {
    const { broadcast, gossip } = this.#parts;
    const now = this.#node.monotonic();
    broadcast.tick(now);
    for (const { to, gossip: body } of gossip.tick(now)) {
      this.#node.send(to, { type: "gossip", ...body });
    }
    this.#notice();
  }

  /** Sees what follows from what has happened. */
  #notice(): void {
    const { broadcast, gossip } = this.#parts;
    const { patience } = this.#settings;
    broadcast.acknowledged(gossip.acknowledgedByAll);
    if (!this.#isReady) {
      const isImpatient = this.#acks === "one" && this.#node.monotonic() >= patience;
      if (isImpatient && !gossip.isSynced) {
        this.#node.sometimes("began without all others");
      }
      this.#isReady = isImpatient || (gossip.isSynced && broadcast.hasNoPast);
      if (this.#isReady) broadcast.open();
    }
    if (this.#waiting.length === 0) return;
    const over = this.#waiting.filter(({ isOver }) => isOver());
    this.#waiting = this.#waiting.filter((one) => !over.includes(one));
    for (const { end } of over) end();
  }

  #until(isOver: () => boolean, code: number, otherwise: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = {
        isOver,
        end: () => {
          stop();
          resolve();
        },
      };
      const stop = this.#node.after(ANSWER_WITHIN_MS, () => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        this.#node.sometimes("a request was given up");
        reject(new RpcError(code, otherwise));
      });
      this.#waiting.push(waiting);
    });
  }
}
