/**
 * Strategies `batch` and `retry`: changes travel from neighbour to neighbour on the suggested topology.
 *
 * **Idea.** A node sends each neighbour what that one lacks: `retry` immediately, `batch` about once
 * an interval T. A value crosses every link at least once and, when it reaches both ends from
 * elsewhere at about the same time, twice. With e links and w values a second that is w·e to 2·w·e
 * messages a second for `retry`, and at most 2·e/T for `batch`. A value takes a latency for each hop,
 * and up to T more with `batch`. Changes that arrive just after an update has left wait longest. So an
 * update leaves a little before or after the end of T, when changes have just arrived: neighbours fall
 * into step with each other.
 *
 * **Why nothing is lost.** The engine acknowledges and retransmits on every link, so a value reaches
 * all nodes that links connect. A link that is cut holds its values back; in a grid they take another
 * way.
 *
 * **Restarts.** Maelstrom sends the topology once, so a new incarnation does not know it. It starts with
 * neighbours in a grid and asks one node after another for the topology (`join`) until one replies
 * (`joined`); then it syncs with its real neighbours. Where no test ever sends a topology it ceases
 * after `MAX_ROUNDS` rounds. A node that still sends to a former neighbour receives the topology, too.
 *
 * @module
 */

import { type Body, type Node, schema } from "../../node/mod.ts";
import {
  type Engine,
  EntryLog,
  type Policy,
  type PolicyEvent,
  type Session,
} from "../../replication/mod.ts";
import {
  ACK_TIMING,
  type Broadcast,
  gridNeighbours,
  replicateValues,
  type StrategyOptions,
  type Topology,
} from "./strategy.ts";

/** An update leaves at most this part of an interval before or after the interval's end… */
const SLACK = 0.2;
/** …when changes have arrived, and no more of them for this long. */
const SETTLED_MS = 10;

/** A node without a topology asks for it this often, and each node this many times. */
const JOIN_INTERVAL_MS = 500;
const MAX_ROUNDS = 2;

/** Starts the strategy `batch`; with an interval of 0 it is `retry`. */
export function batch(node: Node, options: StrategyOptions): Broadcast {
  const policy = new BatchPolicy(node, options.intervalMs);
  const messages = { join: {}, joined: { topology: schema.record(schema.array(schema.string)) } };
  const values = replicateValues(node, new EntryLog(node), policy, options, messages);
  return { ...values, suggest: (topology) => policy.suggest(topology, values.engine) };
}

class BatchPolicy implements Policy {
  readonly #node: Node;
  readonly #intervalMs: number;
  #topology: Topology | undefined;
  #joinAtMs: number;
  #joins = 0;

  constructor(node: Node, intervalMs: number) {
    this.#node = node;
    this.#intervalMs = intervalMs;
    this.#joinAtMs = node.monotonic() + JOIN_INTERVAL_MS;
  }

  peers(): readonly string[] {
    return gridNeighbours(this.#node.nodes, this.#node.id);
  }

  timing() {
    return { own: ACK_TIMING, peer: ACK_TIMING };
  }

  sendAtMs({ lastSentMs, state }: Session, pendingMs: number): number {
    const latestMs = lastSentMs + (1 + SLACK) * this.#intervalMs;
    const lastChangeMs = state.changedAt(state.version - 1);
    const isInStep = lastChangeMs >= lastSentMs + (1 - SLACK) * this.#intervalMs;
    return Math.max(pendingMs, isInStep ? Math.min(lastChangeMs + SETTLED_MS, latestMs) : latestMs);
  }

  deadlineMs(): number {
    return this.#joinAtMs;
  }

  /** Refuses a restarted node that takes this one for a neighbour. */
  accepts(peer: string): boolean {
    const { id } = this.#node;
    const neighbours = this.#topology?.[peer];
    return neighbours === undefined || neighbours.includes(id) ||
      this.#topology?.[id]?.includes(peer) !== false;
  }

  on(event: PolicyEvent, engine: Engine, now: number): void {
    if (event.type === "tick" && this.#joinAtMs <= now) this.#join(engine, now);
    else if (event.type === "refused") this.#sendTopology(event.peer, engine);
    else if (event.type === "other") this.#onMessage(event.peer, event.body, engine, now);
  }

  #onMessage(peer: string, { type, topology }: Body, engine: Engine, now: number): void {
    if (type === "join") this.#sendTopology(peer, engine);
    else if (this.#topology === undefined) this.#adopt(topology as Topology, engine, now);
  }

  /** Takes the topology that a test suggests; a node missing from it keeps its neighbours. */
  suggest(topology: Topology, engine: Engine): void {
    this.#topology = topology;
    this.#joinAtMs = Infinity;
    const neighbours = topology[this.#node.id];
    if (neighbours === undefined) return;
    for (const peer of [...engine.sessions.keys()]) {
      if (!neighbours.includes(peer)) engine.sessions.delete(peer);
    }
    for (const peer of neighbours) {
      if (this.#node.peers.includes(peer)) engine.session(peer);
    }
  }

  #join(engine: Engine, now: number): void {
    const { nodes, peers, id } = this.#node;
    const isOver = this.#joins >= MAX_ROUNDS * peers.length;
    this.#joinAtMs = isOver ? Infinity : now + JOIN_INTERVAL_MS;
    // Each node begins with the one after it, so that nodes that restarted together ask different ones.
    const peer = nodes[(nodes.indexOf(id) + 1 + this.#joins++ % peers.length) % nodes.length];
    if (!isOver && peer !== undefined) engine.send(peer, { type: "join" });
  }

  #sendTopology(peer: string, engine: Engine): void {
    if (this.#topology === undefined) return;
    const entries = Object.entries(this.#topology).map(([node, nodes]) => [node, [...nodes]]);
    engine.send(peer, { type: "joined", topology: Object.fromEntries(entries) });
  }

  /** Takes the topology that an earlier incarnation had. */
  #adopt(topology: Topology, engine: Engine, now: number): void {
    engine.sometimes("a new incarnation received the topology");
    this.suggest(topology, engine);
    for (const session of engine.sessions.values()) {
      if (session.you === undefined) engine.sync(session, now);
    }
  }
}
