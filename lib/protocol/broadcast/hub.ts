/**
 * Hub: every node tells one node, and that one tells all others, a few times a second.
 *
 * A leaf acknowledges a value at once and keeps it until just before the hub's next flush; the hub
 * sends each leaf what it has not got, every `interval` T. Acknowledgements are positions and ride
 * on what is sent anyway. With n nodes and w values a second that is at most
 *
 *     (n − 1) / T · (1 + 1 − e^(−w·T/n)) messages a second, and T + margin + one latency until all can read:
 *
 * one message down and at most one up for each leaf and interval, and a value waits for the flush
 * either at the leaf or at the hub, never at both, because the leaf aims: the hub's last flush, T
 * and the round trip say when to send so as to arrive `margin` early. (The second latency, from hub
 * to leaf, does not show in Maelstrom: a client's read waits behind a message that is under way to
 * its node.) Where round trips differ too much for that, and when the cluster is idle, a leaf sends
 * at once. A value that came too late for its flush, and has waited T already, makes the hub flush
 * early.
 *
 * @module
 */

import { Forest } from "./forest.ts";
import type { Link, LinkTiming } from "./link.ts";
import type { HeardNews } from "./conversation.ts";
import type { Identity, Outbox } from "./machine.ts";
import type { ProbePace } from "./prober.ts";

/** The pace of a hub, in milliseconds. */
export interface HubPace {
  /** Between two flushes. */
  readonly interval: number;
  /** How long before the hub's flush a leaf wants its news to arrive. */
  readonly margin: number;
  /** How long a node that gets news keeps silent at most. */
  readonly keepAlive: number;
  /** What a busy machine may add to a round trip. */
  readonly slack: number;
  /** Repetitions of news back off to this. */
  readonly retryMost: number;
  /** Tries before a circuit opens. */
  readonly attempts: number;
  readonly probe: ProbePace;
}

/** A leaf acknowledges when the hub has been quiet for so many intervals… */
const QUIET_INTERVALS = 1.5;
/** …and while it is not, after so many, or `keepAlive` if that is longer. */
const LEAST_KEEP_ALIVE_INTERVALS = 3;
/** Between two flushes there is this part of an interval at least, however overdue a value is. */
const LEAST_INTERVAL = 1 / 8;
/** News that aimed at the same flush have all come when none came for this part of the margin. */
const SETTLED = 1 / 3;

/** The strategy `hub`. */
export class Hub extends Forest {
  readonly #pace: HubPace;
  #lastFlush = -Infinity;
  /** When the next regular flush is due, if there is anything to flush. */
  #nextFlush = -Infinity;
  /** When the last news came. */
  #lastNews = -Infinity;
  /** When a value that came late has to go on. */
  #overdueAt = Infinity;
  /** When the parent wants to flush next, later by the time that its last news took. */
  #parentFlush = { parent: "", at: -Infinity };

  constructor(self: Identity, pace: HubPace) {
    super(self, pace.probe);
    this.#pace = pace;
  }

  protected override timing(peer: string): LinkTiming {
    const { interval, keepAlive, slack, retryMost, attempts } = this.#pace;
    const leaf = {
      quiet: QUIET_INTERVALS * interval,
      longest: Math.max(keepAlive, LEAST_KEEP_ALIVE_INTERVALS * interval),
    };
    // A hub acknowledges with its next flush; on its own only if there is none.
    const hub = { quiet: interval + 2 * this.#mostDelay, longest: interval + 2 * this.#mostDelay };
    const [we, they] = this.isLower(peer) ? [leaf, hub] : [hub, leaf];
    return {
      ackQuiet: we.quiet,
      ackLongest: we.longest,
      peerQuiet: they.quiet,
      peerLongest: they.longest,
      slack,
      retryMost,
      attempts,
    };
  }

  protected override pushDue(link: Link): number {
    if (link.peer === this.parent) return this.#upDue(link);
    return this.isLower(link.peer) ? Infinity : this.#flushDue;
  }

  protected override act(now: number, out: Outbox): void {
    super.act(now, out);
    if (this.#flushDue > now) return;
    const children = this.children.filter(({ open, asking }) => !open && !asking);
    if (!children.some(({ ready }) => ready)) return;
    this.#flushed(now);
    for (const link of children) {
      if (link.ready) this.push(link, now, out);
      else if (link.in.owes) this.acknowledge(link, now, out);
    }
  }

  protected override newsFields(link: Link, now: number): object {
    return this.isLower(link.peer) ? {} : { next: Math.max(0, Math.round(this.#nextFlush - now)) };
  }

  protected override heardNews(link: Link, { news, added }: HeardNews, now: number): void {
    const { peer } = link;
    const { interval } = this.#pace;
    if (peer === this.parent) this.#parentFlush = { parent: peer, at: now + (news.next ?? 0) };
    if (added === 0) return;
    this.#lastNews = now;
    const overdue = now + this.#mostDelay + Math.max(0, interval - (news.age ?? 0));
    this.#overdueAt = Math.min(this.#overdueAt, overdue);
  }

  /**
   * Just in time for the parent's next flush, or at once when it does not seem to flush regularly.
   */
  #upDue(link: Link): number {
    const { interval, margin, slack } = this.#pace;
    const { least, upper, spread } = link.roundTrip;
    const since = link.out.pendingSince;
    const { parent, at } = this.#parentFlush;
    const idle = parent !== link.peer || since >= at + upper + slack;
    if (idle || spread > margin) return since;
    const aim = at - least - margin;
    return aim + Math.ceil((since - aim) / interval) * interval;
  }

  /** Extra flushes leave the regular ones where they are, so that leaves can rely on them. */
  #flushed(now: number): void {
    const { interval } = this.#pace;
    const late = now - this.#nextFlush;
    if (late >= interval / 2) this.#nextFlush = now + interval;
    else if (late >= 0) this.#nextFlush += interval;
    this.#lastFlush = now;
    this.#overdueAt = Infinity;
  }

  /**
   * An interval after the last regular one. But leaves that aimed at it may be late, all together
   * where it is the machine that is: the flush waits for them a little, and until they have all
   * come.
   */
  get #flushDue(): number {
    const { interval, margin } = this.#pace;
    const regular = this.#nextFlush;
    const latest = regular + this.#mostDelay;
    const come = this.#lastNews >= regular - 2 * margin;
    const due = come ? Math.max(regular, this.#lastNews + SETTLED * margin) : latest;
    return Math.max(
      this.#lastFlush + LEAST_INTERVAL * interval,
      Math.min(due, latest, this.#overdueAt),
    );
  }

  get #mostDelay(): number {
    return (1 + SETTLED) * this.#pace.margin;
  }
}
