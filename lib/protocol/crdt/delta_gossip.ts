/**
 * Anti-entropy with deltas: replicas of a {@link DeltaState} tell their neighbours what they
 * gained, until it is acknowledged.
 *
 * Once an interval a node sends each neighbour everything that the neighbour has not acknowledged,
 * in one message that acknowledges the neighbour's own as well; a neighbour that is up to date gets
 * nothing, so an idle cluster falls silent. A neighbour that does not answer is tried at the retry
 * pace only, whatever news there is, until it is heard of again (the circuit is open).
 *
 * Why nothing is lost: what a message covers begins where the neighbour's acknowledgements end, and
 * is counted as delivered only once the neighbour says so. A node that lost its memory is a new
 * incarnation: it says hello to each neighbour until it is answered, acknowledges nothing, and is
 * so sent everything; what its former lives said and arrives late is ignored, since it no longer
 * holds. Which of two lives is the later one, the order in which they are heard of does not tell
 * when messages overtake each other. So another life than the one that is listened to has to show
 * first that it has seen a message that was sent after that one was turned to: then it lived after
 * something that the other had said, and is the later one. Hence lives are turned to in their
 * order, and one that was turned from is never heeded again. What a node joins it passes on, so
 * that news gets around a cut in either direction of a link.
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";
import type { DeltaState } from "./delta_state.ts";

/** What one node tells another. */
export interface Gossip {
  /** The life of the sender. */
  readonly incarnation: string;
  /** The delta holds what changed after this version, up to and including `version`. */
  readonly since: number;
  readonly version: number;
  /** Missing when the message only acknowledges. */
  readonly delta?: Json;
  /** What the sender has of the receiver: of which life, up to which version. */
  readonly acked: { readonly incarnation: string; readonly version: number };
  /** How many messages the sender has sent before and with this one. */
  readonly seq: number;
  /** For a receiver that does not know the sender: the message by which the sender saw that. */
  readonly echo?: { readonly incarnation: string; readonly seq: number };
}

/** A message to send. */
export interface Outgoing {
  readonly to: string;
  readonly gossip: Gossip;
}

/** The pace of gossip. */
export interface GossipPace {
  /** Milliseconds between two messages to a neighbour that answers. */
  readonly interval: number;
  /** Milliseconds between two messages to one that does not. */
  readonly retry: number;
}

/** The life of a neighbour that has not been heard of. */
const UNHEARD = "";

interface Neighbour {
  readonly id: string;
  /** Up to which of our versions it has everything. */
  acknowledged: number;
  /** Its life, and up to which of its versions we have everything. */
  incarnation: string;
  received: number;
  /** How many messages we had sent when we turned to that life. */
  turnedAt: number;
  /** What shows it that we are alive, if it does not know us. */
  echo: Gossip["echo"];
  owesAcknowledgement: boolean;
  /** It has said what it knew when it learned of this life of ours, and that has been joined. */
  hasAnswered: boolean;
  nextSend: number;
  /** When the oldest message was sent that it has not reacted to; undefined when there is none. */
  unansweredSince: number | undefined;
  /** It has not reacted for so long that it is tried at the retry pace only. */
  silent: boolean;
}

/** The gossip of one replica. Pure: time comes in, messages go out. */
export class DeltaGossip {
  readonly #state: DeltaState;
  readonly #incarnation: string;
  readonly #pace: GossipPace;
  readonly #neighbours: ReadonlyMap<string, Neighbour>;
  #sent = 0;

  /** `incarnation` is a text that no other life of this node has. */
  constructor(
    state: DeltaState,
    incarnation: string,
    neighbours: readonly string[],
    pace: GossipPace,
  ) {
    this.#state = state;
    this.#incarnation = incarnation;
    this.#pace = pace;
    this.#neighbours = new Map(neighbours.map((id) => [id, {
      id,
      acknowledged: 0,
      incarnation: UNHEARD,
      received: 0,
      turnedAt: 0,
      echo: undefined,
      owesAcknowledgement: false,
      hasAnswered: false,
      nextSend: 0,
      unansweredSince: undefined,
      silent: false,
    }]));
  }

  /** The version that all neighbours have everything up to; Infinity without neighbours. */
  get acknowledgedByAll(): number {
    let least = Infinity;
    for (const { acknowledged } of this.#neighbours.values()) {
      least = Math.min(least, acknowledged);
    }
    return least;
  }

  /**
   * Whether each neighbour has answered this life of the node: what they knew of a former life has
   * been joined, and nothing of it that is still on its way will be heeded by any of them.
   */
  get isKnownToAll(): boolean {
    for (const { hasAnswered } of this.#neighbours.values()) if (!hasAnswered) return false;
    return true;
  }

  /** The life of a neighbour, as far as it has been heard of; empty before that. */
  lifeOf(neighbour: string): string {
    return this.#neighbours.get(neighbour)?.incarnation ?? UNHEARD;
  }

  /** Takes what a neighbour said. Throws a TypeError when its delta is of the wrong form. */
  receive(from: string, gossip: Gossip): void {
    const neighbour = this.#neighbours.get(from);
    if (neighbour === undefined) return;
    const knowsUs = gossip.acked.incarnation === this.#incarnation;
    const { incarnation, seq } = gossip;
    neighbour.echo = knowsUs ? undefined : { incarnation, seq };
    if (neighbour.incarnation !== incarnation && !this.#turnTo(neighbour, gossip)) return;
    neighbour.unansweredSince = undefined;
    if (neighbour.silent) {
      neighbour.silent = false;
      neighbour.nextSend = 0;
    }
    if (knowsUs) {
      neighbour.acknowledged = Math.max(neighbour.acknowledged, gossip.acked.version);
    }
    // It waits to be told that it is known, or has to be told who we are.
    if (!knowsUs || gossip.echo !== undefined) neighbour.owesAcknowledgement = true;
    if (gossip.delta !== undefined) {
      neighbour.owesAcknowledgement = true;
      // What is meant for a former life leaves out what that one knew; joined without it, effects
      // would come before their causes.
      if (gossip.since > (knowsUs ? neighbour.received : 0)) return;
      this.#state.join(gossip.delta, incarnation);
      // Else it may leave out what a former life had told, and must not count as everything.
      if (knowsUs) neighbour.received = Math.max(neighbour.received, gossip.version);
    }
    if (knowsUs) neighbour.hasAnswered = true;
  }

  /**
   * What is to be sent now, in milliseconds of any clock that does not jump. Call it often: several
   * times in an interval.
   */
  tick(now: number): Outgoing[] {
    const outgoing: Outgoing[] = [];
    for (const neighbour of this.#neighbours.values()) {
      const behind = neighbour.acknowledged < this.#state.version;
      const isWaiting = behind || !neighbour.hasAnswered;
      if (!isWaiting && !neighbour.owesAcknowledgement) continue;
      if (now < neighbour.nextSend) continue;
      outgoing.push({ to: neighbour.id, gossip: this.#gossipFor(neighbour, behind) });
      neighbour.owesAcknowledgement = false;
      if (isWaiting) neighbour.unansweredSince ??= now;
      neighbour.silent = neighbour.unansweredSince !== undefined &&
        now - neighbour.unansweredSince >= this.#pace.retry;
      neighbour.nextSend = now + (neighbour.silent ? this.#pace.retry : this.#pace.interval);
    }
    return outgoing;
  }

  /** Whether to listen to this life of a neighbour, another one than so far, from now on. */
  #turnTo(neighbour: Neighbour, { incarnation, echo }: Gossip): boolean {
    // A node that has just begun may be waiting for the answer; it also lets it show that it lives.
    neighbour.nextSend = 0;
    const isLater = echo?.incarnation === this.#incarnation && echo.seq > neighbour.turnedAt;
    if (neighbour.incarnation !== UNHEARD && !isLater) {
      neighbour.owesAcknowledgement = true;
      return false;
    }
    neighbour.incarnation = incarnation;
    neighbour.turnedAt = this.#sent;
    neighbour.received = 0;
    neighbour.acknowledged = 0;
    return true;
  }

  #gossipFor(neighbour: Neighbour, behind: boolean): Gossip {
    const { version } = this.#state;
    const since = behind ? neighbour.acknowledged : version;
    return {
      since,
      version,
      incarnation: this.#incarnation,
      acked: { incarnation: neighbour.incarnation, version: neighbour.received },
      seq: ++this.#sent,
      ...(neighbour.echo === undefined ? {} : { echo: neighbour.echo }),
      ...(behind ? { delta: this.#state.deltaSince(since, neighbour.incarnation) } : {}),
    };
  }
}
