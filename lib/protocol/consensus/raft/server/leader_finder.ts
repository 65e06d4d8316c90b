/**
 * Finds the member that leads.
 *
 * Raft's messages name the leader. A member that receives none, because it is partitioned or was
 * removed, sends a request to other members; each refuses it, and names the leader that it knows.
 *
 * @module
 */

import { Backoff } from "../../../../base/mod.ts";
import type { Forward } from "./messages.ts";
import type { Clock, Replica } from "./replica.ts";

/** How often a member without a leader sends a request to another one to find it. */
const PROBES = { minMs: 250, maxMs: 1000 };

/** The leader of a term. */
export interface Leadership {
  readonly leader: string;
  readonly term: number;
}

/** What a {@link LeaderFinder} needs. */
export interface LeaderFinderOptions {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly random: () => number;
  readonly incarnation: string;
  readonly send: (to: string, message: Forward) => void;
}

/** Finds the leader. */
export class LeaderFinder {
  readonly #options: LeaderFinderOptions;
  readonly #probes: Backoff;
  #isProbing = false;
  #probed = 0;
  /** The leader that another member named. */
  #hint: Leadership | undefined;
  /** The leadership that refused a request: it has ended. */
  #ended: Leadership | undefined;

  constructor(options: LeaderFinderOptions) {
    this.#options = options;
    this.#probes = new Backoff(PROBES, options.random);
  }

  /** The leader of the highest known term, unless it has refused a request since. */
  get leadership(): Leadership | undefined {
    const { raft: { leader, term } } = this.#options.replica;
    const known = leader === undefined ? undefined : { leader, term };
    const hint = this.#hint;
    // In the term of the hint, this member may have lost the leader that another one still receives.
    const isHintUsed = hint !== undefined && (hint.term > term || (hint.term === term && !known));
    const latest = isHintUsed ? hint : known;
    return latest !== undefined && isSame(latest, this.#ended) ? undefined : latest;
  }

  /** Notes that a leader refused a request, because its term has ended. */
  noteEnd(leadership: Leadership): void {
    if (leadership.term > (this.#ended?.term ?? 0)) this.#ended = leadership;
  }

  /** Notes the leader that another member named. */
  noteHint(leadership: Leadership): void {
    if (leadership.term >= (this.#hint?.term ?? 0)) this.#hint = leadership;
  }

  /** Notes that a message to a leader had no reply in time: a hint that named it may be wrong. */
  noteSilence(leadership: Leadership): void {
    if (isSame(leadership, this.#hint)) this.#hint = undefined;
  }

  /** Sends requests to the other members in turn, until a leader is known or `isDone`. */
  probe(isDone: () => boolean): void {
    if (this.#isProbing) return;
    const { clock, incarnation, replica: { raft }, send } = this.#options;
    this.#isProbing = true;
    clock.after(this.#probes.next(), () => {
      this.#isProbing = false;
      if (this.leadership !== undefined || isDone()) return this.#probes.reset();
      const others = raft.members.filter((member) => member !== raft.id);
      const to = others[this.#probed++ % others.length];
      // No term is 0, so that every member refuses, and names the leader.
      if (to !== undefined) {
        send(to, { type: "forward", client: incarnation, batch: 0, term: 0 });
      }
      this.probe(isDone);
    });
  }
}

/** Whether two leaderships are the same; there is one leader a term. */
export function isSame(a: Leadership | undefined, b: Leadership | undefined): boolean {
  return a?.term === b?.term && a?.leader === b?.leader;
}
