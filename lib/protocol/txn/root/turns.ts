/**
 * Turns at the root, where nodes that are cut off from each other both commit.
 *
 * Two that commit as they like spoil each other's attempts, at two messages for the failure and two
 * for the new root. So whoever finds that somebody else has committed takes a turn, in which all it
 * tries succeeds, and then leaves the root alone for as long as the other's turn takes, and a little
 * longer. Whoever fails takes it that the other's turn has begun just now. So two that know nothing
 * of each other, and whose clocks need not agree, fall into step after one failure, and from then on
 * a turn costs one look at the root.
 *
 * While nobody else commits there are no turns. Where round trips are long, though, one who does not
 * know of the other would replace the root so often that the other always comes too late; so it
 * leaves gaps between attempts while there is a peer of which it has not heard of late.
 *
 * Turns say when to try, never what is true: one that is wrong costs messages.
 *
 * @module
 */

import type { Node } from "../../../node/mod.ts";

/** How long turns are, in milliseconds. */
export interface TurnPace {
  /** A turn, where round trips are short. */
  readonly turn: number;
  /** What a round trip to the store takes at present. */
  roundTrip(): number;
}

/** Where round trips are long a turn is so many of them: time for as many commits, less the look. */
const TURN_ROUND_TRIPS = 4;
/** A rest is longer than a turn by twice this part of it, or by two round trips: nobody knows to the dot. */
const MARGIN = 1 / 20;
/** A peer that has not been heard of for so long may be cut off. */
const QUIET_MS = 1000;
/** Up to so many round trips are left to others of whom nothing is known. */
const MOST_GAP_ROUND_TRIPS = 2;

/** Decides when a node commits. */
export class Turns {
  readonly #node: Pick<Node, "now" | "sleep" | "random" | "peers">;
  readonly #pace: TurnPace;
  readonly #lastHeard = new Map<string, number>();
  /** When the last turn began; undefined while nobody else commits. */
  #began: number | undefined;
  #hasFailed = false;
  /** When the last attempt was over. */
  #lastAttempt = -Infinity;

  constructor(node: Pick<Node, "now" | "sleep" | "random" | "peers">, pace: TurnPace) {
    this.#node = node;
    this.#pace = pace;
  }

  /** How long a node leaves the root to others at most, in milliseconds. */
  get longestRest(): number {
    return this.#turn + 2 * Math.max(MARGIN * this.#turn, this.#pace.roundTrip());
  }

  /** Whether it is for others to commit, so that the root has to be looked at before the next try. */
  get isOver(): boolean {
    if (this.#began === undefined || !this.#isAnyoneQuiet) return false;
    const elapsed = this.#node.now() - this.#began;
    // A turn that has not begun yet is that of a clock which was set back.
    return elapsed >= this.#turn || elapsed < 0;
  }

  /** A peer has said something. */
  heard(peer: string): void {
    this.#lastHeard.set(peer, this.#node.now());
  }

  /** The root has been looked at to go on now; somebody else has committed since, or nobody. */
  begin(haveOthersCommitted: boolean): void {
    this.#began = haveOthersCommitted ? this.#node.now() : undefined;
  }

  /** An attempt is over. */
  tried(): void {
    this.#lastAttempt = this.#node.now();
  }

  /** An attempt has succeeded. */
  succeeded(): void {
    this.#hasFailed = false;
  }

  /** Resolves when it is time to look at the root again after a turn. */
  rest(): Promise<void> {
    const now = this.#node.now();
    const left = (this.#began ?? now) + this.#turn + this.longestRest - now;
    return this.#node.sleep(Math.max(0, Math.min(this.longestRest, left)));
  }

  /**
   * Resolves when it is time to look at the root again after a failure: when the other's turn is
   * over; and if it fails once more, at random, since two in step would do so again.
   */
  restAfterFailure(): Promise<void> {
    const part = this.#hasFailed ? 0.5 + this.#node.random() / 2 : 1;
    this.#hasFailed = true;
    return this.#node.sleep(this.#turn * part);
  }

  /** Leaves the root to others for a moment if this node has only just had it. */
  async leaveGap(): Promise<void> {
    const roundTrip = this.#pace.roundTrip();
    if (roundTrip === 0 || this.#began !== undefined || !this.#isAnyoneQuiet) return;
    // (Without company it leaves gaps enough.)
    if (this.#node.now() - this.#lastAttempt > roundTrip) return;
    await this.#node.sleep(MOST_GAP_ROUND_TRIPS * roundTrip * this.#node.random());
  }

  get #turn(): number {
    return Math.max(this.#pace.turn, TURN_ROUND_TRIPS * this.#pace.roundTrip());
  }

  get #isAnyoneQuiet(): boolean {
    const now = this.#node.now();
    return this.#node.peers.some((peer) =>
      now - (this.#lastHeard.get(peer) ?? -Infinity) > QUIET_MS
    );
  }
}
