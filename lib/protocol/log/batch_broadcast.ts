/**
 * First-in-first-out broadcast: what each node has to say is cut into numbered batches, and every
 * node takes each writer's batches in their order, all of them, each once.
 *
 * It is the state behind a {@link DeltaGossip}, which carries it: a {@link BatchJournal} holds the
 * batches that some neighbour may lack, a delta is what of it lies behind the neighbour's
 * acknowledgements. News become a batch when a message is about to go out, so that there are no
 * more batches than messages. A writer tells its neighbours itself; what comes from others is
 * passed on only when, some time later, a neighbour is not known to have it (a link is cut), so
 * that bytes are not sent twice.
 *
 * `acks: "all"` applies a batch, here and elsewhere, only once its writer says that all nodes have
 * it; so nothing that was applied anywhere is lost as long as one node keeps its memory until the
 * others have it back.
 *
 * A node that lost its memory gets a snapshot. It must not cut a batch before its neighbours have
 * told it which ones its former life had cut ({@link BatchBroadcast.open}). What a neighbour passes
 * on later still of that life would be taken for news: the neighbour has to have lost its memory,
 * too, with a message of its former life on the way to a third node that neither could reach before.
 * No test has met that.
 *
 * Invariant: of each writer, what has been applied is a prefix of its batches.
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";
import type { DeltaState } from "../crdt/mod.ts";
import { type BatchDelta, type NumberedBatch, toBatchDelta } from "./batch_delta.ts";
import { BatchJournal } from "./batch_journal.ts";
import type { Acks, BatchSource } from "./batch_source.ts";

/** Who takes part, and how. Nodes are known by their index. */
export interface Membership {
  readonly self: number;
  readonly count: number;
  readonly neighbours: readonly number[];
  readonly acks: Acks;
  /**
   * Milliseconds after which a neighbour is told what it should have from others and seems to lack.
   */
  readonly relayAfter: number;
}

/** What may have to be passed on; without a batch when it was in a snapshot. */
interface Relay extends NumberedBatch {
  readonly due: number;
}

/** The batches of all writers as one node knows them. */
export class BatchBroadcast implements DeltaState {
  readonly #source: BatchSource;
  readonly #member: Membership;
  /** Of each writer, up to which batch they have been taken, applied, and are with all nodes. */
  readonly #taken: number[];
  readonly #applied: number[];
  readonly #stable: number[];
  /** What each node was last known to have taken. */
  readonly #known: readonly number[][];
  /** Taken, but not applied yet. */
  #held: NumberedBatch[] = [];
  /** What neighbours are told. */
  readonly #journal = new BatchJournal();
  #relays: Relay[] = [];
  #isOpen = false;
  #now = 0;

  constructor(source: BatchSource, member: Membership) {
    this.#source = source;
    this.#member = member;
    const zeros = () => new Array<number>(member.count).fill(0);
    this.#taken = zeros();
    this.#applied = zeros();
    this.#stable = zeros();
    this.#known = Array.from({ length: member.count }, zeros);
  }

  /** What has not been cut yet counts as one change more. */
  get version(): number {
    return this.#journal.version + (this.#isOpen && this.#source.hasNews ? 1 : 0);
  }

  /** The number of the batch that what is news now will be in. */
  get nextBatch(): number {
    return this.#at(this.#taken, this.#member.self) + 1;
  }

  /** Up to which of its own batches this node has applied them. */
  get ownApplied(): number {
    return this.#at(this.#applied, this.#member.self);
  }

  /** Whether nothing that a former life of this node has cut waits to be applied. */
  get hasNoPast(): boolean {
    return this.ownApplied + 1 === this.nextBatch;
  }

  /** Lets the node cut batches: there was no former life, or it is known. */
  open(): void {
    this.#isOpen = true;
    this.#source.open();
  }

  /** Lets time pass: `now` in milliseconds of a clock that does not jump. */
  tick(now: number): void {
    this.#now = now;
    const due = this.#relays.filter((relay) => relay.due <= now);
    if (due.length === 0) return;
    this.#relays = this.#relays.filter((relay) => relay.due > now);
    const lacked = due.filter(({ writer, number }) => this.#isLacked(writer, number));
    for (const { writer, number, batch } of lacked) {
      if (batch !== undefined) this.#journal.record({ writer, number, batch });
    }
    if (lacked.some(({ batch }) => batch === undefined)) this.#journal.requireSnapshot();
  }

  /** Takes note that all neighbours have everything up to a version. */
  acknowledged(version: number): void {
    const { self, acks } = this.#member;
    const all = this.#journal.forget(version);
    const own = all.findLast(({ writer }) => writer === self)?.number ?? 0;
    if (acks === "one" || own <= this.#at(this.#stable, self)) return;
    this.#stable[self] = own;
    // The others have to hear of it.
    this.#journal.record();
    this.#applyStable();
  }

  deltaSince(version: number): Json {
    this.#cut();
    const unknown = this.#journal.since(version);
    return {
      from: this.#member.self,
      received: [...this.#taken],
      ...(this.#member.acks === "all" ? { stable: [...this.#stable] } : {}),
      batches: (unknown ?? this.#held).flatMap(({ writer, number, batch }) =>
        batch === undefined ? [] : [[writer, number, batch]]
      ),
      ...(unknown === undefined
        ? { snapshot: { applied: [...this.#applied], state: this.#source.snapshot() } }
        : {}),
    };
  }

  join(delta: Json): void {
    const { from, received, stable, batches, snapshot } = toBatchDelta(delta, this.#member.count);
    raiseAll(this.#known[from] as number[], received);
    if (snapshot !== undefined) this.#restore(snapshot);
    for (const batch of batches) this.#take(batch);
    if (stable !== undefined) raiseAll(this.#stable, stable);
    this.#applyStable();
  }

  #cut(): void {
    const { self, acks } = this.#member;
    if (!this.#isOpen || !this.#source.hasNews) return;
    const own = { writer: self, number: this.nextBatch, batch: this.#source.cut() };
    this.#taken[self] = own.number;
    this.#journal.record(own);
    if (acks === "one") this.#applied[self] = own.number;
    else this.#held.push(own);
  }

  #take(taken: NumberedBatch): void {
    const { writer, number, batch } = taken;
    // One that leaves a gap was sent to a former life; its sender will start again with a snapshot.
    if (number !== this.#at(this.#taken, writer) + 1) return;
    this.#taken[writer] = number;
    this.#journal.noteSpoken();
    // What a former life has cut, not all neighbours may have; its writer is gone.
    if (writer === this.#member.self) this.#journal.record(taken);
    else this.#relays.push({ ...taken, due: this.#relayTime() });
    if (this.#member.acks === "all") {
      this.#held.push(taken);
    } else {
      this.#applied[writer] = number;
      this.#source.apply(writer, batch as Json);
    }
  }

  #applyStable(): void {
    if (this.#held.length === 0) return;
    const { ready = [], unready = [] } = Object.groupBy(
      this.#held,
      ({ writer, number }) => number <= this.#at(this.#stable, writer) ? "ready" : "unready",
    );
    this.#held = unready;
    for (const { writer, number, batch } of ready) {
      this.#applied[writer] = number;
      this.#source.apply(writer, batch as Json);
    }
  }

  #restore({ applied, state }: NonNullable<BatchDelta["snapshot"]>): void {
    if (applied.every((number, writer) => number <= this.#at(this.#applied, writer))) return;
    const { self } = this.#member;
    const before = [...this.#taken];
    this.#source.restore(state);
    raiseAll(this.#applied, applied);
    raiseAll(this.#taken, applied);
    if (this.#member.acks === "all") raiseAll(this.#stable, applied);
    this.#held = this.#held.filter(({ writer, number }) =>
      number > this.#at(this.#applied, writer)
    );
    this.#journal.noteSpoken();
    for (const [writer, number] of this.#taken.entries()) {
      if (number === before[writer]) continue;
      // These are gone as batches. Others than the writer may still lack them.
      if (writer === self) this.#journal.requireSnapshot();
      else {
        const due = this.#now + this.#member.relayAfter;
        this.#relays.push({ writer, number, batch: undefined, due });
      }
    }
  }

  /**
   * When to see whether others have a batch too: at once where a writer does not tell all itself.
   */
  #relayTime(): number {
    const { neighbours, count, relayAfter } = this.#member;
    return neighbours.length === count - 1 ? this.#now + relayAfter : this.#now;
  }

  #isLacked(writer: number, number: number): boolean {
    return this.#member.neighbours.some((neighbour) =>
      neighbour !== writer && this.#at(this.#known[neighbour] as number[], writer) < number
    );
  }

  #at(numbers: readonly number[], writer: number): number {
    return numbers[writer] as number;
  }
}

function raiseAll(numbers: number[], to: readonly number[]): void {
  for (const [index, number] of to.entries()) {
    numbers[index] = Math.max(numbers[index] as number, number);
  }
}
