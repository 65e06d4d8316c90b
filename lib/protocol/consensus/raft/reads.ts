/**
 * Reads without entries in the log (section 8; thesis 6.4): ReadIndex, and leases as an option.
 *
 * A read sees all that was committed before it if the state machine has applied the leader's commit
 * index as of the read's arrival, and if the leader was still the leader after that. A round of
 * messages that started after the arrival and that a majority acknowledged proves it. All reads that
 * wait for a round share it.
 *
 * **Leases** (thesis 6.4.1) skip the round. A member that received a message of the leader votes for
 * no other for an election timeout. So no other leader exists for that time after the *start* of a
 * round that a majority acknowledged. The clocks of any two members must not differ in rate by more
 * than `leaseDrift`: the lease is shorter by that fraction.
 *
 * @module
 */

import { invariant } from "../../../base/mod.ts";
import type { Core } from "./core.ts";

interface Read {
  readonly id: number;
  /** The round that confirms the leadership for it. */
  readonly round: number;
  /** The commit index at its arrival; undefined while the leader has not committed in its term. */
  index: number | undefined;
}

/** The reads of a leader in one term. */
export class Reads {
  readonly #core: Core;
  /** The index of the leader's no-op. */
  readonly #noOp: number;
  #waiting: Read[] = [];
  #leaseUntilMs = -Infinity;
  #isLeaseGivenUp = false;

  constructor(core: Core, noOp: number) {
    this.#core = core;
    this.#noOp = noOp;
  }

  /** Whether reads wait for a round to be acknowledged. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Adds a read, which `round` confirms: one that has not started. Returns whether it needs it. */
  add(id: number, round: number): boolean {
    const core = this.#core;
    if (this.#isCurrent && core.now < this.#leaseUntilMs) {
      core.sometimes("a lease answered a read");
      core.emit({ type: "read", id, ok: true });
      return false;
    }
    if (this.#leaseUntilMs > 0) core.sometimes("a lease had expired");
    this.#waiting.push({ id, round, index: this.#isCurrent ? core.commit : undefined });
    return true;
  }

  /** Answers the reads that wait for rounds up to `round`, which began at `startMs`. */
  confirm(round: number, startMs: number | undefined): void {
    const core = this.#core;
    const { leaseDrift, electionMs } = core.options.timing;
    if (leaseDrift !== undefined && startMs !== undefined && !this.#isLeaseGivenUp) {
      this.#leaseUntilMs = Math.max(this.#leaseUntilMs, startMs + electionMs * (1 - leaseDrift));
    }
    if (!this.#isCurrent || this.#waiting.length === 0) return;
    this.#waiting = this.#waiting.filter((read) => {
      if (read.round > round) return true;
      // Before the no-op is committed, the leader does not know which entries are (section 8).
      read.index ??= core.commit;
      invariant(core.applied >= read.index, "all committed entries are applied");
      core.sometimes("a round confirmed a read");
      core.emit({ type: "read", id: read.id, ok: true });
      return false;
    });
  }

  /** Ends the lease before a transfer, whose votes do not wait for it. */
  giveUpLease(): void {
    this.#isLeaseGivenUp = true;
    this.#leaseUntilMs = -Infinity;
  }

  /** Rejects all reads, because the leader steps down. */
  reject(): void {
    for (const { id } of this.#waiting.splice(0)) this.#core.emit({ type: "read", id, ok: false });
  }

  get #isCurrent(): boolean {
    return this.#core.commit >= this.#noOp;
  }
}
