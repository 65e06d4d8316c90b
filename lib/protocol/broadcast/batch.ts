/**
 * Strategies `batch` and `retry`: changes travel from neighbour to neighbour on the suggested topology.
 *
 * **Idea.** A node sends each neighbour what that one lacks: `retry` immediately, `batch` at most once
 * an interval T. A value crosses every link at least once and, when it reaches both ends from
 * elsewhere at about the same time, twice. With e links and w values a second that is w·e to 2·w·e
 * messages a second for `retry`, and at most 2·e/T for `batch`. A value takes a latency for each hop,
 * and up to T more with `batch`. Each node draws its T from ±10 %: with one T for all, neighbours would
 * send in a fixed phase, so that a value that waits long at one hop waits long at all of them.
 *
 * **Why nothing is lost.** The engine acknowledges and retransmits on every link, so a value reaches
 * all nodes that links connect. A link that is cut holds its values back; in a grid they take another
 * way.
 *
 * **Restarts.** Maelstrom sends the topology once, so a new incarnation does not know its neighbours.
 * When it syncs with a peer, the peer sends it the neighbours that it had (`neighbours`), and it syncs
 * with those. A peer of a restarted node so need not send anything first. Two nodes that restarted at the
 * same time and took each other for neighbours remain so: one of them may have no other peer.
 *
 * @module
 */

import { type Body, type Node, schema } from "../../node/mod.ts";
import {
  type Engine,
  EntryLog,
  type Policy,
  type PolicyEvent,
  type RetryOptions,
  type Session,
} from "../../replication/mod.ts";
import { type Broadcast, gridNeighbours, replicateValues, type Topology } from "./strategy.ts";

/** Milliseconds between two updates to a neighbour, and when to retransmit. */
export interface BatchOptions extends RetryOptions {
  readonly intervalMs: number;
}

/** An acknowledgement waits for an update that it can ride on, this long at most. */
export const ACK_TIMING = { ackDelayMs: 150, maxAckDelayMs: 1000 };

/** A node's interval differs from the given one by this part of it at most. */
const SPREAD = 0.1;

/** Starts the strategy `batch`; with an interval of 0 it is `retry`. */
export function batch(node: Node, options: BatchOptions): Broadcast {
  const policy = new BatchPolicy(node, options.intervalMs);
  const messages = { neighbours: { neighbours: schema.array(schema.string) } };
  const values = replicateValues(node, new EntryLog(node), policy, options, messages);
  return { ...values, suggest: (topology) => policy.suggest(topology, values.engine) };
}

class BatchPolicy implements Policy {
  readonly #node: Node;
  readonly #intervalMs: number;
  #topology: Topology | undefined;
  /** Whether the neighbours are suggested ones, not this node's own guess. */
  #isSuggested = false;

  constructor(node: Node, intervalMs: number) {
    this.#node = node;
    this.#intervalMs = intervalMs * (1 + SPREAD * (2 * node.random() - 1));
  }

  peers(): readonly string[] {
    return gridNeighbours(this.#node.nodes, this.#node.id);
  }

  timing() {
    return { own: ACK_TIMING, peer: ACK_TIMING };
  }

  sendAtMs(session: Session, pendingMs: number): number {
    return Math.max(pendingMs, session.lastSentMs + this.#intervalMs);
  }

  /** Refuses a restarted node that takes this one for a neighbour. */
  accepts(peer: string): boolean {
    const { id } = this.#node;
    const neighbours = this.#topology?.[peer];
    return neighbours === undefined || neighbours.includes(id) ||
      this.#topology?.[id]?.includes(peer) !== false;
  }

  on(event: PolicyEvent, engine: Engine, now: number): void {
    if (event.type === "refused") this.#sendNeighbours(event.peer, engine);
    if (event.type === "other") this.#adopt(event.body, engine, now);
    if (event.type !== "synced" || event.isReply) return;
    this.#sendNeighbours(event.session.peer, engine);
  }

  #sendNeighbours(peer: string, engine: Engine): void {
    const neighbours = this.#topology?.[peer];
    if (neighbours !== undefined) {
      engine.send(peer, { type: "neighbours", neighbours: [...neighbours] });
    }
  }

  /** Takes the topology that a test suggests; a node missing from it keeps its neighbours. */
  suggest(topology: Topology, engine: Engine): void {
    this.#topology = topology;
    const neighbours = topology[this.#node.id];
    if (neighbours !== undefined) this.#replace(neighbours, engine, () => true);
  }

  /** Takes the neighbours that an earlier incarnation had. */
  #adopt({ neighbours }: Body, engine: Engine, now: number): void {
    if (this.#isSuggested) return;
    engine.sometimes("a new incarnation received its neighbours");
    this.#replace(neighbours as string[], engine, ({ you }) => you === undefined);
    for (const session of engine.sessions.values()) {
      if (session.you === undefined) engine.sync(session, now);
    }
  }

  #replace(
    neighbours: readonly string[],
    engine: Engine,
    isOld: (session: Session) => boolean,
  ): void {
    this.#isSuggested = true;
    for (const session of [...engine.sessions.values()]) {
      if (!neighbours.includes(session.peer) && isOld(session)) {
        engine.sessions.delete(session.peer);
      }
    }
    for (const peer of neighbours) {
      if (this.#node.peers.includes(peer)) engine.session(peer);
    }
  }
}
