/**
 * A new member catches up with the log before it counts (thesis 4.2.1). If it counted immediately, the
 * cluster might need it for a majority while it still lacks the log, and could commit nothing.
 *
 * Until then it is a *learner*: the leader replicates to it, and it has no vote. The leader does so in
 * rounds. A round replicates the entries that the log had when the round began. When a round was
 * short, the learner lacks little, and the change may begin. The leader gives the learner up if it does
 * not reply, or if its rounds stay long.
 *
 * Learners are not in the log. If the leader fails, the next one begins again.
 *
 * @module
 */

import type { Core } from "./core.ts";
import type { Replication } from "./replication.ts";

/** The number of rounds after which a learner is too slow; the thesis suggests it. */
const MAX_ROUNDS = 10;
/** A round is short up to an election timeout or this many round trips, the longer of the two. */
const SHORT_ROUND_TRIPS = 4;

/** A leader's attempt to bring a learner up to date. */
export class CatchUp {
  readonly learner: string;
  readonly #core: Core;
  readonly #replication: Replication;
  #rounds = 0;
  /** The index that the present round replicates up to, and when the round began. */
  #target = 0;
  #startMs = 0;
  #isDone = false;
  #problem: string | undefined;

  constructor(core: Core, replication: Replication, learner: string) {
    this.#core = core;
    this.#replication = replication;
    this.learner = learner;
    replication.setLearner(learner);
    this.#startRound();
  }

  /** Whether the learner has caught up. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Why the learner cannot become a member; undefined if it still may. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Ends rounds that are complete, and notes problems. Returns whether there is a result now. */
  advance(): boolean {
    const { now } = this.#core;
    if (this.#replication.silentAtMs(this.learner) <= now) {
      this.#problem = `${this.learner} does not reply; start it, and connect it to the leader`;
      return true;
    }
    if (this.#isDone || this.#replication.matchOf(this.learner) < this.#target) return false;
    const maxMs = this.#maxRoundMs;
    if (now - this.#startMs <= maxMs) {
      this.#isDone = true;
      this.#core.sometimes("a new member caught up with the log");
      return true;
    }
    if (this.#rounds < MAX_ROUNDS) {
      this.#startRound();
      return false;
    }
    this.#problem = `${this.learner} replicates too slowly: ` +
      `each of ${MAX_ROUNDS} rounds took more than ${Math.round(maxMs)} ms`;
    return true;
  }

  #startRound(): void {
    this.#rounds++;
    if (this.#rounds === 2) this.#core.sometimes("a new member needed several rounds");
    this.#target = this.#core.log.lastIndex;
    this.#startMs = this.#core.now;
    this.#replication.startRoundWith([this.learner]);
  }

  get #maxRoundMs(): number {
    const { electionMs } = this.#core.options.timing;
    return Math.max(electionMs, SHORT_ROUND_TRIPS * this.#replication.roundTripMs);
  }
}
