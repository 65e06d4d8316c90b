/**
 * A cluster of Raft state machines without a driver: its test decides which message arrives when,
 * which disk is synced when, and which member crashes. After every event it checks the properties of
 * the paper's figure 3 over all members ({@link Figure3}).
 *
 * @module
 */

import type { Json } from "../../../../lib/base/mod.ts";
import { Raft } from "../../../../lib/protocol/consensus/raft/raft.ts";
import type {
  Effect,
  Entry,
  LogRecord,
  RaftEvent,
  RaftMessage,
  RaftTiming,
  Recovered,
  Snapshot,
} from "../../../../lib/protocol/consensus/raft/types.ts";
import { Figure3 } from "./figure3.ts";

/** A message on its way. */
export interface InFlight {
  readonly from: string;
  readonly to: string;
  readonly message: RaftMessage;
}

/** What a disk has: a snapshot and records. */
interface Disk {
  readonly snapshot: Snapshot | undefined;
  readonly records: readonly LogRecord[];
}

/** One member: its state machine, its disk, and what waits for its disk. */
export class Member {
  raft: Raft;
  isDown = false;
  timerAtMs = Infinity;
  /** The commands that were applied, or restored. */
  applied: Json[] = [];
  /** The disk as it is durable, and after each persist or replace effect that is not yet. */
  disks: Disk[] = [{ snapshot: undefined, records: [] }];
  /** The number of durable effects of this incarnation. */
  durable = 0;
  readonly waiting: { readonly after: number; readonly message: InFlight }[] = [];
  /** The learners whose catch-up has ended, with their problems. */
  readonly learned: (readonly [learner: string, problem: string | undefined])[] = [];
  /** The results of reads by id: the applied index, or -1 for a rejected one. */
  readonly reads = new Map<number, number>();
  lastIndex = 0;

  constructor(readonly id: string, raft: Raft) {
    this.raft = raft;
  }

  /** The number of effects that are not durable. */
  get unsynced(): number {
    return this.disks.length - 1;
  }
}

/** The options of a cluster. */
export interface ClusterOptions {
  readonly random: () => number;
  readonly timing?: RaftTiming;
  /** The persistent states with which members start, by id. */
  readonly recovered?: Readonly<Record<string, Partial<Recovered>>>;
  /** Whether disks are durable at once; else the test calls `sync`. */
  readonly syncs?: boolean;
}

/** The default timing: election timeouts of 100 to 200 ms. */
export const TIMING: RaftTiming = {
  electionMs: 100,
  heartbeatMs: 30,
  lingerMs: 0,
  maxEntries: 256,
  maxChunkBytes: 1_000_000,
};

/** The members. */
export class Cluster {
  readonly members = new Map<string, Member>();
  readonly marks = new Map<string, number>();
  inFlight: InFlight[] = [];
  /** All messages that left, the oldest first. */
  readonly history: InFlight[] = [];
  now = 0;
  readonly figure3 = new Figure3();
  readonly #ids: readonly string[];
  readonly #options: ClusterOptions;
  #lastRead = 0;

  constructor(ids: readonly string[], options: ClusterOptions) {
    this.#ids = ids;
    this.#options = options;
    for (const id of ids) {
      const recovered = { ...EMPTY, ...options.recovered?.[id] };
      const { term, vote, snapshot, entries } = recovered;
      const records: LogRecord[] = [{ term, vote }];
      if (entries.length > 0) records.push({ from: (snapshot?.index ?? 0) + 1, entries });
      const member = new Member(id, this.#create(id, recovered));
      member.disks = [{ snapshot, records }];
      member.lastIndex = snapshot?.index ?? 0;
      this.members.set(id, member);
      this.#event(member, { type: "started" });
    }
  }

  member(id: string): Member {
    return this.members.get(id) as Member;
  }

  raft(id: string): Raft {
    return this.member(id).raft;
  }

  /** The members that lead, by their own belief. */
  get leaders(): Member[] {
    return [...this.members.values()].filter(({ raft, isDown }) =>
      !isDown && raft.role === "leader"
    );
  }

  /** Lets time pass; members whose timers are due do what is due. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.members.values()].filter(({ isDown, timerAtMs }) =>
        !isDown && timerAtMs <= end
      ).sort((a, b) => a.timerAtMs - b.timerAtMs)[0];
      if (due === undefined) break;
      this.now = Math.max(this.now, due.timerAtMs);
      this.#event(due, { type: "tick" });
    }
    this.now = end;
  }

  /** Lets a member's election timeout pass at once. */
  timeOut(id: string): void {
    const member = this.member(id);
    const { now } = this;
    this.now = Math.max(now, member.timerAtMs);
    this.#event(member, { type: "tick" });
  }

  /** Delivers messages on their way that pass a filter, and those that they cause, until none do. */
  deliver(passes: (message: InFlight) => boolean = () => true): void {
    for (let count = 0; count < 10_000; count++) {
      const index = this.inFlight.findIndex(passes);
      if (index < 0) return;
      this.deliverAt(index);
    }
    throw new Error("messages cause each other without end");
  }

  /** Delivers one message. */
  deliverAt(index: number, isKept = false): void {
    const { from, to, message } = this.inFlight[index] as InFlight;
    if (!isKept) this.inFlight.splice(index, 1);
    const member = this.members.get(to);
    if (member === undefined || member.isDown) return;
    // A message is data: what the receiver keeps is not what the sender has.
    this.#event(member, { type: "received", from, message: structuredClone(message) });
  }

  /** Loses the messages on their way that pass a filter. */
  drop(loses: (message: InFlight) => boolean = () => true): void {
    this.inFlight = this.inFlight.filter((message) => !loses(message));
  }

  /** Hands a message to a member, as if it had been on its way. */
  receive(to: string, from: string, message: RaftMessage): void {
    this.#event(this.member(to), { type: "received", from, message });
  }

  propose(id: string, ...commands: Json[]): void {
    this.#event(this.member(id), { type: "propose", commands });
  }

  /** Starts a read; `reads` of the member has the result under the returned number. */
  read(id: string): number {
    const read = ++this.#lastRead;
    this.figure3.noteRead(read);
    this.#event(this.member(id), { type: "read", id: read });
    return read;
  }

  change(id: string, members: readonly string[]): void {
    this.#event(this.member(id), { type: "change", members });
  }

  /** Lets a node catch up, so that it can be added. */
  learn(id: string, learner: string): void {
    this.#event(this.member(id), { type: "learn", learner });
  }

  transfer(id: string, to: string): void {
    this.#event(this.member(id), { type: "transfer", to });
  }

  /** Compacts a member's log up to what it has applied. */
  compact(id: string): void {
    const member = this.member(id);
    const index = member.raft.commit;
    this.#event(member, { type: "compact", index, data: structuredClone(member.applied) });
  }

  /** Makes the oldest effects of a member durable; all by default. */
  sync(id: string, count = Infinity): void {
    const member = this.member(id);
    const synced = Math.min(count, member.unsynced);
    if (synced === 0) return;
    member.disks.splice(0, synced);
    member.durable += synced;
    while ((member.waiting[0]?.after ?? Infinity) <= member.durable) {
      this.#leave((member.waiting.shift() as Member["waiting"][number]).message);
    }
    this.#event(member, { type: "durable", persisted: member.durable });
  }

  /** Stops a member. Of what was not durable, `survivors` effects survive. */
  crash(id: string, survivors = 0): void {
    const member = this.member(id);
    member.isDown = true;
    member.disks = member.disks.slice(Math.min(survivors, member.unsynced)).slice(0, 1);
    member.waiting.length = 0;
    member.reads.clear();
  }

  /** Starts a member that crashed, from its disk. */
  restart(id: string): void {
    const member = this.member(id);
    const { snapshot, records } = member.disks[0] as Disk;
    let recovered: Recovered = { ...EMPTY, term: snapshot?.term ?? 0, snapshot };
    for (const record of records) {
      if ("term" in record) recovered = { ...recovered, ...record };
      else {
        const kept = recovered.entries.slice(0, record.from - 1 - (snapshot?.index ?? 0));
        recovered = { ...recovered, entries: [...kept, ...record.entries] };
      }
    }
    member.raft = this.#create(id, recovered);
    this.figure3.noteRestart(id);
    member.isDown = false;
    member.durable = 0;
    member.applied = snapshot === undefined ? [] : structuredClone(snapshot.data) as Json[];
    member.lastIndex = snapshot?.index ?? 0;
    this.#event(member, { type: "started" });
  }

  #create(id: string, recovered: Recovered): Raft {
    const { random, timing = TIMING } = this.#options;
    return new Raft({ id, members: this.#ids, timing, random, recovered });
  }

  #event(member: Member, event: RaftEvent): void {
    if (member.isDown) return;
    const wasLeader = member.raft.role === "leader" ? member.raft.term : undefined;
    const effects = member.raft.handle(event, this.now);
    for (const effect of effects) this.#execute(member, effect);
    this.figure3.check(member, wasLeader);
    if (this.#options.syncs !== false) this.sync(member.id);
  }

  #leave(message: InFlight): void {
    this.figure3.noteSent(message.from, message.message, message.to);
    this.history.push(message);
    this.inFlight.push(message);
  }

  #execute(member: Member, effect: Effect): void {
    const latest = member.disks.at(-1) as Disk;
    switch (effect.type) {
      case "persist":
        member.disks.push({ ...latest, records: [...latest.records, effect.record] });
        return;
      case "replace":
        member.disks.push({ snapshot: effect.snapshot, records: effect.records });
        return;
      case "send": {
        const message = { from: member.id, to: effect.to, message: effect.message };
        if (effect.after === "now" || member.unsynced === 0) this.#leave(message);
        else member.waiting.push({ after: member.durable + member.unsynced, message });
        return;
      }
      case "restore":
        member.applied = structuredClone(effect.snapshot.data) as Json[];
        member.lastIndex = effect.snapshot.index;
        return;
      case "apply": {
        if (effect.index !== ++member.lastIndex) throw new Error("entries are applied in order");
        const { command } = effect.entry as Entry;
        if (command !== undefined) member.applied.push(command);
        return;
      }
      case "read":
        member.reads.set(effect.id, effect.ok ? member.lastIndex : -1);
        if (effect.ok) this.figure3.noteReadResult(effect.id, member.lastIndex);
        return;
      case "sometimes":
        this.marks.set(effect.text, (this.marks.get(effect.text) ?? 0) + 1);
        return;
      case "learned":
        member.learned.push([effect.learner, effect.problem]);
        return;
      case "timer":
        member.timerAtMs = effect.atMs;
        return;
      case "changed":
        return;
    }
  }
}

const EMPTY: Recovered = { term: 0, vote: null, snapshot: undefined, entries: [] };
