/**
 * FIFO broadcast: each node seals its updates into numbered batches, and every node applies each
 * writer's batches in their order, all of them, each once.
 *
 * It is the state behind a {@link DeltaGossip}, which carries it by anti-entropy. A {@link
 * BatchJournal} holds the batches that some neighbour may lack. A delta contains the batches after the
 * version that the neighbour has acknowledged. A batch is sealed when a message is about to be sent,
 * so there are at most as many batches as messages. A writer sends its batches to its neighbours
 * itself. A receiver relays a batch only if, some time later, a neighbour has not reported it (its
 * link to the writer may be partitioned), so that bytes are not sent twice.
 *
 * With acks `all`, a batch is applied only once it is stable: its writer reports that all nodes have
 * received it. Nothing that any node has applied is then lost, as long as one node keeps its memory
 * until the others have recovered.
 *
 * A node that lost its memory receives a snapshot. It must not seal a batch before its neighbours
 * have sent it the batches of its previous incarnation ({@link BatchBroadcast.recovered}). A batch of
 * the previous incarnation that a neighbour relays later still would be treated as a new one. For
 * that, the neighbour must have lost its memory too, while a message of its own previous incarnation
 * is on the way to a third node that neither of the two could reach before.
 *
 * Invariant: of each writer, a node has applied a prefix of the batches, and received a prefix that
 * is at least as long.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import type { Json } from "../../node/mod.ts";
import type { DeltaState } from "../crdt/mod.ts";
import { type BatchDelta, type NumberedBatch, parseBatchDelta } from "./batch_delta.ts";
import { BatchJournal } from "./batch_journal.ts";
import type { Acks, BatchSource } from "./batch_source.ts";

/** The cluster as one node sees it. Nodes are indices. */
export interface Membership {
  readonly self: number;
  readonly count: number;
  readonly neighbours: readonly number[];
  readonly acks: Acks;
  /** Milliseconds after which a batch is relayed to a neighbour that has not reported it. */
  readonly relayAfterMs: number;
}

/** A batch that may have to be relayed; `batch` is undefined if it was received in a snapshot. */
interface Relay extends NumberedBatch {
  readonly atMs: number;
}

/** The batches of all writers at one node. A vector has one batch number for each writer. */
export class BatchBroadcast implements DeltaState {
  readonly #source: BatchSource;
  readonly #member: Membership;
  /** The last batch received. */
  readonly #received: number[];
  /** The last batch applied. */
  readonly #applied: number[];
  /** The last batch that all nodes have received. Used with acks `all`. */
  readonly #stable: number[];
  /** The last batch that each node has reported to have received. */
  readonly #reported: readonly number[][];
  /** The batches that are received, but not applied yet. */
  #unapplied: NumberedBatch[] = [];
  readonly #journal = new BatchJournal();
  #relays: Relay[] = [];
  #isRecovered = false;
  #nowMs = 0;

  /** Broadcasts the batches of `source`. */
  constructor(source: BatchSource, member: Membership) {
    this.#source = source;
    this.#member = member;
    const zeros = () => new Array<number>(member.count).fill(0);
    this.#received = zeros();
    this.#applied = zeros();
    this.#stable = zeros();
    this.#reported = Array.from({ length: member.count }, zeros);
  }

  /** The number of changes. Updates that are not sealed yet count as one. */
  get version(): number {
    return this.#journal.version + (this.#canSeal ? 1 : 0);
  }

  /** The number of the batch that will contain the current updates. */
  get nextBatch(): number {
    return this.#at(this.#received, this.#member.self) + 1;
  }

  /** The last batch of this node that it has applied. */
  get ownApplied(): number {
    return this.#at(this.#applied, this.#member.self);
  }

  /** Whether this node has applied all batches of its own, also of previous incarnations. */
  get hasAppliedOwn(): boolean {
    return this.ownApplied + 1 === this.nextBatch;
  }

  /**
   * Allows this node to seal batches. Call it once all batches of its previous incarnations are
   * received, or if there are none.
   */
  recovered(): void {
    this.#isRecovered = true;
    this.#source.recovered();
  }

  /** Relays the batches whose time has come. `nowMs` is the time of a monotonic clock. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    const due = this.#relays.filter(({ atMs }) => atMs <= nowMs);
    if (due.length === 0) return;
    this.#relays = this.#relays.filter(({ atMs }) => atMs > nowMs);
    const missing = due.filter(({ writer, number }) => this.#isMissing(writer, number));
    for (const { writer, number, batch } of missing) {
      if (batch !== undefined) this.#journal.record({ writer, number, batch });
    }
    if (missing.some(({ batch }) => batch === undefined)) this.#journal.requireSnapshot();
  }

  /** Notes that all neighbours have acknowledged a version. */
  acknowledged(version: number): void {
    const { self, acks } = this.#member;
    const removed = this.#journal.truncate(version);
    const own = removed.findLast(({ writer }) => writer === self)?.number ?? 0;
    if (acks === "one" || own <= this.#at(this.#stable, self)) return;
    this.#stable[self] = own;
    // Records a change without a batch, so that the neighbours receive the new vector.
    this.#journal.record();
    this.#applyStable();
  }

  deltaSince(version: number): Json {
    this.#seal();
    const batches = this.#journal.since(version);
    return {
      from: this.#member.self,
      received: [...this.#received],
      ...(this.#member.acks === "all" ? { stable: [...this.#stable] } : {}),
      batches: (batches ?? this.#unapplied).flatMap(({ writer, number, batch }) =>
        batch === undefined ? [] : [[writer, number, batch]]
      ),
      ...(batches === undefined
        ? { snapshot: { applied: [...this.#applied], state: this.#source.snapshot() } }
        : {}),
    };
  }

  join(delta: Json): void {
    const { from, received, stable, batches, snapshot } = parseBatchDelta(
      delta,
      this.#member.count,
    );
    raiseAll(this.#reported[from] as number[], received);
    if (snapshot !== undefined) this.#restore(snapshot);
    for (const batch of batches) this.#receive(batch);
    if (stable !== undefined) raiseAll(this.#stable, stable);
    this.#applyStable();
  }

  get #canSeal(): boolean {
    return this.#isRecovered && this.#source.hasUpdates;
  }

  #seal(): void {
    const { self, acks } = this.#member;
    if (!this.#canSeal) return;
    const own = { writer: self, number: this.nextBatch, batch: this.#source.seal() };
    this.#received[self] = own.number;
    this.#journal.record(own);
    // The source applied its updates with acks `one` when it produced them.
    if (acks === "one") this.#noteApplied(self, own.number);
    else this.#unapplied.push(own);
  }

  #receive(received: NumberedBatch): void {
    const { writer, number, batch } = received;
    // A duplicate, or a batch after a gap: it was sent to the previous incarnation of this node, and
    // the sender will start again with a snapshot.
    if (number !== this.#at(this.#received, writer) + 1) return;
    this.#received[writer] = number;
    this.#journal.requireSnapshotForNew();
    // Relays a batch of its own previous incarnation at once: that can no longer send it itself.
    if (writer === this.#member.self) this.#journal.record(received);
    else this.#relays.push({ ...received, atMs: this.#relayTimeMs() });
    if (this.#member.acks === "all") this.#unapplied.push(received);
    else this.#apply(writer, number, batch as Json);
  }

  #apply(writer: number, number: number, batch: Json): void {
    this.#noteApplied(writer, number);
    this.#source.apply(writer, batch);
  }

  #noteApplied(writer: number, number: number): void {
    invariant(
      number === this.#at(this.#applied, writer) + 1,
      "a writer's batches are applied in order, without gaps, each once",
    );
    invariant(number <= this.#at(this.#received, writer), "an applied batch was received before");
    this.#applied[writer] = number;
  }

  #applyStable(): void {
    if (this.#unapplied.length === 0) return;
    const { stable = [], unstable = [] } = Object.groupBy(
      this.#unapplied,
      ({ writer, number }) => number <= this.#at(this.#stable, writer) ? "stable" : "unstable",
    );
    this.#unapplied = unstable;
    for (const { writer, number, batch } of stable) this.#apply(writer, number, batch as Json);
  }

  #restore({ applied, state }: NonNullable<BatchDelta["snapshot"]>): void {
    if (applied.every((number, writer) => number <= this.#at(this.#applied, writer))) return;
    const { self } = this.#member;
    const before = [...this.#received];
    this.#source.restore(state);
    raiseAll(this.#applied, applied);
    raiseAll(this.#received, applied);
    if (this.#member.acks === "all") raiseAll(this.#stable, applied);
    this.#unapplied = this.#unapplied.filter(({ writer, number }) =>
      number > this.#at(this.#applied, writer)
    );
    this.#journal.requireSnapshotForNew();
    for (const [writer, number] of this.#received.entries()) {
      if (number === before[writer]) continue;
      // The snapshot replaced these batches, so they can only be relayed as a snapshot.
      if (writer === self) this.#journal.requireSnapshot();
      else {
        const atMs = this.#nowMs + this.#member.relayAfterMs;
        this.#relays.push({ writer, number, batch: undefined, atMs });
      }
    }
  }

  /**
   * When to relay a received batch: later if its writer sends it to all nodes itself, else now.
   */
  #relayTimeMs(): number {
    const { neighbours, count, relayAfterMs } = this.#member;
    return neighbours.length === count - 1 ? this.#nowMs + relayAfterMs : this.#nowMs;
  }

  /** Whether a neighbour other than the writer has not reported a batch. */
  #isMissing(writer: number, number: number): boolean {
    return this.#member.neighbours.some((neighbour) =>
      neighbour !== writer && this.#at(this.#reported[neighbour] as number[], writer) < number
    );
  }

  #at(vector: readonly number[], writer: number): number {
    return vector[writer] as number;
  }
}

/** Raises each number of a vector to at least the one in `floor`. */
function raiseAll(vector: number[], floor: readonly number[]): void {
  for (const [index, number] of floor.entries()) {
    vector[index] = Math.max(vector[index] as number, number);
  }
}
