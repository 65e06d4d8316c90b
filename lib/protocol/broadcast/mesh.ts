/**
 * Mesh: every node tells every other one at once, and a slow round of comparing notes makes up for
 * what got lost.
 *
 * The quickest there is: one latency, for n − 1 messages a value. The pushes are fire and forget.
 * Beside them, each node offers the digest of what it knows to its hub (as in `hub`) and the hub to
 * each node, every `repairInterval` while there are news and once more when they cease; whoever
 * lacks something that he is offered, and does not get it within the grace, asks for it. A node
 * that sees a value of an origin before an earlier one asks after the grace without waiting for the
 * next offer. That adds 3·(n − 1)/repairInterval messages a second, none in proportion to the
 * values: the hub's offer, the leaf's, and an acknowledgement. Where pauses between values are longer
 * than `quiet`, offers are made in each, and cost more than the values do.
 *
 * Whom a hub cannot reach it names in all it says, and its leaves push no more to them (their
 * circuit is open for all at once) until it says otherwise or they push themselves; meanwhile they are caught up by
 * comparing notes, if by anything.
 *
 * @module
 */

import type { Json } from "../../base/mod.ts";
import type { Body } from "../../wire/mod.ts";
import type { HeardNews } from "./conversation.ts";
import { Forest } from "./forest.ts";
import type { Link, LinkTiming } from "./link.ts";
import type { Identity, Outbox } from "./machine.ts";
import { contentOf, type News, type Offer, type Push } from "./messages.ts";
import type { ProbePace } from "./prober.ts";
import { incarnationOf, nodeOf, type ValueLog } from "./value_log.ts";

/** The pace of a mesh, in milliseconds. */
export interface MeshPace {
  /** Between two offers on a link while there are news. */
  readonly repairInterval: number;
  /** How long after the last news the last offer is made. */
  readonly quiet: number;
  /** How long an offered or skipped value may still come by itself, beside a round trip. */
  readonly grace: number;
  readonly timing: LinkTiming;
  readonly probe: ProbePace;
}

/** A value that is missing is asked for so often; if anybody has it, it is also offered. */
const MOST_GAP_QUESTIONS = 4;
/** So many milliseconds after it was missed it is asked for no more, although nobody could be asked. */
const GAP_MS = 20_000;

/** A value that was overtaken by a later one of its origin: when to ask for it, and how often that was done. */
interface Gap {
  readonly missing: NonNullable<ReturnType<ValueLog["gap"]>>;
  readonly since: number;
  readonly due: number;
  readonly asked: number;
}

/** The strategy `mesh`. */
export class Mesh extends Forest {
  readonly #pace: MeshPace;
  /** Those that the hub does not reach. */
  #absent = new Set<string>();
  #lastLearned = -Infinity;
  #gap: Gap | undefined;

  constructor(self: Identity, pace: MeshPace) {
    super(self, pace.probe);
    this.#pace = pace;
  }

  override broadcast(value: Json, now: number, out: Outbox): void {
    const position = this.log.length;
    super.broadcast(value, now, out);
    if (this.log.length === position) return;
    const runs = this.log.runs(position, position + 1, () => true);
    const absent = this.parent === undefined ? new Set(this.#unreached()) : this.#absent;
    for (const peer of this.self.nodes) {
      if (peer !== this.self.id && !absent.has(peer)) out.send(peer, { type: "push", runs });
    }
  }

  protected override timing(_peer: string): LinkTiming {
    return this.#pace.timing;
  }

  protected override link(peer: string): Link {
    const link = super.link(peer);
    link.makeLazy();
    return link;
  }

  protected override pushDue(link: Link): number {
    if (this.isLower(link.peer) && link.peer !== this.parent) return Infinity;
    const { repairInterval, quiet } = this.#pace;
    const regular = Math.max(link.out.pendingSince, link.out.lastPush) + repairInterval;
    // A leaf answers an offer with one of its own rather than with an acknowledgement.
    const answer = link.peer === this.parent ? link.ackDue : Infinity;
    return Math.min(regular, this.#lastLearned + quiet, answer);
  }

  protected override get ownDue(): number {
    return Math.min(super.ownDue, this.#gap?.due ?? Infinity);
  }

  /** A push takes half a round trip: where those are short there is less to wait for. */
  protected override grace(link: Link): number {
    return Math.min(this.#pace.grace, link.patience);
  }

  protected override receiveOther(peer: string, body: Body, now: number, out: Outbox): void {
    if (body.type !== "push") return super.receiveOther(peer, body, now, out);
    const { runs } = contentOf<Push>(body);
    this.log.merge(runs, peer, now);
    // Who pushes to us has come back, which the hub may not have said yet.
    this.#absent.delete(peer);
    const [origin] = runs[0] ?? [];
    const link = this.links.get(peer);
    // What is pushed is the sender's own, and so shows which life it is in.
    if (origin === undefined || link?.meet(incarnationOf(origin)) !== true) return;
    this.ask(link, now, out);
  }

  protected override learned(now: number): void {
    this.#lastLearned = now;
    this.#watchGap(now);
  }

  protected override act(now: number, out: Outbox): void {
    super.act(now, out);
    if (this.#gap !== undefined && this.#gap.due <= now) this.#fillGap(this.#gap, now, out);
  }

  /** What comes as news has been pushed in vain: others are likely to lack it, too. */
  protected override heardNews(link: Link, { news, added }: HeardNews): void {
    this.#noteAbsent(link, news);
    if (added === 0 || this.parent !== undefined) return;
    for (const child of this.children) child.urgent = child.asked = true;
  }

  protected override heardOffer(link: Link, offer: Offer): void {
    this.#noteAbsent(link, offer);
  }

  #noteAbsent({ peer }: Link, { absent = [] }: News | Offer): void {
    if (peer === this.parent) this.#absent = new Set(absent);
  }

  protected override offerFields(): object {
    const absent = this.#unreached();
    return absent.length === 0 ? {} : { absent };
  }

  protected override newsFields(): object {
    return this.offerFields();
  }

  #watchGap(now: number): void {
    const missing = this.log.gap();
    const before = this.#gap?.missing;
    if (missing?.origin === before?.origin && missing?.sequence === before?.sequence) return;
    const due = now + this.#pace.grace;
    this.#gap = missing === undefined ? undefined : { missing, since: now, due, asked: 0 };
  }

  /**
   * Asks for a value that others have been sent and that did not come: the hub, or else its origin.
   * To ask again takes ever longer, and ends.
   */
  #fillGap({ missing, since, asked }: Gap, now: number, out: Outbox): void {
    const link = this.links.get(this.parent ?? nodeOf(missing.origin));
    const asks = !this.log.has(missing) && link !== undefined && !link.open && !link.asking;
    if (asks) {
      out.sometimes("a push was missed");
      this.ask(link, now, out);
    }
    const times = asked + (asks ? 1 : 0);
    const isOver = times === MOST_GAP_QUESTIONS || now - since > GAP_MS;
    const due = isOver ? Infinity : now + this.#pace.grace * 2 ** times;
    this.#gap = { missing, since, due, asked: times };
    this.#watchGap(now);
  }

  /** Those that a hub does not count among its leaves, or that do not answer it. */
  #unreached(): string[] {
    if (this.parent !== undefined) return [];
    return this.self.nodes.filter((node) =>
      node !== this.self.id && (this.links.get(node)?.open ?? true)
    );
  }
}
