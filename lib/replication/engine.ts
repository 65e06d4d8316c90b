/**
 * The anti-entropy engine makes the states of all replicas equal, over a lossy network. Every replica
 * has a log of changes and a {@link Session} with each peer. A message carries the changes after the
 * peer's last acknowledgement, and acknowledges the peer's own. A {@link Policy} decides to which peers
 * a replica sends, and when. It cannot lose a change if its sessions connect all replicas, or it
 * reports that they do not (`isPartitioned`). A peer that goes on with an ended session causes a sync.
 *
 * **Why nothing is lost.** While a peer may lack a change, its session has a deadline: to send, to
 * retransmit (with back-off), to sync, or to probe a peer that does not reply. A peer that restarts
 * is a new incarnation; both sides then *sync*: they exchange summaries and send what the other
 * lacks. When a peer stays unreachable, others are asked to sync with it (indirect probes, SWIM, Das
 * et al. 2002, section 4.1), and ask others in turn ({@link Prober}): changes find any working path.
 *
 * @module
 */

import type { RoundTripEstimator } from "../base/mod.ts";
import type { Body } from "../wire/mod.ts";
import { Prober } from "./prober.ts";
import { Session } from "./session.ts";
import type { Effect, EngineOptions, Event, Ihave, Policy, PolicyEvent } from "./types.ts";
import { messageFields, type ReplicatedState, type Sync, type Update } from "./types.ts";

/** A new incarnation syncs with peers that have sent nothing by then: it may have a past. */
const GREET_DELAY_MS = 600;
/** A relay passes on changes that have been pending for this long. */
const MIN_RELAY_AGE_MS = 2000;

/** One replica. */
export class Engine {
  /** The sessions with peers, by node id. */
  readonly sessions: Map<string, Session> = new Map();
  readonly #peers: readonly string[];
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
    this.#prober = new Prober(this, this.#peers, options.random);
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
    const session = this.sessions.get(peer) ?? this.#start(peer, isPassive);
    if (!isPassive) session.isPassive = false;
    return session;
  }

  /** Returns the session with an incarnation of a peer: a new one if it was with another one. */
  meet(session: Session, me: string): Session {
    const isOther = session.you !== undefined && session.you !== me;
    const met = isOther ? this.#start(session.peer, session.isPassive) : session;
    met.you = me;
    return met;
  }

  /** Requests a peer's summary and sends this replica's, unless a reply is awaited already. */
  sync(session: Session, now: number, more?: Partial<Sync>): void {
    if (more === undefined && session.isSyncing) return;
    session.syncMs = now;
    this.#send(session, now, { type: "sync", ...this.#summary, ...more });
  }

  /** Sends an acknowledgement without changes. */
  acknowledge(session: Session, now: number, more: Partial<Update> = {}): void {
    const from = session.isLazy ? 0 : session.sent;
    this.#send(session, now, { type: "update", from, to: from, ...more });
  }

  /** Sends, or advertises, what is pending in a session. */
  push(session: Session, now: number): void {
    const { isRequested } = session;
    session.isUrgent = session.isRequested = false;
    // A summary says nothing of changes beyond a gap.
    const isSummarised = this.state.summaryVersion === this.state.version;
    if (session.isLazy && !isRequested && isSummarised) {
      this.#send(session, now, { type: "ihave", ...this.#summary });
      return session.noteSent(this.state.version, now);
    }
    const urgent = session.timeouts > 0 ? { urgent: true } : {};
    for (let first = session.pending; first !== undefined; first = session.pending) {
      const { delta, to } = this.state.delta(first, session.receiver);
      this.#send(session, now, { type: "update", from: session.sent, to, delta, ...urgent });
      session.noteSent(to, now);
    }
  }

  #send(session: Session, now: number, { type, ...content }: Body): void {
    const pendingMs = session.pending === undefined ? now : session.pendingMs;
    const hint = this.policy.hint?.(session, now, pendingMs);
    const header = { me: this.options.incarnation, ...session.header(now) };
    this.send(session.peer, {
      type,
      ...header,
      ...(hint === undefined ? {} : { hint }),
      ...content,
    });
  }

  get #summary() {
    return { summary: this.state.summary(), at: this.state.summaryVersion };
  }

  #start(peer: string, isPassive: boolean): Session {
    const session = new Session(peer, this.state, this.options, this.#roundTrips.get(peer));
    this.#roundTrips.set(peer, session.roundTrip);
    session.isLazy = this.policy.isLazy ?? false;
    session.isPassive = isPassive;
    this.sessions.set(peer, session);
    return session;
  }

  #receive(peer: string, body: Body, now: number): void {
    if (!Object.hasOwn(messageFields, body.type)) {
      return this.#tell({ type: "other", peer, body }, now);
    }
    const isPassive = body.passive === true;
    if (!isPassive && this.policy.accepts?.(peer) === false) {
      return this.#tell({ type: "refused", peer, body }, now);
    }
    const { me, you = this.options.incarnation } = body as Update;
    const former = this.session(peer, isPassive);
    const { isSuspected } = former;
    const session = this.meet(former, me);
    // Another incarnation of either side: positions do not count, and only summaries tell what is.
    const isMismatch = session !== former || you !== this.options.incarnation;
    if (isMismatch) this.sometimes("a peer was met in a new incarnation");
    // A sync request shows the peer's summary already, and the answer shows this one's.
    const isRequest = body.type === "sync" && body.answers === undefined;
    if (isMismatch && !isRequest) this.sync(session, now);
    if (body.type === "update") this.#onUpdate(session, body as Update, now);
    else if (body.type === "ihave") this.#onIhave(session, body as Ihave, now);
    else if (body.type === "sync") this.#onSync(session, body as Sync, now);
    if (isSuspected && !session.isSuspected) {
      this.sometimes("a suspected peer replied");
      // Others may have brought the peer what it lacked.
      if (body.type !== "sync") this.sync(session, now, {});
    }
    this.#tell({ type: "message", session }, now);
  }

  #onUpdate(session: Session, update: Update, now: number): void {
    if (!this.#takeAck(session, update, now)) return;
    const before = this.state.version;
    const { me, from, to, delta, urgent = false } = update;
    const isNext = from <= session.received;
    if (delta !== undefined && (isNext || !this.state.isOrdered)) this.state.merge(delta, me, now);
    if (!isNext) session.receiveAhead(from, to, now);
    else if (from < to) {
      session.receive(to, now);
      session.lastReceivedMs = now;
    }
    if (urgent) session.ackOwedSinceMs = -Infinity;
    this.#tell({ type: "update", session, update, before }, now);
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
    const isReply = answers !== undefined;
    this.#takeAck(session, sync, now);
    session.needs(summary, you === this.options.incarnation ? ack : 0);
    session.peerTimeMs = Math.max(session.peerTimeMs, time);
    // Younger changes are left to the policy, which is faster if it can reach the peer.
    const isRelay = session.isPassive && session.pending !== undefined;
    if (isRelay) session.isUrgent = now - session.pendingMs >= MIN_RELAY_AGE_MS;
    if (this.state.includes(summary)) session.advance(at);
    if (isReply && you === this.options.incarnation) session.syncMs = undefined;
    if (!isReply) this.#send(session, now, { type: "sync", ...this.#summary, answers: time });
    this.#prober.reach(relay, now);
    this.#tell({ type: "synced", session, sync, isReply }, now);
  }

  /** Processes an acknowledgement; returns whether the positions of its message count. */
  #takeAck(session: Session, message: Update | Ihave | Sync, now: number): boolean {
    const { you, ack, time, echo } = message;
    const isForThis = you === this.options.incarnation;
    session.noteTime(time, isForThis ? echo : undefined, now);
    if (isForThis && echo !== undefined) this.#prober.noteReachable(session.peer, now);
    if (!isForThis) return you === undefined;
    session.acknowledge(ack, now);
    return true;
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
    this.#prober.poll(this.policy.isPartitioned?.() === true, now);
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
    if (session.isPassive) {
      this.sessions.delete(session.peer);
      return this.#prober.noteUnreachable(session.peer, now);
    }
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

  #tell(event: PolicyEvent, now: number): void {
    if (!("session" in event && event.session.isPassive)) this.policy.on?.(event, this, now);
  }
}
