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

/** So long after a circuit has closed the others that the same fault cut off are coming back. */
const RESTORING_MS = 1000;

/** The strategy `mesh`. */
export class Mesh extends Forest {
  readonly #pace: MeshPace;
  /** Those that the hub does not reach. */
  #absent = new Set<string>();
  #lastLearned = -Infinity;
  /** When a circuit closed last. */
  #lastRestored = -Infinity;
  /** A value that was overtaken by a later one of its origin, and when to ask for it. */
  #gap: { readonly missing: ReturnType<ValueLog["gap"]>; readonly due: number } | undefined;

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
    if (this.#gap === undefined) this.#watchGap(now);
  }

  protected override act(now: number, out: Outbox): void {
    super.act(now, out);
    if (this.#gap !== undefined && this.#gap.due <= now) this.#fillGap(now, out);
  }

  protected override restored(link: Link, now: number, out: Outbox): void {
    super.restored(link, now, out);
    this.#lastRestored = now;
  }

  /**
   * What comes from beyond a fault that is just over has been pushed in vain: nobody else has it.
   */
  protected override heardNews(link: Link, { news, added }: HeardNews, now: number): void {
    this.#noteAbsent(link, news);
    if (added === 0 || this.parent !== undefined) return;
    if (now - this.#lastRestored > RESTORING_MS) return;
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
    this.#gap = missing === undefined ? undefined : { missing, due: now + this.#pace.grace };
  }

  /**
   * Asks for a value that others have been sent and that did not come: the hub, or else its origin.
   */
  #fillGap(now: number, out: Outbox): void {
    const missing = this.#gap?.missing;
    this.#watchGap(now);
    if (missing === undefined || this.log.has(missing)) return;
    out.mark("sometimes: a push was missed");
    const link = this.links.get(this.parent ?? nodeOf(missing.origin));
    if (link !== undefined && !link.open && !link.asking) this.ask(link, now, out);
  }

  /** Those that a hub does not count among its leaves, or that do not answer it. */
  #unreached(): string[] {
    if (this.parent !== undefined) return [];
    return this.self.nodes.filter((node) =>
      node !== this.self.id && (this.links.get(node)?.open ?? true)
    );
  }
}
