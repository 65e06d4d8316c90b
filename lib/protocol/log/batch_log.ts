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
 * A node that restarts forgets which incarnations are gone. The engine ignores an update to an earlier
 * incarnation of the node: the sender may be gone. The node may accept one from the time when the sender
 * did not know it yet. Such a batch does not count once the sender's node lists its past.
 *
 * **Memory.** A node keeps all batches, of all origins: a node that has lost its memory gets them again.
 * They share their messages with what was applied.
 *
 * Invariant: of each origin, a node has applied a prefix of the batches that the origin sealed.
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
  countsOf,
  type Delta,
  deltaSchema,
  type Origin,
  Origins,
} from "./origins.ts";
import { Journal } from "./journal.ts";

/**
 * More than an incarnation can assign of one key: it has all that in an array, and an array in memory
 * has fewer elements.
 */
const MAX_ASSIGNED = 2 ** 32;

/** The node. Nodes are sorted by id. */
export interface BatchLogOptions {
  readonly id: string;
  readonly incarnation: string;
  readonly nodes: readonly string[];
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
  /** When the first update was made that no batch contains; Infinity for none. */
  #changedMs = Infinity;

  constructor(source: BatchSource, options: BatchLogOptions) {
    const { id, incarnation, nodes } = options;
    this.#source = source;
    this.#options = options;
    this.#self = nodes.indexOf(id);
    this.#deltaSchema = deltaSchema(source);
    this.#journal = new Journal(this.#self);
    this.#origins = new Origins({
      nodes,
      source,
      accepted: (origin, number, now) => this.#accepted(origin, number, now),
    });
    this.#own = this.#origins.see(`${id}.${incarnation}`, incarnation, -Infinity);
    this.#push({}, 0);
  }

  get version(): number {
    return this.summaryVersion + (this.#canSeal ? 1 : 0);
  }

  get summaryVersion(): number {
    return this.#journal.end;
  }

  /** Whether this node has to state what it has, since it has seen a new incarnation. */
  get owesStatement(): boolean {
    return this.#owesStatement;
  }

  /**
   * Whether this node has all batches of its past that any node has: every other node has seen this
   * incarnation, and this one has what that node had then.
   */
  get isRecovered(): boolean {
    const origins = this.#origins.all;
    return this.#options.nodes.every((_, writer) =>
      writer === this.#self ||
      origins.some(({ writer: other, has }) =>
        other === writer && has !== undefined && Object.hasOwn(has, this.#own.name) &&
        this.#origins.includes(has)
      )
    );
  }

  /**
   * Notes an update of the source that a client made. Returns whether it is the first one of the next
   * batch.
   */
  updated(now: number): boolean {
    const isFirst = this.#changedMs === Infinity;
    this.#noteUpdates(now);
    return isFirst;
  }

  /**
   * Allows this node to write: it has all batches of its past that any node has. The source must not
   * assign what one of the incarnations that are gone may have assigned.
   */
  start(now: number): void {
    this.#isStarted = true;
    for (const origin of this.#past) origin.limit = origin.count;
    this.#owesPast = this.#past.length > 0;
    this.#source.start(this.#origins.gone * MAX_ASSIGNED);
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
   * Sends an incarnation of a peer the batches that its summary lacks: those of its own past, and if it
   * has to be complete, those of all nodes, also the next ones.
   */
  catchUp(
    peer: string,
    incarnation: string,
    summary: Json,
    isComplete: boolean,
    now: number,
  ): void {
    const node = this.#options.nodes.indexOf(peer);
    this.#journal.catchUp(incarnation, summary, { node, isComplete }, this.#origins.all, now);
  }

  firstFor(from: number, receiver: Receiver): number {
    return this.#journal.firstFor(from, receiver);
  }

  changedAt(position: number): number {
    return position < this.#journal.end ? this.#journal.addedAt(position) : this.#changedMs;
  }

  delta(from: number, receiver: Receiver): { delta: Json; to: number } {
    if (this.#canSeal) this.#seal();
    const delta = this.#journal.since(from, receiver)
      .map(({ origin, number }): Delta[0] => [origin.name, number, origin.batchAt(number)]);
    return { delta: delta as unknown as Json, to: this.summaryVersion };
  }

  merge(delta: Json, source: string, now: number): void {
    const items = schema.parse(this.#deltaSchema, delta, "the delta");
    const origins = items.map(([name]) => this.#origins.see(name, source, now));
    for (const [index, [name, number, batch]] of items.entries()) {
      origins[index]?.wait(number, batch, name.endsWith(`.${source}`));
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
    return this.#isStarted && (this.#source.hasUpdates || this.#owesPast);
  }

  /** The origins of this node's earlier incarnations. */
  get #past(): Origin[] {
    return this.#origins.all.filter((origin) =>
      origin.writer === this.#self && origin !== this.#own
    );
  }

  #noteUpdates(now: number): void {
    if (this.#canSeal) this.#changedMs = Math.min(this.#changedMs, now);
  }

  #seal(): void {
    invariant(this.#changedMs < Infinity, "a batch has a time from which on its updates wait");
    const hasContent = this.#isStarted && this.#source.hasUpdates;
    this.#push({
      ...(hasContent ? { content: this.#source.seal() } : {}),
      ...(this.#owesPast ? { past: countsOf(this.#past, ({ count }) => count) } : {}),
      ...(this.#owesStatement ? { has: this.#origins.summary() } : {}),
    }, this.#changedMs);
    this.#owesPast = this.#owesStatement = false;
    this.#changedMs = Infinity;
  }

  /** Adds a batch of this node's own, with the time from which on it waits to be sent. */
  #push(batch: Batch, atMs: number): void {
    this.#journal.push(this.#own, this.#own.count, atMs);
    this.#own.push(batch);
  }

  #accepted(origin: Origin, number: number, now: number): void {
    if (origin.count === 0) this.#owesStatement = true;
    this.#journal.push(origin, number, now);
  }
}
