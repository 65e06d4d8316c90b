/**
 * First-in-first-out broadcast: what each node has to say is cut into numbered batches, and every
 * node takes each writer's batches in their order, all of them, each once.
 *
 * It is the state behind a {@link DeltaGossip}, which carries it: the journal holds the batches
 * that some neighbour may lack, a delta is what of it lies behind the neighbour's acknowledgements.
 * News become a batch when a message is about to go out, so that there are no more batches than
 * messages. A writer tells its neighbours itself; what comes from others is passed on only when,
 * some time later, a neighbour is not known to have it (a link is cut), so that bytes are not sent
 * twice.
 *
 * `acks: "all"` applies a batch, here and elsewhere, only once its writer says that all nodes have
 * it; so nothing that was applied anywhere is lost as long as one node keeps its memory.
 *
 * A node that lost its memory gets a snapshot. It must not cut a batch before its neighbours have
 * told it which ones its former life had cut ({@link BatchBroadcast.open}).
 *
 * Invariant: of each writer, what has been applied is a prefix of its batches.
 *
 * @module
 */

import type { Json } from "../../node/mod.ts";
import type { DeltaState } from "../crdt/mod.ts";
import { type BatchDelta, type NumberedBatch, toBatchDelta } from "./batch_delta.ts";

/** When a batch counts: as soon as it is there, or when all nodes have it. */
export type Acks = "one" | "all";

/** What is replicated: it says its news, and takes those of others. */
export interface BatchSource {
  /** Whether something has happened since the last cut. */
  readonly hasNews: boolean;
  /** The news since the last cut. */
  cut(): Json;
  /** Lets this node say something of its own: it knows what a former life of it has said. */
  open(): void;
  /** Takes a writer's news. One's own come back here when acks are `all`, or from a former life. */
  apply(writer: number, batch: Json): void;
  /** All that has been applied, of all writers. */
  snapshot(): Json;
  /** Takes what another node's source had applied; of each writer, one is ahead of the other. */
  restore(snapshot: Json): void;
}

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

interface JournalItem extends NumberedBatch {
  readonly version: number;
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
  /** What neighbours are told, in the order of versions. */
  readonly #journal: JournalItem[] = [];
  #relays: Relay[] = [];
  #version = 0;
  /** A neighbour that has not even this version needs a snapshot: the journal begins behind it. */
  #journalStart = 0;
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
    return this.#version + (this.#isOpen && this.#source.hasNews ? 1 : 0);
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
      if (batch !== undefined) this.#record({ writer, number, batch });
    }
    if (lacked.some(({ batch }) => batch === undefined)) this.#requireSnapshot();
  }

  /** Takes note that all neighbours have everything up to a version. */
  acknowledged(version: number): void {
    const { self, acks } = this.#member;
    let own = 0;
    for (let item = this.#journal[0]; item !== undefined && item.version <= version;) {
      if (item.writer === self) own = item.number;
      this.#journalStart = Math.max(this.#journalStart, item.version);
      this.#journal.shift();
      item = this.#journal[0];
    }
    if (acks === "one" || own <= this.#at(this.#stable, self)) return;
    this.#stable[self] = own;
    // The others have to hear of it.
    this.#version++;
    this.#applyStable();
  }

  deltaSince(version: number): Json {
    this.#cut();
    const isLost = version < this.#journalStart;
    const unknown = isLost ? this.#held : this.#journal.filter((item) => item.version > version);
    return {
      from: this.#member.self,
      taken: [...this.#taken],
      ...(this.#member.acks === "all" ? { stable: [...this.#stable] } : {}),
      batches: unknown.flatMap(({ writer, number, batch }) =>
        batch === undefined ? [] : [[writer, number, batch]]
      ),
      ...(isLost
        ? { snapshot: { applied: [...this.#applied], state: this.#source.snapshot() } }
        : {}),
    };
  }

  join(delta: Json): void {
    const { from, taken, stable, batches, snapshot } = toBatchDelta(delta, this.#member.count);
    raiseAll(this.#known[from] as number[], taken);
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
    this.#record(own);
    if (acks === "one") this.#applied[self] = own.number;
    else this.#held.push(own);
  }

  #take(taken: NumberedBatch): void {
    const { writer, number, batch } = taken;
    // One that leaves a gap was sent to a former life; its sender will start again with a snapshot.
    if (number !== this.#at(this.#taken, writer) + 1) return;
    this.#taken[writer] = number;
    this.#noteSpoken();
    // What a former life has cut, not all neighbours may have; its writer is gone.
    if (writer === this.#member.self) this.#record(taken);
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
    this.#noteSpoken();
    for (const [writer, number] of this.#taken.entries()) {
      if (number === before[writer]) continue;
      // These are gone as batches. Others than the writer may still lack them.
      if (writer === self) this.#requireSnapshot();
      else {
        const due = this.#now + this.#member.relayAfter;
        this.#relays.push({ writer, number, batch: undefined, due });
      }
    }
  }

  /** Has all neighbours sent a snapshot. */
  #requireSnapshot(): void {
    const { self } = this.#member;
    this.#record({ writer: self, number: this.#at(this.#taken, self), batch: undefined });
    this.#journalStart = this.#version;
  }

  #record(item: NumberedBatch): void {
    this.#journal.push({ ...item, version: ++this.#version });
  }

  /** From now on a neighbour that knows nothing needs a snapshot, and has to notice. */
  #noteSpoken(): void {
    this.#version = Math.max(this.#version, 1);
    this.#journalStart = Math.max(this.#journalStart, 1);
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
