/**
 * Strategy `plumtree`: values flow along a tree that forms itself, and advertisements on all other
 * links repair it (Leitão, Pereira, Rodrigues: "Epidemic Broadcast Trees", SRDS 2007).
 *
 * **Idea.** Nodes are linked in a ring with chords. At first every link is *eager*: it carries values
 * immediately. A receiver that has a value already makes its sender *prune* the link (PRUNE, section
 * 3.3). The remaining links are the tree of the fastest paths, with n − 1 messages a value. The other
 * links are *lazy*: they carry a summary every interval, and when no value came for 200 ms (IHAVE,
 * section 3.2). A receiver that does not receive an advertised value within the time of `GRAFT_HOPS`
 * hops requests it and makes the link eager again (GRAFT, section 3.3).
 *
 * **One tree for all.** The paper builds a tree for one source. Here all nodes are sources, and trees
 * of values in flight at the same time would prune each other's branches. So only the values of the
 * *root* shape the tree: the lowest node that adds values. A node's *parent* is the peer that sent it
 * the first of them. The node does not prune the link to its parent, unless the parent prunes it: then
 * the parent receives the root's values from another peer.
 *
 * **Why nothing is lost.** The paper's links are TCP connections; here the network loses messages. So
 * lazy links acknowledge, too, and a value reaches all nodes that links connect.
 *
 * @module
 */

import type { Node } from "../../node/mod.ts";
import {
  type Engine,
  EntryLog,
  type Policy,
  type PolicyEvent,
  type Session,
} from "../../replication/mod.ts";
import {
  ACK_TIMING,
  advertiseAtMs,
  type Broadcast,
  replicateValues,
  ringNeighbours,
  type StrategyOptions,
} from "./strategy.ts";

const GRAFT_HOPS = 8;
/** A root that adds nothing for this long gives way to the next node that does. */
const ROOT_TIMEOUT_MS = 5000;

/** Starts the strategy. */
export function plumtree(node: Node, options: StrategyOptions): Broadcast {
  const log = new EntryLog(node);
  return replicateValues(node, log, new PlumtreePolicy(node, log, options), options);
}

class PlumtreePolicy implements Policy {
  /** The peer on the way to the root, and the one that was first to send the root's last value. */
  #parent: string | undefined;
  #fastest: string | undefined;
  #root: { readonly node: string; readonly atMs: number };

  constructor(readonly node: Node, readonly log: EntryLog, readonly options: StrategyOptions) {
    this.#root = { node: node.nodes[0] as string, atMs: 0 };
  }

  peers(): readonly string[] {
    return ringNeighbours(this.node.nodes, this.node.id, this.options.degree);
  }

  /** Advertisements go both ways on a lazy link and acknowledge each other, if they may wait. */
  timing() {
    const maxAckDelayMs = Math.max(ACK_TIMING.maxAckDelayMs, 1.5 * this.options.intervalMs);
    const own = { ...ACK_TIMING, maxAckDelayMs };
    return { own, peer: { ...own, maxAckDelayMs: maxAckDelayMs + this.options.intervalMs } };
  }

  sendAtMs(session: Session, pendingMs: number): number {
    if (!session.isLazy) return pendingMs;
    return advertiseAtMs(session, pendingMs, this.options.intervalMs);
  }

  ihaveTimeoutMs({ roundTrip, replyMs }: Session): number {
    const { rtoMarginMs } = this.options;
    const shortestMs = (roundTrip.quantile(0) as number) + rtoMarginMs;
    // Slow round trips may be of a fault that has ended, and an idle link measures no others.
    const roundTripMs = Math.min(replyMs, 2 * shortestMs) - rtoMarginMs;
    return GRAFT_HOPS * roundTripMs / 2 + rtoMarginMs;
  }

  on(event: PolicyEvent, engine: Engine, now: number): void {
    if (event.type === "update") this.#onUpdate(event, engine, now);
    else if (event.type === "suspected") this.#onSuspected(event.session, engine, now);
    else if (event.type === "expired") graft(event.session, engine, now);
    else if (event.type === "synced" && event.sync.hint === "graft") event.session.makeEager();
  }

  /** When a branch is gone, all links are eager until the tree has its new shape. */
  #onSuspected(session: Session, engine: Engine, now: number): void {
    if (session.peer === this.#parent) this.#parent = undefined;
    if (session.isLazy) return;
    for (const other of engine.sessions.values()) {
      if (other.isLazy && !other.isSuspected) graft(other, engine, now);
    }
  }

  #onUpdate(
    { session, update, before }: PolicyEvent & { type: "update" },
    engine: Engine,
    now: number,
  ): void {
    if (update.hint === "prune") this.#onPrune(session, engine);
    const origins = this.log.nodesIn(update.delta ?? []);
    for (const node of origins) this.#noteActivity(node, now);
    // A retransmission tells nothing of the way.
    if (!origins.has(this.#root.node) || update.urgent === true) return;
    if (this.log.nodesSince(before).has(this.#root.node)) {
      this.#parent ??= session.peer;
      this.#fastest = session.peer;
      session.makeEager();
    } else {
      // Two links carried the value: one to the parent stays.
      const redundant = session.peer === this.#parent ? this.#fastest : session.peer;
      const link = redundant === this.#parent ? undefined : engine.sessions.get(redundant ?? "");
      if (link !== undefined) engine.acknowledge(link, now, { hint: "prune" });
    }
  }

  #onPrune(session: Session, engine: Engine): void {
    // The parent receives the root's values elsewhere, and so does this node.
    if (session.peer === this.#parent) this.#parent = this.#fastest;
    if (session.peer !== this.#parent && hasOther(engine, session)) session.isLazy = true;
  }

  #noteActivity(node: string, now: number): void {
    const { nodes } = this.node;
    const isLower = nodes.indexOf(node) <= nodes.indexOf(this.#root.node);
    if (isLower || now - this.#root.atMs > ROOT_TIMEOUT_MS) this.#root = { node, atMs: now };
  }
}

function graft(session: Session, engine: Engine, now: number): void {
  engine.sometimes("a link was grafted");
  session.makeEager();
  engine.sync(session, now, { hint: "graft" });
}

/** Without another eager link, all values would wait for advertisements. */
function hasOther(engine: Engine, session: Session): boolean {
  return [...engine.sessions.values()].some((other) =>
    other !== session && !other.isLazy && !other.isSuspected
  );
}
