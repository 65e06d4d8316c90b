/**
 * Anti-entropy with deltas: replicas of a {@link DeltaState} send each other what changed, until it
 * is acknowledged.
 *
 * Once per interval a node sends each neighbour one message. The message holds a delta with
 * everything that the neighbour has not acknowledged, and acknowledges the neighbour's own deltas.
 * A neighbour that is up to date receives nothing, so an idle cluster is silent. A neighbour that
 * does not reply is suspected, and receives messages at the retry pace only.
 *
 * **No change is lost.** A delta covers an interval of versions, which starts where the neighbour's
 * acknowledgements end: a delta-interval (Almeida, Shoker and Baquero, definition 4). It counts as
 * delivered only when the neighbour acknowledges it. A receiver joins a delta only if it has
 * everything before the interval: the causal delta-merging condition (definition 6). A node
 * forwards what it joins, so changes travel around a link that fails, even if it fails in one
 * direction only.
 *
 * **Restarts.** A node that loses its state restarts as a new incarnation (the word is SWIM's). It
 * greets each neighbour until that neighbour replies. It acknowledges nothing, and therefore
 * receives everything. Late messages of previous incarnations are ignored, because the state that
 * they acknowledge is lost.
 *
 * In SWIM a node increments its incarnation number. A node without a disk cannot do so, and
 * messages can be reordered, so arrival order does not show which incarnation is newer. An
 * incarnation therefore proves that it is newer than the current one: it echoes the sequence number
 * of a message that was sent after the switch to the current one. So it ran after the current one
 * had sent something. Receivers hence switch between incarnations in their order, and never switch
 * back.
 *
 * @module
 */

import { FailureDetector, invariant } from "../../base/mod.ts";
import type { Json } from "../../node/mod.ts";
import type { DeltaState } from "./delta_state.ts";

/** A message of anti-entropy: a delta, an acknowledgement, or both. */
export interface Gossip {
  /** The sender's incarnation. */
  readonly incarnation: string;
  /** The delta holds the changes after this version, up to and including `version`. */
  readonly since: number;
  /** The version of the sender's state. */
  readonly version: number;
  /** Missing in a message that only acknowledges. */
  readonly delta?: Json;
  /** The incarnation of the receiver from which the sender has everything up to this version. */
  readonly acked: { readonly incarnation: string; readonly version: number };
  /** The sequence number of this message among all that the sender has sent, from 1. */
  readonly seq: number;
  /**
   * The receiver's message that showed that the receiver does not follow this incarnation. Missing
   * when the receiver follows it.
   */
  readonly echo?: { readonly incarnation: string; readonly seq: number };
}

/** A message to send. */
export interface OutgoingGossip {
  readonly to: string;
  readonly gossip: Gossip;
}

/** How often a node sends. */
export interface GossipPace {
  /** Milliseconds between two messages to a neighbour that replies. */
  readonly intervalMs: number;
  /** Milliseconds without a reply after which a neighbour is suspected, and between two retries. */
  readonly retryMs: number;
}

/** Stands for the incarnation of a neighbour from which nothing has arrived. */
const NO_INCARNATION = "";

interface Neighbour {
  readonly id: string;
  /** The version of our state up to which it has everything. */
  acknowledged: number;
  /**
   * The incarnation of it that we follow, and the version up to which we have everything of that.
   */
  incarnation: string;
  received: number;
  /** The number of messages that we had sent when we switched to that incarnation. */
  switchedAt: number;
  /** What we echo to it; undefined while it follows our incarnation. */
  echo: Gossip["echo"];
  owesAcknowledgement: boolean;
  /**
   * Whether it has sent its state, as it was when it switched to our incarnation, and we have
   * joined that.
   */
  isSynced: boolean;
  nextSendMs: number;
}

/** The anti-entropy of one replica: no input or output, and time is a parameter. */
export class DeltaGossip {
  readonly #state: DeltaState;
  readonly #incarnation: string;
  readonly #pace: GossipPace;
  readonly #neighbours: ReadonlyMap<string, Neighbour>;
  readonly #detector: FailureDetector;
  #sent = 0;

  /**
   * Replicates `state` to and from `neighbours`. No other incarnation of this node has the name
   * `incarnation`.
   */
  constructor(
    state: DeltaState,
    incarnation: string,
    neighbours: readonly string[],
    pace: GossipPace,
  ) {
    this.#state = state;
    this.#incarnation = incarnation;
    this.#pace = pace;
    this.#detector = new FailureDetector({ timeoutMs: pace.retryMs });
    this.#neighbours = new Map(neighbours.map((id) => [id, {
      id,
      acknowledged: 0,
      incarnation: NO_INCARNATION,
      received: 0,
      switchedAt: 0,
      echo: undefined,
      owesAcknowledgement: false,
      isSynced: false,
      nextSendMs: 0,
    }]));
  }

  /** The version up to which all neighbours have everything; Infinity without neighbours. */
  get acknowledgedByAll(): number {
    let min = Infinity;
    for (const { acknowledged } of this.#neighbours.values()) min = Math.min(min, acknowledged);
    return min;
  }

  /**
   * Whether every neighbour has switched to this incarnation and sent its state. Then everything
   * that neighbours had received from previous incarnations is joined, and they ignore whatever of
   * it is still in flight.
   */
  get isSynced(): boolean {
    for (const { isSynced } of this.#neighbours.values()) if (!isSynced) return false;
    return true;
  }

  /** Returns the current incarnation of a neighbour; an empty text before its first message. */
  incarnationOf(neighbour: string): string {
    return this.#neighbours.get(neighbour)?.incarnation ?? NO_INCARNATION;
  }

  /**
   * Handles a message that arrives at `nowMs`. Ignores senders that are not neighbours. Throws a
   * TypeError for a malformed delta.
   */
  receive(from: string, gossip: Gossip, nowMs: number): void {
    const neighbour = this.#neighbours.get(from);
    if (neighbour === undefined) return;
    this.#detector.received(from, nowMs);
    const followsUs = gossip.acked.incarnation === this.#incarnation;
    const { incarnation, seq } = gossip;
    neighbour.echo = followsUs ? undefined : { incarnation, seq };
    if (neighbour.incarnation !== incarnation && !this.#switchTo(neighbour, gossip)) return;
    if (followsUs) {
      neighbour.acknowledged = Math.max(neighbour.acknowledged, gossip.acked.version);
    }
    // The neighbour waits for a sign that we follow it, or does not follow us yet.
    if (!followsUs || gossip.echo !== undefined) neighbour.owesAcknowledgement = true;
    if (gossip.delta !== undefined) {
      neighbour.owesAcknowledgement = true;
      // A delta for a previous incarnation omits what that one had acknowledged. Joining it here
      // would violate the causal delta-merging condition.
      if (gossip.since > (followsUs ? neighbour.received : 0)) return;
      this.#state.join(gossip.delta, incarnation);
      // A delta for a previous incarnation may omit what came from that one, so it is not
      // everything.
      if (followsUs) neighbour.received = Math.max(neighbour.received, gossip.version);
    }
    if (followsUs) neighbour.isSynced = true;
  }

  /**
   * Returns the messages to send at `nowMs`, in milliseconds of a monotonic clock. Call it several
   * times per interval.
   */
  tick(nowMs: number): OutgoingGossip[] {
    const outgoing: OutgoingGossip[] = [];
    for (const neighbour of this.#neighbours.values()) {
      const { id } = neighbour;
      const isBehind = neighbour.acknowledged < this.#state.version;
      const awaitsReply = isBehind || !neighbour.isSynced;
      if (!awaitsReply && !neighbour.owesAcknowledgement) continue;
      if (nowMs < neighbour.nextSendMs || !this.#detector.mayTry(id, nowMs)) continue;
      outgoing.push({ to: id, gossip: this.#gossipFor(neighbour, isBehind) });
      neighbour.owesAcknowledgement = false;
      if (awaitsReply) this.#detector.sent(id, nowMs);
      if (this.#detector.isSuspected(id, nowMs)) {
        // The detector delays the next message, until a message of the neighbour arrives.
        this.#detector.timedOut(id, nowMs);
        neighbour.nextSendMs = nowMs;
      } else {
        neighbour.nextSendMs = nowMs + this.#pace.intervalMs;
      }
    }
    return outgoing;
  }

  /** Switches to another incarnation of a neighbour if that is newer; returns whether it is. */
  #switchTo(neighbour: Neighbour, { incarnation, echo }: Gossip): boolean {
    // The incarnation may wait for a reply, and needs one to prove that it is newer.
    neighbour.nextSendMs = 0;
    const isNewer = echo?.incarnation === this.#incarnation && echo.seq > neighbour.switchedAt;
    if (neighbour.incarnation !== NO_INCARNATION && !isNewer) {
      neighbour.owesAcknowledgement = true;
      return false;
    }
    invariant(neighbour.switchedAt <= this.#sent, "switches between incarnations are ordered");
    neighbour.incarnation = incarnation;
    neighbour.switchedAt = this.#sent;
    neighbour.received = 0;
    neighbour.acknowledged = 0;
    return true;
  }

  #gossipFor(neighbour: Neighbour, isBehind: boolean): Gossip {
    const { version } = this.#state;
    const since = isBehind ? neighbour.acknowledged : version;
    invariant(since <= version, "a delta's interval does not end before it starts");
    return {
      since,
      version,
      incarnation: this.#incarnation,
      acked: { incarnation: neighbour.incarnation, version: neighbour.received },
      seq: ++this.#sent,
      ...(neighbour.echo === undefined ? {} : { echo: neighbour.echo }),
      ...(isBehind ? { delta: this.#state.deltaSince(since, neighbour.incarnation) } : {}),
    };
  }
}
