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
import type { ReceivedDelta } from "./link_protocol.ts";
import { HubElection } from "./hub_election.ts";
import type { Link, LinkTiming } from "./link.ts";
import type { LocalNode, Outbox } from "./strategy.ts";
import { contentOf, type Delta, type IHave, type Push } from "./messages.ts";
import type { ProbeOptions } from "./prober.ts";
import { incarnationOf, nodeOf, type ValueLog } from "./value_log.ts";

/** The pace of a mesh, in milliseconds. */
export interface MeshOptions {
  /** Between two offers on a link while there are news. */
  readonly repairIntervalMs: number;
  /** How long after the last news the last offer is made. */
  readonly idleDelayMs: number;
  /** How long an offered or skipped value may still come by itself, beside a round trip. */
  readonly ihaveTimeoutMs: number;
  readonly timing: LinkTiming;
  readonly probe: ProbeOptions;
}

/** A value that is missing is asked for so often; if anybody has it, it is also offered. */
const MAX_GAP_REQUESTS = 4;
/** So many milliseconds after it was missed it is asked for no more, although nobody could be asked. */
const MAX_GAP_AGE_MS = 20_000;

/** A value that was overtaken by a later one of its origin: when to ask for it, and how often that was done. */
interface Gap {
  readonly missing: NonNullable<ReturnType<ValueLog["gap"]>>;
  readonly since: number;
  readonly deadline: number;
  readonly requests: number;
}

/** The strategy `mesh`. */
export class Mesh extends HubElection {
  readonly #options: MeshOptions;
  /** Those that the hub does not reach. */
  #unreachable = new Set<string>();
  #lastEntryAt = -Infinity;
  #gap: Gap | undefined;

  constructor(self: LocalNode, options: MeshOptions) {
    super(self, options.probe);
    this.#options = options;
  }

  override broadcast(value: Json, now: number, out: Outbox): void {
    const position = this.log.length;
    super.broadcast(value, now, out);
    if (this.log.length === position) return;
    const runs = this.log.runs(position, position + 1, () => true);
    const skipped = this.hub === undefined ? new Set(this.#unreachableLeaves()) : this.#unreachable;
    for (const peer of this.self.nodes) {
      if (peer !== this.self.id && !skipped.has(peer)) out.send(peer, { type: "push", runs });
    }
  }

  protected override timing(_peer: string): LinkTiming {
    return this.#options.timing;
  }

  protected override link(peer: string): Link {
    const link = super.link(peer);
    link.makeLazy();
    return link;
  }

  protected override pushDeadline(link: Link): number {
    if (this.hasLowerRank(link.peer) && link.peer !== this.hub) return Infinity;
    const { repairIntervalMs, idleDelayMs } = this.#options;
    const regular = Math.max(link.sender.pendingSince, link.sender.lastPushAt) + repairIntervalMs;
    // A leaf answers an offer with one of its own rather than with an acknowledgement.
    const replyDeadline = link.peer === this.hub ? link.ackDeadline : Infinity;
    return Math.min(regular, this.#lastEntryAt + idleDelayMs, replyDeadline);
  }

  protected override get ownDeadline(): number {
    return Math.min(super.ownDeadline, this.#gap?.deadline ?? Infinity);
  }

  /** A push takes half a round trip: where those are short there is less to wait for. */
  protected override ihaveTimeoutMs(link: Link): number {
    return Math.min(this.#options.ihaveTimeoutMs, link.rtoMs);
  }

  protected override receiveOther(peer: string, body: Body, now: number, out: Outbox): void {
    if (body.type !== "push") return super.receiveOther(peer, body, now, out);
    const { runs } = contentOf<Push>(body);
    this.log.merge(runs, peer, now);
    // Who pushes to us has come back, which the hub may not have said yet.
    this.#unreachable.delete(peer);
    const [origin] = runs[0] ?? [];
    const link = this.links.get(peer);
    // What is pushed is the sender's own, and so shows which life it is in.
    if (origin === undefined || link?.observeIncarnation(incarnationOf(origin)) !== true) return;
    this.requestDigest(link, now, out);
  }

  protected override onNewEntries(now: number): void {
    this.#lastEntryAt = now;
    this.#updateGap(now);
  }

  protected override runOwnActions(now: number, out: Outbox): void {
    super.runOwnActions(now, out);
    if (this.#gap !== undefined && this.#gap.deadline <= now) this.#requestGap(this.#gap, now, out);
  }

  /** What comes as news has been pushed in vain: others are likely to lack it, too. */
  protected override onDelta(link: Link, { delta, added }: ReceivedDelta): void {
    this.#updateUnreachable(link, delta);
    if (added === 0 || this.hub !== undefined) return;
    for (const leaf of this.leaves) leaf.pushNow = leaf.sendEntries = true;
  }

  protected override onIHave(link: Link, ihave: IHave): void {
    this.#updateUnreachable(link, ihave);
  }

  #updateUnreachable({ peer }: Link, { unreachable = [] }: Delta | IHave): void {
    if (peer === this.hub) this.#unreachable = new Set(unreachable);
  }

  protected override ihaveFields(): object {
    const unreachable = this.#unreachableLeaves();
    return unreachable.length === 0 ? {} : { unreachable };
  }

  protected override deltaFields(): object {
    return this.ihaveFields();
  }

  #updateGap(now: number): void {
    const missing = this.log.gap();
    const before = this.#gap?.missing;
    if (missing?.origin === before?.origin && missing?.sequence === before?.sequence) return;
    const deadline = now + this.#options.ihaveTimeoutMs;
    this.#gap = missing === undefined ? undefined : { missing, since: now, deadline, requests: 0 };
  }

  /**
   * Asks for a value that others have been sent and that did not come: the hub, or else its origin.
   * To ask again takes ever longer, and ends.
   */
  #requestGap({ missing, since, requests }: Gap, now: number, out: Outbox): void {
    const link = this.links.get(this.hub ?? nodeOf(missing.origin));
    const canRequest = link !== undefined && !link.isOpen && !link.awaitsDigest;
    const isRequested = canRequest && !this.log.has(missing);
    if (isRequested) {
      out.sometimes("a lost push was requested");
      this.requestDigest(link, now, out);
    }
    const total = requests + (isRequested ? 1 : 0);
    const isOver = total === MAX_GAP_REQUESTS || now - since > MAX_GAP_AGE_MS;
    const deadline = isOver ? Infinity : now + this.#options.ihaveTimeoutMs * 2 ** total;
    this.#gap = { missing, since, deadline, requests: total };
    this.#updateGap(now);
  }

  /** Those that a hub does not count among its leaves, or that do not answer it. */
  #unreachableLeaves(): string[] {
    if (this.hub !== undefined) return [];
    return this.self.nodes.filter((node) =>
      node !== this.self.id && (this.links.get(node)?.isOpen ?? true)
    );
  }
}
