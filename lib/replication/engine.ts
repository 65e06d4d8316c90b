/**
 * The anti-entropy engine makes the states of all replicas equal, over a lossy network. Every replica
 * has a log of changes and a {@link Session} with each peer. A message carries the changes after the
 * peer's last acknowledgement, and acknowledges the peer's own. A {@link Policy} decides to which peers
 * a replica sends, and when. It cannot lose a change if its sessions connect all replicas, or it
 * reports that they do not (`isPartitioned`). A session after one that it has ended begins with a sync.
 *
 * **Why nothing is lost.** While a peer may lack a change, its session has a deadline: to send, to
 * retransmit (with back-off), to sync, or to probe a peer that does not reply. A peer that restarts
 * is a new incarnation; both sides then *sync*: they exchange summaries and send what the other
 * lacks. When a peer stays unreachable, others are asked to sync with it (indirect probes, SWIM, Das
 * et al. 2002, section 4.1), and ask others in turn ({@link Prober}): changes find any working path.
 *
 * @module
 */

import type { Json, RoundTripEstimator } from "../base/mod.ts";
import type { Body } from "../wire/mod.ts";
import { Composer } from "./composer.ts";
import { Prober } from "./prober.ts";
import { newRoundTrip } from "./round_trip.ts";
import { Session } from "./session.ts";
import type { Effect, EngineOptions, Event, Ihave, Policy, PolicyEvent } from "./types.ts";
import { messageFields, type ReplicatedState, type Sync, type Update } from "./types.ts";

/** A peer that has sent nothing gets this many changes without a sync before. */
const MAX_UNREQUESTED = 64;
/** A new incarnation syncs with peers that have sent nothing by then: it may have a past. */
const GREET_DELAY_MS = 600;

/** One replica. */
export class Engine {
  /** The sessions with peers, by node id. */
  readonly sessions: Map<string, Session> = new Map();
  readonly #peers: readonly string[];
  readonly #composer: Composer;
  readonly #prober: Prober;
  readonly #roundTrips = new Map<string, RoundTripEstimator>();
  #effects: Effect[] = [];
  #greetAtMs = Infinity;

  /** Creates a replica, which begins with the event `started`. */
  constructor(
    readonly state: ReplicatedState,
    readonly policy: Policy,
    readonly options: EngineOptions,
  ) {
    this.#peers = options.nodes.filter((node) => node !== options.id);
    this.#composer = new Composer(state, policy, options.incarnation);
    this.#prober = new Prober(this.#peers, this.sessions, options.random);
  }

  /** Processes an event at a time of a monotonic clock, in milliseconds. */
  handle(event: Event, now: number): Effect[] {
    this.#effects = [];
    const before = this.state.version;
    if (event.type === "started") {
      this.#greetAtMs = now + GREET_DELAY_MS;
      for (const peer of this.policy.peers()) this.session(peer);
    } else if (event.type === "received" && this.#peers.includes(event.peer)) {
      this.#receive(event.peer, event.body, now);
    }
    const isChanged = event.type === "changed" || this.state.version > before;
    if (isChanged) this.#tell({ type: "changed" }, now);
    this.#poll(now);
    this.#effects.push({ type: "timer", atMs: this.#deadlineMs() });
    return this.#effects;
  }

  /** Sends a message of the policy's own. */
  send(peer: string, body: Body): void {
    this.#effects.push({ type: "send", peer, body });
  }

  /** Marks a rare path as reached, see `node.sometimes`. */
  sometimes(text: string): void {
    this.#effects.push({ type: "sometimes", text });
  }

  /** Returns the session with a peer, and starts one if there is none. */
  session(peer: string, isPassive = false): Session {
    let session = this.sessions.get(peer);
    if (session === undefined) {
      const roundTrip = this.#roundTrips.get(peer) ?? newRoundTrip();
      this.#roundTrips.set(peer, roundTrip);
      session = new Session(peer, this.state, this.options, roundTrip);
      session.isLazy = this.policy.isLazy ?? false;
      session.isPassive = isPassive;
      this.sessions.set(peer, session);
    }
    if (!isPassive) session.isPassive = false;
    return session;
  }

  /** Requests a peer's summary and sends this replica's, unless a reply is awaited already. */
  sync(session: Session, now: number, more?: Pick<Partial<Sync>, "relay" | "hint">): void {
    if (more === undefined && session.isSyncing) return;
    session.syncSinceMs ??= Math.round(now);
    session.lastSyncMs = now;
    this.send(session.peer, this.#composer.sync(session, now, more ?? {}));
  }

  /** Sends an acknowledgement without changes. */
  acknowledge(session: Session, now: number, more: { hint?: Json } = {}): void {
    this.send(session.peer, this.#composer.acknowledgement(session, now, more));
  }

  /** Sends, or advertises, what is pending in a session. */
  push(session: Session, now: number): void {
    session.isUrgent = false;
    const isLong = this.state.version - (session.pending ?? Infinity) > MAX_UNREQUESTED;
    if (session.isNew && isLong) return this.sync(session, now);
    // A summary says nothing of changes beyond a gap.
    const isSummarised = this.state.summaryVersion === this.state.version;
    if (session.isLazy && !session.isRequested && isSummarised) {
      return this.send(session.peer, this.#composer.ihave(session, now));
    }
    for (let first = session.pending; first !== undefined; first = session.pending) {
      this.send(session.peer, this.#composer.update(session, first, now));
    }
  }

  #receive(peer: string, body: Body, now: number): void {
    if (!Object.hasOwn(messageFields, body.type)) {
      return this.#tell({ type: "other", peer, body }, now);
    }
    const isPassive = body.passive === true;
    if (!isPassive && this.policy.accepts?.(peer) === false) {
      if (!this.state.isOrdered) this.#merge(body as Update, now);
      return this.#tell({ type: "refused", peer, body }, now);
    }
    const session = this.session(peer, isPassive);
    const { isSuspected } = session;
    const { me, you = this.options.incarnation } = body as Update;
    // Another incarnation of either side: positions do not count, and only summaries tell what is.
    const isMismatch = session.meet(me) || you !== this.options.incarnation;
    if (isMismatch) this.sometimes("a peer was met in a new incarnation");
    // A sync request shows the peer's summary already, and the answer shows this one's.
    const isRequest = body.type === "sync" && body.answers === undefined;
    if (body.type === "probe" || (isMismatch && !isRequest)) this.sync(session, now);
    if (body.type === "update") this.#onUpdate(session, body as Update, now);
    else if (body.type === "ihave") this.#onIhave(session, body as Ihave, now);
    else if (body.type === "sync") this.#onSync(session, body as Sync, now);
    if (isSuspected && !session.isSuspected) {
      this.sometimes("a suspected peer replied");
      session.isUrgent = true;
      for (const suspect of this.#prober.probeAll(now)) {
        this.send(suspect, this.#composer.probe());
      }
      this.#tell({ type: "restored", session }, now);
    }
    // The peer is alive but its reply is overdue: request again, which restarts the timeout.
    if (session.isOverdue(now)) this.sync(session, now, {});
    this.#tell({ type: "message", session }, now);
  }

  #onUpdate(session: Session, update: Update, now: number): void {
    const before = this.state.version;
    const { from, to } = update;
    const counts = this.#takeAck(session, update, now);
    const isNext = from === session.received;
    if (!this.state.isOrdered || (counts && from <= session.received)) this.#merge(update, now);
    if (!counts) return;
    if (from > session.received) session.receiveAhead(from, to, now);
    else if (from < to) {
      session.receive(to, now);
      session.lastReceivedMs = now;
    }
    if (session.isPassive && this.state.version > before) this.#prober.hasten(now);
    if (update.urgent === true) session.ackOwedSinceMs = -Infinity;
    this.#tell({ type: "update", session, update, before, isNext }, now);
  }

  #onIhave(session: Session, ihave: Ihave, now: number): void {
    if (!this.#takeAck(session, ihave, now)) return;
    if (this.state.includes(ihave.summary)) session.receive(ihave.at, now);
    else {
      const dueMs = now + (this.policy.ihaveTimeoutMs?.(session) ?? 0);
      session.ihave ??= { summary: ihave.summary, at: ihave.at, dueMs };
    }
  }

  #onSync(session: Session, sync: Sync, now: number): void {
    const { summary, at, time, answers, relay = [], you, ack } = sync;
    this.#takeAck(session, sync, now);
    session.needs(summary, you === this.options.incarnation ? ack : 0);
    session.peerTimeMs = Math.max(session.peerTimeMs, time);
    const isRelay = session.isPassive && session.pending !== undefined;
    if (isRelay) session.isUrgent = this.#prober.relays(session.pendingMs, now);
    if (this.state.includes(summary)) session.advance(at);
    if (you === this.options.incarnation) {
      session.noteAlive();
      if (answers !== undefined && answers >= (session.syncSinceMs ?? Infinity)) {
        session.syncSinceMs = undefined;
      }
    }
    const answer = { answers: time };
    if (answers === undefined) this.send(session.peer, this.#composer.sync(session, now, answer));
    for (const lost of relay) {
      if (this.#peers.includes(lost)) this.#reach(this.session(lost, true), now);
    }
    this.#tell({ type: "synced", session, sync, isReply: answers !== undefined }, now);
  }

  /** Syncs with a peer on behalf of another one. */
  #reach(session: Session, now: number): void {
    session.isTarget = true;
    if (session.isSuspected || this.#prober.isUnreachable(session.peer, now)) return;
    this.sometimes("a peer was reached through another one");
    this.sync(session, now);
  }

  /** Processes an acknowledgement; returns whether the positions of its message count. */
  #takeAck(session: Session, message: Update | Ihave | Sync, now: number): boolean {
    const { you, ack, time, echo } = message;
    const isForThis = you === this.options.incarnation;
    session.noteTime(time, isForThis ? echo : undefined, now);
    if (!isForThis) return you === undefined;
    session.acknowledge(ack, now);
    return true;
  }

  #merge({ delta, me, you }: Update, now: number): void {
    if (delta !== undefined) this.state.merge(delta, me, now, you);
  }

  /** Does everything whose time has come. */
  #poll(now: number): void {
    if (this.#greetAtMs <= now) this.#greet(now);
    this.#tell({ type: "tick" }, now);
    for (const session of this.sessions.values()) {
      const timing = this.policy.timing(session.peer);
      if (session.timeoutDueMs(timing) <= now) this.#timeOut(session, now);
      if (session.expiryMs <= now) this.#expire(session, now);
      if (!session.isReady) session.isUrgent = false;
      else if (session.isUrgent || this.#sendAtMs(session) <= now) this.push(session, now);
      if (session.ackDueMs(timing) <= now) this.acknowledge(session, now);
    }
    this.#probe(now);
  }

  #deadlineMs(): number {
    const policyMs = this.policy.deadlineMs?.() ?? Infinity;
    let deadline = Math.min(this.#greetAtMs, this.#prober.deadlineMs, policyMs);
    for (const session of this.sessions.values()) {
      const sendAtMs = session.isReady ? this.#sendAtMs(session) : Infinity;
      deadline = Math.min(deadline, sendAtMs, session.deadlineMs(this.policy.timing(session.peer)));
    }
    return deadline;
  }

  #sendAtMs(session: Session): number {
    return session.isPassive ? Infinity : this.policy.sendAtMs(session, session.pendingMs);
  }

  #greet(now: number): void {
    this.#greetAtMs = Infinity;
    for (const session of this.sessions.values()) {
      const isAwaited = session.isSyncing || session.isUnacked;
      if (session.you === undefined && !isAwaited) this.sync(session, now);
    }
  }

  #expire(session: Session, now: number): void {
    const { ihave } = session;
    session.ihave = session.ahead = undefined;
    if (ihave === undefined) this.sometimes("changes were missing");
    else if (this.state.includes(ihave.summary)) return session.receive(ihave.at, now);
    else {
      this.sometimes("advertised changes were requested");
      this.#tell({ type: "expired", session }, now);
    }
    this.sync(session, now);
  }

  #timeOut(session: Session, now: number): void {
    if (session.isPassive) return session.abandon(now);
    const wasSyncing = session.isSyncing;
    session.timeOut();
    if (session.isSuspected) {
      this.sometimes("a peer was suspected");
      this.#prober.suspect(now);
      this.#tell({ type: "suspected", session }, now);
    } else if (wasSyncing) this.sync(session, now, {});
    else {
      this.sometimes("changes were retransmitted");
      session.isUrgent = true;
    }
  }

  #probe(now: number): void {
    const { probed, relay } = this.#prober.poll(this.policy.isPartitioned?.() === true, now);
    if (probed !== undefined) this.send(probed, this.#composer.probe());
    if (relay !== undefined) this.sync(this.session(relay.peer, true), now, { relay: relay.lost });
  }

  #tell(event: PolicyEvent, now: number): void {
    if (!("session" in event && event.session.isPassive)) this.policy.on?.(event, this, now);
  }
}
