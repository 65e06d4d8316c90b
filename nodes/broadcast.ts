#!/usr/bin/env -S deno run
/**
 * Broadcast: a value that a client sends to one node must eventually be read from all nodes (Gossip
 * Glomers challenges 3a to 3e). Needs no permissions.
 *
 * This file is the strategy `hub`, the default. `lib/protocol/broadcast/` has the others. With n
 * nodes, e links, latency L and v values a second:
 *
 * | Strategy | Sends to | Messages a value | Until all can read it |
 * |---|---|---|---|
 * | `hub` | one node, and from there to all, every interval T | 2·(n−1)/(v·T) | T + L to T + 2·L |
 * | `mesh` | all nodes immediately; a slow exchange repairs | n−1 | L |
 * | `retry`, `batch` | the suggested neighbours, immediately or every T | e to 2·e, 2·e/(v·T) | L (+ T) a hop |
 * | `tree`, `plumtree` | a fixed tree, or one that forms itself | n−1 | L a hop |
 * | `flood` | the suggested neighbours, without acknowledgement | e to 2·e | L a hop |
 *
 * **Idea.** The first node is the *hub*, all others are its leaves. A leaf acknowledges a client's
 * value immediately and sends it to the hub; the hub flushes what it has to every leaf once an
 * interval T. Acknowledgements ride along. So a leaf and the hub exchange at most two messages an
 * interval, however many values there are. A value waits for a flush only once: the hub tells its
 * leaves when it flushes next, and a leaf sends just in time for that, a round trip and a margin
 * before. Where round trips vary more than the margin, or the cluster is idle, a leaf sends
 * immediately. A hub flushes early for a value that has waited for T.
 *
 * **When the hub is away.** A leaf that suspects its hub asks all nodes before it in the list, the
 * *lower* ones (`seek`), and takes the lowest that replies (`here`); it may be a leaf itself. Without
 * a reply it is a hub, tells higher nodes (`here`) and goes on asking. When a lower node's message
 * arrives it syncs, returns on the reply, and answers its stand-in's next message with `leave`.
 *
 * **Why it is right.** Which node is a hub decides how fast values travel, never whether: the
 * replication engine (`lib/replication/engine.ts`) acknowledges and retransmits in every session,
 * compares summaries with a peer that restarted, and reaches an unreachable peer through other ones.
 * A node that is killed loses what it has acknowledged and not delivered. Say n2 restarts while n0 is
 * isolated: after 600 ms it syncs with its hub n0, after three timeouts (2 s in all) it asks n1, which
 * is a hub by then, and gets all that n1 has. What only n0 has follows within a second of the heal.
 *
 * @module
 */

import {
  type Body,
  contract,
  defineNode,
  flag,
  type FlagValues,
  type Node,
  schema,
  serve,
} from "../lib/node/mod.ts";
import {
  type Broadcast,
  DEFAULT_INTERVAL_MS,
  replicateValues,
  STRATEGIES,
  type StrategyOptions,
} from "../lib/protocol/broadcast/mod.ts";
import {
  type Engine,
  EntryLog,
  type Policy,
  type PolicyEvent,
  retryFlags,
  retryOptions,
  type Session,
} from "../lib/replication/mod.ts";

const ms = { placeholder: "MS", min: 1 } as const;
const count = { placeholder: "N", min: 1, integer: true } as const;

/** Its flags, with their defaults. */
export const broadcastFlags = {
  strategy: flag.oneOf(["hub", "mesh", "retry", "batch", "tree", "plumtree", "flood"], {
    help: "hub, mesh, retry, batch, tree, plumtree or flood",
    default: "hub",
  }),
  interval: flag.number({ ...ms, help: "period (hub 380, batch 100, mesh 4000, plumtree 1000)" }),
  fanout: flag.number({ ...count, help: "tree: children of a node", default: 5 }),
  degree: flag.number({ ...count, help: "plumtree: links of a node", default: 6 }),
  ...retryFlags,
};

/** Answers `broadcast`, `topology` and `read`. */
const broadcast = defineNode(
  { flags: broadcastFlags, serves: contract.broadcast },
  (node, flags) => {
    const strategy = start(node, flags);
    node.exposeState(() => ({ values: strategy.values() }));
    return {
      topology({ topology }) {
        strategy.suggest?.(topology);
        return {};
      },
      broadcast({ message }) {
        strategy.add(message);
        return {};
      },
      read: () => ({ messages: [...strategy.values()] }),
    };
  },
);
export default broadcast;

function start(node: Node, flags: FlagValues<typeof broadcastFlags>): Broadcast {
  const defaults: { readonly [name: string]: number } = DEFAULT_INTERVAL_MS;
  const options = {
    intervalMs: flags.interval ?? defaults[flags.strategy] ?? 0,
    ...flags,
    ...retryOptions(flags),
  };
  if (flags.strategy !== "hub") return STRATEGIES[flags.strategy](node, options);
  return replicateValues(node, new EntryLog(node), new HubPolicy(node, options), options, messages);
}

/** The messages between a leaf and nodes that may be its hub. */
const messages = { seek: {}, here: {}, leave: { me: schema.string, time: schema.natural } };
/** A leaf's values arrive this long before the flush that they aim at. */
const MARGIN_MS = 30;
/** Values that aim at a flush are complete when none came for this long. */
const SETTLED_MS = 10;
const MAX_DELAY_MS = MARGIN_MS + SETTLED_MS;
/** A leaf acknowledges after 1.5 intervals of quiet, and within 3 intervals, or this if longer. */
const MAX_ACK_DELAY_MS = 2000;
/** A node without a hub asks for one this often, with back-off. */
const SEEK_MS = { min: 1000, max: 8000 };

class HubPolicy implements Policy {
  readonly #rank: ReadonlyMap<string, number>;
  /** The node that this one sends its values to; itself when it is a hub. */
  #hub: string;
  #seekAtMs = Infinity;
  #seekDelayMs = SEEK_MS.min;
  #nextFlushMs = -Infinity;
  #lastUpdateMs = -Infinity;
  /** Hub: when a late value forces an early flush. Leaf: its hub's next flush, by the hint. */
  #overdueAtMs = Infinity;
  #hubFlushMs = -Infinity;

  constructor(readonly node: Node, readonly options: StrategyOptions) {
    this.#rank = new Map(node.nodes.map((id, rank) => [id, rank]));
    this.#hub = node.nodes[0] as string;
  }

  peers(): readonly string[] {
    return this.#hub === this.node.id ? this.node.peers : [this.#hub];
  }

  accepts(peer: string): boolean {
    return !(this.#isLower(peer) && this.#isLower(this.#hub, peer)); // Not those in between.
  }

  isPartitioned(): boolean {
    return this.#hub !== this.node.nodes[0];
  }

  timing(peer: string) {
    const { intervalMs } = this.options;
    // A hub acknowledges with its next flush, on its own only if there is none.
    const flushMs = intervalMs + 2 * MAX_DELAY_MS;
    const hub = { ackDelayMs: flushMs, maxAckDelayMs: flushMs };
    const maxAckDelayMs = Math.max(MAX_ACK_DELAY_MS, 3 * intervalMs);
    const leaf = { ackDelayMs: 1.5 * intervalMs, maxAckDelayMs };
    return this.#isLower(peer) ? { own: leaf, peer: hub } : { own: hub, peer: leaf };
  }

  sendAtMs(session: Session, pendingMs: number): number {
    if (session.peer === this.#hub) return this.#sendToHubAtMs(session, pendingMs);
    return this.#isLower(session.peer) ? Infinity : this.#flushAtMs;
  }

  /** From a hub: milliseconds until its next flush. From a leaf: how long its value has waited. */
  hint({ peer }: Session, now: number, pendingMs: number): number | undefined {
    const ms = Math.round(this.#isLower(peer) ? now - pendingMs : this.#nextFlushMs - now);
    return ms > 0 ? ms : undefined;
  }

  deadlineMs(): number {
    return this.#seekAtMs;
  }

  on(event: PolicyEvent, engine: Engine, now: number): void {
    switch (event.type) {
      case "tick":
        if (this.#seekAtMs <= now) this.#seek(engine, now);
        return this.#flush(engine, now);
      case "update":
        return this.#onUpdate(event, engine, now);
      case "synced":
        return event.isReply ? this.#join(event.session, engine) : undefined;
      case "message":
        if (this.#isLower(event.session.peer, this.#hub)) engine.sync(event.session, now);
        return;
      case "suspected":
        if (event.session.peer !== this.#hub) return;
        engine.sometimes("a hub was given up");
        this.#hub = this.node.id;
        this.#seekDelayMs = SEEK_MS.min;
        return this.#seek(engine, now);
      case "refused":
        return engine.send(event.peer, {
          type: "leave",
          me: this.node.incarnation,
          time: Math.round(now),
        });
      case "other":
        return this.#onMessage(event.peer, event.body, engine, now);
    }
  }

  #onMessage(peer: string, { type, me, time }: Body, engine: Engine, now: number): void {
    const session = engine.sessions.get(peer);
    if (type === "seek") engine.send(peer, { type: "here" });
    else if (type === "here") this.#onHere(peer, engine, now);
    else if (session !== undefined && !this.#isLower(peer)) {
      // Which incarnation is the later one? The reply tells.
      const met = engine.meet(session, me as string);
      if (met !== session) engine.sync(met, now);
      // A leaf that has come back since has sent a sync, which may have overtaken its `leave`.
      else if (time as number >= session.peerTimeMs) engine.sessions.delete(peer);
    }
  }

  #onHere(peer: string, engine: Engine, now: number): void {
    if (peer === this.#hub) return;
    if (this.#isLower(peer, this.#hub)) this.#join(engine.session(peer), engine);
    // Sync with the new hub; or, if a higher node claims to be one, test the old one.
    const session = engine.sessions.get(this.#hub);
    if (session !== undefined) engine.sync(session, now);
  }

  #onUpdate(event: PolicyEvent & { type: "update" }, engine: Engine, now: number): void {
    const { session, update, before } = event;
    const hint = Number(update.hint ?? 0);
    const isFromHub = session.peer === this.#hub;
    if (isFromHub && hint > 0) this.#hubFlushMs = now + hint;
    if (engine.state.version === before) return;
    this.#lastUpdateMs = now;
    const leftMs = isFromHub ? Infinity : Math.max(0, this.options.intervalMs - hint);
    this.#overdueAtMs = Math.min(this.#overdueAtMs, now + MAX_DELAY_MS + leftMs);
  }

  #seek(engine: Engine, now: number): void {
    this.#seekAtMs = Infinity;
    if (this.#hub !== this.node.id) return;
    const isSecond = this.#seekDelayMs === 2 * SEEK_MS.min;
    this.#seekAtMs = now + this.#seekDelayMs;
    this.#seekDelayMs = Math.min(SEEK_MS.max, 2 * this.#seekDelayMs);
    for (const peer of this.node.peers) {
      // No lower node has replied, so this is a hub. Other nodes may not know that theirs is gone.
      if (!this.#isLower(peer) && isSecond) engine.send(peer, { type: "here" });
      const isProbed = engine.sessions.get(peer)?.isSuspected ?? false;
      if (this.#isLower(peer) && !isProbed) engine.send(peer, { type: "seek" });
    }
  }

  #join({ peer: hub }: Session, engine: Engine): void {
    if (!this.#isLower(hub, this.#hub)) return;
    engine.sometimes("a new hub was found");
    this.#hub = hub;
    for (const peer of [...engine.sessions.keys()]) {
      if (this.#isLower(peer) && peer !== hub) engine.sessions.delete(peer);
    }
  }

  /** Just in time for the hub's next flush; immediately when that is unknown or varies. */
  #sendToHubAtMs({ spreadMs, roundTrip, replyMs }: Session, pendingMs: number): number {
    const isKnown = pendingMs < this.#hubFlushMs + replyMs;
    if (!isKnown || spreadMs > MARGIN_MS) return pendingMs;
    const { intervalMs } = this.options;
    const aimMs = this.#hubFlushMs - (roundTrip.quantile(0) as number) - MARGIN_MS;
    return aimMs + Math.ceil((pendingMs - aimMs) / intervalMs) * intervalMs;
  }

  #flush(engine: Engine, now: number): void {
    if (this.#flushAtMs > now) return;
    const leaves = [...engine.sessions.values()].filter(({ peer, isReady, isPassive }) =>
      isReady && !isPassive && !this.#isLower(peer)
    );
    if (leaves.length === 0) return;
    // Early flushes leave the regular ones where they are, so that leaves can rely on them.
    const { intervalMs } = this.options;
    const lateMs = now - this.#nextFlushMs;
    if (lateMs >= intervalMs / 2) this.#nextFlushMs = now + intervalMs;
    else if (lateMs >= 0) this.#nextFlushMs += intervalMs;
    this.#overdueAtMs = Infinity;
    for (const leaf of leaves) engine.push(leaf, now);
  }

  /** An interval after the last regular flush, and a little later while leaves are late. */
  get #flushAtMs(): number {
    const settledMs = Math.max(this.#nextFlushMs, this.#lastUpdateMs + SETTLED_MS);
    return Math.min(settledMs, this.#nextFlushMs + MAX_DELAY_MS, this.#overdueAtMs);
  }

  #isLower(peer: string, than = this.node.id): boolean {
    return (this.#rank.get(peer) as number) < (this.#rank.get(than) as number);
  }
}

if (import.meta.main) await serve(broadcast);
