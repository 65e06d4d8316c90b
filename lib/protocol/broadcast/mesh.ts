/**
 * Mesh: every node pushes its values to all other nodes immediately, and periodic anti-entropy
 * repairs losses.
 *
 * This strategy has the lowest latency: one message delay, for n − 1 messages per value. Pushes are
 * not acknowledged. In addition, nodes and their hub ({@link HubElection}) exchange IHAVEs, every
 * `repairIntervalMs` while new entries arrive, and once more when they cease. A node requests
 * advertised entries that do not arrive within `ihaveTimeoutMs`. A node that receives a later value
 * of an origin before an earlier one requests the earlier one after the same time, without an
 * IHAVE. That adds 3·(n − 1)/repairInterval messages per second, regardless of the number of
 * values: the hub's IHAVE, the leaf's, and an acknowledgement. If pauses between values are longer
 * than `idleDelayMs`, each pause causes IHAVEs, which cost more than the values.
 *
 * The hub lists unreachable nodes in its deltas and IHAVEs. Its leaves stop pushing to them, as if their
 * own circuits were open, until the hub drops them from the list or they push themselves. Meanwhile
 * only anti-entropy can reach them.
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

/** The options of {@link Mesh}. */
export interface MeshOptions {
  /** Milliseconds between two IHAVEs on a link while new entries arrive. */
  readonly repairIntervalMs: number;
  /** Milliseconds from the last new entry to the last IHAVE. */
  readonly idleDelayMs: number;
  /** How long, in milliseconds, to wait for a push of an advertised or skipped entry. */
  readonly ihaveTimeoutMs: number;
  readonly timing: LinkTiming;
  readonly probe: ProbeOptions;
}

/**
 * The maximum number of requests for a missing entry. If any node has it, that node also advertises
 * it.
 */
const MAX_GAP_REQUESTS = 4;
/** A missing entry is requested no more after this time, even if no request could be sent. */
const MAX_GAP_AGE_MS = 20_000;

/**
 * A missing entry of which a later one of the same origin arrived: when to request it, and the
 * number of requests.
 */
interface Gap {
  readonly missing: NonNullable<ReturnType<ValueLog["gap"]>>;
  readonly since: number;
  readonly deadline: number;
  readonly requests: number;
}

/** The strategy `mesh`. */
export class Mesh extends HubElection {
  readonly #options: MeshOptions;
  /** The nodes that the hub cannot reach. */
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
    // A leaf replies to an IHAVE with an IHAVE instead of a separate acknowledgement.
    const replyDeadline = link.peer === this.hub ? link.ackDeadline : Infinity;
    return Math.min(regular, this.#lastEntryAt + idleDelayMs, replyDeadline);
  }

  protected override get ownDeadline(): number {
    return Math.min(super.ownDeadline, this.#gap?.deadline ?? Infinity);
  }

  /** A push takes half a round trip, so short round trips shorten the timeout. */
  protected override ihaveTimeoutMs(link: Link): number {
    return Math.min(this.#options.ihaveTimeoutMs, link.rtoMs);
  }

  protected override receiveOther(peer: string, body: Body, now: number, out: Outbox): void {
    if (body.type !== "push") return super.receiveOther(peer, body, now, out);
    const { runs } = contentOf<Push>(body);
    this.log.merge(runs, peer, now);
    // A peer that pushes is reachable again, and the hub may not have reported it yet.
    this.#unreachable.delete(peer);
    const [origin] = runs[0] ?? [];
    const link = this.links.get(peer);
    // A node pushes only its own values, so their origin shows its incarnation.
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

  /**
   * The push of a value that arrives in a delta was lost. Other nodes are likely to lack it too.
   */
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
   * Requests a missing entry that other nodes received, from the hub or else from its origin.
   * Repeated requests back off, and end.
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

  /** Returns the nodes that have no link to this hub, or whose circuit is open. */
  #unreachableLeaves(): string[] {
    if (this.hub !== undefined) return [];
    return this.self.nodes.filter((node) =>
      node !== this.self.id && (this.links.get(node)?.isOpen ?? true)
    );
  }
}
