/**
 * FIFO broadcast: every node applies each writer's updates in order, all of them, each once.
 *
 * A node seals its updates into numbered batches when a message is about to be sent, so there are at
 * most as many batches as messages. Numbers count per *origin*: an incarnation of a node. A node
 * sends its own batches to every peer itself. It also adopts those of its earlier incarnations. It
 * sends a third node's batches only on request, see {@link BatchLog.catchUp}. The replication engine
 * acknowledges and retransmits.
 *
 * **Restarts.** An incarnation writes nothing before every other node has answered it, has its first,
 * empty batch, and has sent it what it has ({@link BatchLog.start}). It so has every batch of its
 * past that any node has. Its next batch lists them (`past`). A node applies the batch after those,
 * and drops all others of earlier incarnations. A late message of an earlier incarnation changes
 * nothing: a node that has seen a newer incarnation accepts batches of the older one from third nodes
 * only, and these are in the past that the newer one learns from them.
 *
 * A node that restarts forgets which incarnations are gone. So it ignores a message to an earlier
 * incarnation of its own: the sender may be gone. Without updates it may accept one from the time when
 * the sender did not know it yet. Such a batch does not count once the sender's node lists its past.
 *
 * **Memory.** A writer announces which of its batches all nodes have (`stable`). Then they are
 * dropped, and a node that has lost its memory needs a snapshot. With acks `all` a node applies a
 * batch only once it is stable. What a node has applied so survives as long as one node keeps its
 * memory until the others have recovered.
 *
 * Invariant: of each origin, a node has applied a prefix of the batches that it has, and has a prefix
 * of those that the origin sealed.
 *
 * @module
 */

import { invariant, type Json } from "../../base/mod.ts";
import { schema } from "../../node/mod.ts";
import type { Receiver, ReplicatedState } from "../../replication/mod.ts";
import {
  type Batch,
  type BatchSource,
  type Counts,
  type Delta,
  deltaSchema,
  toRuns,
  type Wanted,
} from "./batch.ts";
import { type Item, Journal } from "./journal.ts";
import { type Acks, countsOf, type Origin, Origins } from "./origins.ts";
import { MAX_OUTSTANDING, Outstanding } from "./outstanding.ts";

/** The node, and how its updates are acknowledged. Nodes are sorted by id. */
export interface BatchLogOptions {
  readonly id: string;
  readonly incarnation: string;
  readonly nodes: readonly string[];
  readonly acks: Acks;
}

/** The batches of all nodes at one node. */
export class BatchLog implements ReplicatedState {
  readonly isOrdered = false;
  readonly #source: BatchSource;
  readonly #options: BatchLogOptions;
  readonly #self: number;
  readonly #own: Origin;
  readonly #origins: Origins;
  readonly #deltaSchema;
  readonly #journal: Journal;
  #isStarted = false;
  #owesStatement = false;
  #owesPast = false;
  /** Whether batches with content have become stable, with acks `all`. */
  #owesStable = false;
  /** When the first update was made that no batch contains; Infinity for none. */
  #changedMs = 0;
  readonly #outstanding = new Outstanding();

  constructor(source: BatchSource, options: BatchLogOptions) {
    const { id, incarnation, nodes, acks } = options;
    this.#source = source;
    this.#options = options;
    this.#self = nodes.indexOf(id);
    this.#deltaSchema = deltaSchema(source);
    this.#journal = new Journal(this.#self);
    this.#origins = new Origins({
      nodes,
      acks,
      source,
      accepted: (origin, number, now) => this.#accepted(origin, number, now),
    });
    this.#own = this.#origins.see(`${id}.${incarnation}`, incarnation, 0);
    this.#push({});
    this.#changedMs = Infinity;
  }

  get version(): number {
    return this.summaryVersion + (this.#canSeal ? 1 : 0);
  }

  get summaryVersion(): number {
    return this.#journal.end;
  }

  /** The number of the batch that will contain the current updates. */
  get nextBatch(): number {
    return this.#own.count;
  }

  /** The number of this node's batches that it has applied. */
  get ownApplied(): number {
    return this.#own.applied;
  }

  /** Whether this node has to state what it has, since it has seen a new incarnation. */
  get owesStatement(): boolean {
    return this.#owesStatement;
  }

  /**
   * Whether this node has all batches of its past that any node has: every other node has seen this
   * incarnation, and this one has received and applied what that node had then.
   */
  get isRecovered(): boolean {
    const origins = this.#origins.all;
    const isStated = this.#options.nodes.every((_, writer) =>
      writer === this.#self ||
      origins.some(({ writer: other, has }) =>
        other === writer && has !== undefined && Object.hasOwn(has, this.#own.name) &&
        this.#origins.includes(has)
      )
    );
    return isStated && this.#past.every(({ applied, count }) => applied === count);
  }

  /** Whether too many messages of this node may be missing at a peer. */
  get isFull(): boolean {
    return this.#outstanding.isFull;
  }

  /**
   * Notes an update of the source that a client made, and the number of messages in it. Returns
   * whether it is the first one of the next batch.
   */
  updated(messages: number, now: number): boolean {
    this.#outstanding.add(messages);
    const isFirst = this.#changedMs === Infinity;
    this.#noteUpdates(now);
    return isFirst;
  }

  /**
   * Allows this node to write: it has all batches of its past that any node has. The source must not
   * assign what one of the incarnations that are gone may have assigned, each at most twice
   * {@link MAX_OUTSTANDING}: with acks `all`, once what it knew to be stable and others did not, and
   * once what was not stable.
   */
  start(now: number): void {
    this.#isStarted = true;
    for (const origin of this.#past) origin.limit = origin.count;
    this.#owesPast = this.#past.length > 0;
    this.#source.start(this.#origins.gone * 2 * MAX_OUTSTANDING);
    this.#noteUpdates(now);
  }

  /**
   * Notes a message of an incarnation of a peer, which may be the reply to a request that this node
   * sent at a time. Returns whether it is the newest incarnation of the peer.
   */
  meet(peer: string, incarnation: string, now: number, requestedMs = -Infinity): boolean {
    const origin = this.#origins.see(`${peer}.${incarnation}`, incarnation, now);
    this.#origins.replied(origin, requestedMs, now);
    this.#noteUpdates(now);
    return this.#origins.isNewest(origin);
  }

  /**
   * Sends an incarnation of a peer batches that its summary lacks, or a snapshot for those that were
   * dropped: this node's own, and those of other nodes that it wants.
   */
  catchUp(incarnation: string, summary: Json, { nodes, isComplete }: Wanted, now: number): void {
    const writers = nodes.map((node) => this.#options.nodes.indexOf(node));
    const origins = this.#origins.all;
    this.#journal.catchUp(incarnation, summary, { writers, isComplete }, origins, now);
  }

  /** Notes that all peers have what is below a position. */
  acknowledged(position: number, now: number): void {
    const items = this.#journal.drop(position);
    if (items.length === 0) return;
    for (const { origin, number } of items) {
      if (number < origin.stable) continue;
      origin.stable = number + 1;
      const isApplied = number < origin.applied;
      if (!isApplied && origin.batchAt(number).content !== undefined) this.#owesStable = true;
      if (origin === this.#own) this.#outstanding.acknowledged();
    }
    this.#origins.apply();
    this.#noteUpdates(now);
  }

  firstFor(from: number, receiver: Receiver): number {
    return this.#journal.firstFor(from, receiver);
  }

  firstBeyond(summary: Json): number {
    return this.#journal.firstBeyond(summary);
  }

  changedAt(position: number): number {
    return position < this.#journal.end ? this.#journal.addedAt(position) : this.#changedMs;
  }

  delta(from: number, receiver: Receiver): { delta: Json; to: number } {
    if (this.#canSeal) this.#seal();
    const items = this.#journal.since(from, receiver);
    const needsSnapshot = items.some(({ origin, number }) => number < origin.dropped);
    const isMissing = ({ origin, number }: Item) => !needsSnapshot || number >= origin.applied;
    const delta: Delta = {
      runs: toRuns(items.filter(isMissing)),
      ...(needsSnapshot
        ? { snapshot: { origins: this.#origins.snapshot(), state: this.#source.snapshot() } }
        : {}),
    };
    return { delta: delta as unknown as Json, to: this.summaryVersion };
  }

  merge(delta: Json, source: string, now: number, receiver?: string): void {
    const { runs, snapshot } = schema.parse(this.#deltaSchema, delta, "the delta");
    // Its sender may have restarted, too, and this node has forgotten which incarnation is newer.
    if (receiver !== undefined && receiver !== this.#options.incarnation) return;
    const names = [...Object.keys(snapshot?.origins ?? {}), ...runs.map(([name]) => name)];
    const origins = new Map(names.map((name) => [name, this.#origins.see(name, source, now)]));
    if (snapshot !== undefined) {
      this.#source.restore(snapshot.state);
      this.#origins.restore(snapshot.origins, this.#own, now);
    }
    for (const [name, first, batches] of runs) {
      const isDirect = name.endsWith(`.${source}`);
      const origin = origins.get(name) as Origin;
      batches.forEach((batch, index) => origin.wait(first + index, batch, isDirect));
    }
    this.#origins.accept(now);
    this.#noteUpdates(now);
  }

  summary(): Json {
    return this.#origins.summary();
  }

  includes(summary: Json): boolean {
    return this.#origins.includes(summary as Counts);
  }

  get #canSeal(): boolean {
    if (this.#owesStatement) return true;
    return this.#isStarted && (this.#source.hasUpdates || this.#owesStable || this.#owesPast);
  }

  /** The origins of this node's earlier incarnations. */
  get #past(): Origin[] {
    return this.#origins.all.filter((origin) =>
      origin.writer === this.#self && origin !== this.#own
    );
  }

  #noteUpdates(now: number): void {
    if (!this.#canSeal) this.#changedMs = Infinity;
    else this.#changedMs = Math.min(this.#changedMs, now);
  }

  #seal(): void {
    invariant(this.#changedMs < Infinity, "a batch has a time from which on its updates wait");
    const own = [...this.#past, this.#own];
    const stable = own.filter((origin) => origin.announceStable());
    const hasContent = this.#isStarted && this.#source.hasUpdates;
    this.#push({
      ...(hasContent ? { content: this.#source.seal() } : {}),
      ...(stable.length > 0 ? { stable: countsOf(stable, ({ stable }) => stable) } : {}),
      ...(this.#owesPast ? { past: countsOf(this.#past, ({ count }) => count) } : {}),
      ...(this.#owesStatement ? { has: this.#origins.summary() } : {}),
    });
    this.#owesStable = this.#owesPast = this.#owesStatement = false;
    this.#changedMs = Infinity;
  }

  /** Adds a batch of this node's own. */
  #push(batch: Batch): void {
    this.#journal.push(this.#own, this.#own.count, this.#changedMs);
    this.#own.push(batch);
    this.#outstanding.sealed();
    // With acks `one` the source applied its updates when it produced them.
    if (this.#options.acks === "one") this.#own.applied = this.#own.count;
    else this.#origins.apply();
  }

  #accepted(origin: Origin, number: number, now: number): void {
    if (origin.count === 0) this.#owesStatement = true;
    this.#journal.push(origin, number, now);
  }
}
