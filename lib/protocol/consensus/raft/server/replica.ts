/**
 * Runs a {@link Raft} member: executes its effects on a storage, a transport and a state machine, and
 * turns what they report into events.
 *
 * One sync of the storage is in progress at a time, and covers all records appended before it. The
 * messages that promise durability wait for it, in order; all others leave immediately.
 *
 * @module
 */

import { invariant, type Json } from "../../../../base/mod.ts";
import { Raft } from "../raft.ts";
import type { Effect, Entry, RaftEvent, RaftMessage, RaftTiming } from "../types.ts";
import { encode, readRecords } from "./records.ts";
import { type Outcome, type SessionEntry, Sessions } from "./sessions.ts";
import type { StateMachine } from "./state_machine.ts";

/** A leader that waits for followers before it compacts does so up to this factor of the limits. */
const MAX_COMPACT_DELAY_FACTOR = 2;

/** A member's storage, as `node.storage`: one snapshot, and the records appended after it. */
export interface Storage {
  /** Reads what the storage has; called once, before all other methods. */
  recover(): Promise<{
    readonly snapshot: Uint8Array | undefined;
    readonly records: readonly Uint8Array[];
  }>;
  /** Appends a record, which is durable when a later sync resolves. Records keep their order. */
  append(record: Uint8Array): void;
  /** Resolves when all records appended before are durable. A rejection ends the member. */
  sync(): Promise<void>;
  /** Replaces everything atomically; resolves when that is durable. Later records follow. */
  replace(snapshot: Uint8Array, records?: readonly Uint8Array[]): Promise<void>;
}

/** A monotonic clock. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  monotonic(): number;
  /** Runs a function once after a delay; returns a function that cancels it. */
  after(delayMs: number, fn: () => void): () => void;
}

/** What a member needs from its surroundings. */
export interface ReplicaOptions {
  /** This member's id. */
  readonly id: string;
  /** The members of a new cluster, the same on each. A member with a log ignores it. */
  readonly members: readonly string[];
  readonly machine: StateMachine;
  readonly storage: Storage;
  readonly clock: Clock;
  /** Returns random numbers in [0, 1). */
  readonly random: () => number;
  readonly timing: RaftTiming;
  /** Applied entries after which the log may be compacted. */
  readonly compactAfter: number;
  /** A log is compacted when it is longer than the snapshot by this factor, in bytes. */
  readonly compactFactor: number;
  /** Called when a rare path was reached; for tests. */
  readonly sometimes?: (text: string) => void;
  /** Called when the storage rejects, or an invariant is violated: the member has stopped. */
  readonly fail: (error: unknown) => void;
}

/** What a replica reports. */
export interface ReplicaListener {
  send(to: string, message: RaftMessage): void;
  /** The role, the term or the known leader is another one. */
  changed(): void;
  /** A session was opened by an entry. */
  opened(name: string, session: number): void;
  /** A command has an outcome. */
  applied(session: number, number: number, outcome: Outcome): void;
  /** Entries up to an index were applied. */
  committed(index: number): void;
  /** A node may become a member now, or has a problem and cannot. */
  learned(learner: string, problem: string | undefined): void;
}

/** A member that runs. */
export class Replica {
  readonly raft: Raft;
  readonly sessions: Sessions;
  readonly #options: ReplicaOptions;
  readonly #listener: ReplicaListener;
  readonly #events: RaftEvent[] = [];
  #isRunning = false;
  #hasStopped = false;
  /** The number of persist and replace effects, and how many of them are durable. */
  #persisted = 0;
  #durable = 0;
  #isSyncing = false;
  #replacing: Promise<void> | undefined;
  /** Messages that wait until the first `after` effects are durable. */
  readonly #outbox: { readonly after: number; readonly send: () => void }[] = [];
  #timerAtMs = Infinity;
  #cancelTimer = () => {};
  readonly #reads = new Map<number, (ok: boolean) => void>();
  #lastRead = 0;
  #logBytes = 0;
  #snapshotBytes = 0;

  private constructor(options: ReplicaOptions, listener: ReplicaListener, raft: Raft) {
    this.#options = options;
    this.#listener = listener;
    this.raft = raft;
    this.sessions = new Sessions(options.machine);
    const { snapshot } = raft.log;
    if (snapshot !== undefined) this.sessions.restore(snapshot.data);
  }

  /** Reads the storage and starts the member. */
  static async start(options: ReplicaOptions, listener: ReplicaListener): Promise<Replica> {
    const { id, members, timing, random, storage } = options;
    const { snapshot, records } = await storage.recover();
    const recovered = readRecords(snapshot, records);
    const raft = new Raft({ id, members, timing, random, recovered });
    return new Replica(options, listener, raft);
  }

  /** Processes an event, after those that are being processed. */
  handle(event: RaftEvent): void {
    if (this.#hasStopped) return;
    this.#events.push(event);
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const before = this.raft.commit;
        for (const effect of this.raft.handle(next, this.#options.clock.monotonic())) {
          this.#execute(effect);
        }
        if (this.raft.commit > before) {
          this.#listener.committed(this.raft.commit);
          this.#compactIfLong();
        }
      }
    } catch (error) {
      return this.#fail(error);
    } finally {
      this.#isRunning = false;
    }
    this.#sync();
  }

  /**
   * Calls `done` when a query sees all that was committed before the call (section 8); with false if
   * this member is not the leader, or may not be.
   */
  read(done: (ok: boolean) => void): void {
    const id = ++this.#lastRead;
    this.#reads.set(id, done);
    this.handle({ type: "read", id });
  }

  /** Handles no more events. */
  stop(): void {
    this.#hasStopped = true;
    this.#cancelTimer();
  }

  #execute(effect: Effect): void {
    const { storage } = this.#options;
    switch (effect.type) {
      case "persist": {
        const bytes = encode(effect.record);
        this.#logBytes += bytes.length;
        storage.append(bytes);
        this.#persisted++;
        return;
      }
      case "replace": {
        const snapshot = encode(effect.snapshot);
        this.#snapshotBytes = snapshot.length;
        this.#logBytes = 0;
        this.#replacing = storage.replace(snapshot, effect.records.map(encode));
        this.#persisted++;
        return;
      }
      case "send": {
        const send = () => this.#listener.send(effect.to, effect.message);
        if (effect.after === "now" || this.#durable >= this.#persisted) return send();
        this.#outbox.push({ after: this.#persisted, send });
        return;
      }
      case "restore":
        return this.sessions.restore(effect.snapshot.data);
      case "apply":
        return this.#apply(effect.index, effect.entry);
      case "read": {
        const settle = this.#reads.get(effect.id);
        invariant(settle !== undefined, "each read ends once");
        this.#reads.delete(effect.id);
        return settle(effect.ok);
      }
      case "learned":
        return this.#listener.learned(effect.learner, effect.problem);
      case "changed":
        return this.#listener.changed();
      case "sometimes":
        return this.#options.sometimes?.(effect.text);
      case "timer":
        return this.#setTimer(effect.atMs);
    }
  }

  #apply(index: number, { command }: Entry): void {
    if (command === undefined) return;
    const entry = command as SessionEntry;
    if ("open" in entry) {
      this.sessions.open(index);
      return this.#listener.opened(entry.open, index);
    }
    const isRepeated = this.sessions.apply(entry, (number, outcome) => {
      this.#listener.applied(entry.session, number, outcome);
    });
    if (isRepeated) this.#options.sometimes?.("a retried command was not executed again");
  }

  /** Compacts a log that is long, also in comparison with its snapshot (thesis 5.1.3). */
  #compactIfLong(): void {
    const { log, commit } = this.raft;
    const { compactAfter, compactFactor } = this.#options;
    const entryRatio = (commit - log.snapshotIndex) / compactAfter;
    const byteRatio = this.#logBytes / (compactFactor * this.#snapshotBytes);
    const ratio = Math.min(entryRatio, byteRatio);
    if (ratio < 1 || (ratio < MAX_COMPACT_DELAY_FACTOR && !this.raft.canCompact(commit))) return;
    this.#options.sometimes?.("a log was compacted");
    this.handle({ type: "compact", index: commit, data: this.sessions.snapshot() });
  }

  /** Makes durable what is not, and releases the messages that wait for it. */
  async #sync(): Promise<void> {
    if (this.#isSyncing || this.#durable === this.#persisted) return;
    this.#isSyncing = true;
    const persisted = this.#persisted;
    try {
      await Promise.all([this.#options.storage.sync(), this.#replacing]);
    } catch (error) {
      return this.#fail(error);
    }
    this.#isSyncing = false;
    if (this.#hasStopped) return;
    this.#durable = persisted;
    while ((this.#outbox[0]?.after ?? Infinity) <= persisted) this.#outbox.shift()?.send();
    this.handle({ type: "durable", persisted });
  }

  /** Sets the timer, unless it fires before that anyway: an early tick does nothing. */
  #setTimer(atMs: number): void {
    if (atMs >= this.#timerAtMs || atMs === Infinity) return;
    this.#cancelTimer();
    this.#timerAtMs = atMs;
    const delayMs = Math.max(0, atMs - this.#options.clock.monotonic());
    this.#cancelTimer = this.#options.clock.after(delayMs, () => {
      this.#timerAtMs = Infinity;
      this.handle({ type: "tick" });
    });
  }

  #fail(error: unknown): void {
    this.stop();
    this.#options.fail(error);
  }
}

/** A value of the log: a session's commands, or the opening of a session. */
export function toCommand(entry: SessionEntry): Json {
  return entry as unknown as Json;
}
