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

import { choice, ErrorCode, type Node, type NodeFlag, quantity, RpcError } from "../../node/mod.ts";
import {
  DeltaGossip,
  type Gossip,
  gossipFields,
  type GossipPace,
  newIncarnation,
  overlayNeighbours,
} from "../crdt/mod.ts";
import { BatchBroadcast } from "./batch_broadcast.ts";
import type { Acks, BatchSource } from "./batch_source.ts";
import type { Soon } from "./log.ts";

/** The flags of strategies that replicate their logs. */
export const replicaFlags: {
  readonly interval: NodeFlag<number>;
  readonly retry: NodeFlag<number>;
  readonly patience: NodeFlag<number>;
  readonly acks: NodeFlag<Acks>;
} = {
  interval: quantity(
    150,
    "milliseconds per message that a node sends: with n nodes each hears of each other once in " +
      "n − 1 of them, and twice that passes until all see what one was sent; 6.7 messages a " +
      "second and node, 0.013 an operation at 500 operations a second and node",
    { least: 1 },
  ),
  retry: quantity(
    800,
    "milliseconds between two messages to a node that does not answer: below the second in which " +
      "a healed cluster has to agree",
    { least: 1 },
  ),
  patience: quantity(
    1000,
    "milliseconds after which a node that has not heard of all others begins all the same: a " +
      "fifth of what clients wait for an answer",
    { least: 0 },
  ),
  acks: choice(["one", "all"], "who must have what was sent before it is acknowledged"),
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
  #known: Parts<S> | undefined;
  #isReady = false;
  #waiting: Waiting[] = [];
  /** Time is counted in ticks, because a node's clock may jump. */
  #elapsed = 0;

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
    node.on("init", () => {
      this.#known = this.#start(makeSource);
      this.#notice();
    });
    node.on("gossip", gossipFields, (body, message) => {
      this.#parts.gossip.receive(message.src, body as Gossip);
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
    return node === this.#node.id ? life : gossip.lifeOf(node);
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

  get #parts(): Parts<S> {
    if (this.#known === undefined) throw new Error("there is no replica before init");
    return this.#known;
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
      relayAfter: RELAY_AFTER_INTERVALS * pace.interval,
    });
    const life = newIncarnation(this.#node);
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
    return { interval, retry: Math.max(retry, interval) };
  }

  #tick(): void {
    const { broadcast, gossip } = this.#parts;
    this.#elapsed += this.#settings.interval / TICKS_PER_INTERVAL;
    broadcast.tick(this.#elapsed);
    for (const { to, gossip: body } of gossip.tick(this.#elapsed)) {
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
      const isImpatient = this.#acks === "one" && this.#elapsed >= patience;
      if (isImpatient && !gossip.isKnownToAll) {
        this.#node.log("sometimes: began without all others");
      }
      this.#isReady = isImpatient || (gossip.isKnownToAll && broadcast.hasNoPast);
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
        this.#node.log("sometimes: a request was given up");
        reject(new RpcError(code, otherwise));
      });
      this.#waiting.push(waiting);
    });
  }
}
