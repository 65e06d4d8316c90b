/**
 * A partial schedule of a history: the steps taken so far, and whether a step may follow.
 *
 * A transaction is one step, or two if its reads and its writes may be apart: step 2m holds the reads
 * of member m, step 2m + 1 its writes. Under snapshot isolation, such a transaction locks the keys
 * that it writes, from its reads to its writes.
 *
 * Invariant: a version with reads that are not yet taken, and whose write is taken, is the latest
 * version of its key. So every read that is taken returns the latest version.
 *
 * @module
 */

import { type ExternalHistory, INITIAL, NEVER } from "./external_history.ts";
import type { TimeRule } from "./isolation_level.ts";

/** The bits of an integer that a number holds exactly beside 32 others. */
const HIGH_HASH_MASK = 2 ** 21 - 1;

/** What a schedule must respect. */
export interface ScheduleRules {
  readonly rule: "serial" | "snapshot" | "prefix";
  readonly time: TimeRule;
}

/** A partial schedule; steps are dense integers. */
export class ScheduleState {
  /** The number of steps of a whole schedule. */
  readonly stepCount: number;
  /** The two halves of {@link hash}. */
  #hash = 0;
  #highHash = 0;
  readonly #history: ExternalHistory;
  readonly #isSplit: boolean;
  readonly #hasLocks: boolean;
  /** Per member: the last step of the one before it in its process, or −1. */
  readonly #before: Int32Array;
  readonly #isTaken: Uint8Array;
  /** Per read: its version. The versions are the initial ones, by key, and then the writes. */
  readonly #versionRead: Int32Array;
  /** Per version: the steps that read it, as lists in {@link #readers} and {@link #nextReader}. */
  readonly #firstReader: Int32Array;
  readonly #readers: Int32Array;
  readonly #nextReader: Int32Array;
  /** Per version: the number of its reads that are not yet taken. */
  readonly #unread: Int32Array;
  /** Per member: the number of versions that it reads and whose writes are not yet taken. */
  readonly #missing: Int32Array;
  /** Per key: its latest version. */
  readonly #latest: Int32Array;
  /** Per key: the member that locks it, or −1. */
  readonly #lockedBy: Int32Array;
  /** Per write that is taken: the version that it overwrote. */
  readonly #overwritten: Int32Array;

  constructor(history: ExternalHistory, { rule, time }: ScheduleRules) {
    const { members, keyCount, readFrom, readKey, writeKey } = history;
    const isSplit = rule !== "serial";
    this.#history = history;
    this.#isSplit = isSplit;
    this.#hasLocks = rule === "snapshot";
    this.#before = new Int32Array(members.length).fill(-1);
    if (time === "process") this.#keepProcesses();
    this.stepCount = members.length * (isSplit ? 2 : 1);
    this.#isTaken = new Uint8Array(this.stepCount);
    this.#versionRead = new Int32Array(readFrom.length);
    this.#firstReader = new Int32Array(keyCount + writeKey.length).fill(-1);
    this.#readers = new Int32Array(readFrom.length);
    this.#nextReader = new Int32Array(readFrom.length);
    this.#unread = new Int32Array(keyCount + writeKey.length);
    this.#missing = new Int32Array(members.length);
    this.#latest = Int32Array.from({ length: keyCount }, (_, key) => key);
    this.#lockedBy = new Int32Array(keyCount).fill(-1);
    this.#overwritten = new Int32Array(writeKey.length);
    for (let member = 0; member < members.length; member++) {
      const end = this.#readEnd(member);
      for (let read = this.#readBegin(member); read < end; read++) {
        const version = this.versionOf(readFrom[read] as number, readKey[read] as number);
        this.#versionRead[read] = version;
        this.#readers[read] = isSplit ? member * 2 : member;
        this.#nextReader[read] = this.#firstReader[version] as number;
        this.#firstReader[version] = read;
        (this.#unread[version] as number)++;
        if (version >= keyCount) (this.#missing[member] as number)++;
      }
    }
  }

  /**
   * A hash of the set of steps taken, with 53 bits. With 32 bits, the search of a history of a million
   * transactions would soon find two sets with the same hash, and not go on from the second one.
   */
  get hash(): number {
    return (this.#highHash & HIGH_HASH_MASK) * 2 ** 32 + (this.#hash >>> 0);
  }

  isTaken(step: number): boolean {
    return this.#isTaken[step] === 1;
  }

  /** Returns the member that a step belongs to. */
  memberOf(step: number): number {
    return this.#isSplit ? step >> 1 : step;
  }

  /** Returns whether a step includes its transaction's reads. */
  isRead(step: number): boolean {
    return !this.#isSplit || (step & 1) === 0;
  }

  /** Returns whether a step includes its transaction's writes. */
  isWrite(step: number): boolean {
    return !this.#isSplit || (step & 1) === 1;
  }

  /** Returns whether a transaction writes nothing, so that taking its steps early prevents none. */
  isFree(step: number): boolean {
    const member = this.memberOf(step);
    return this.#writeBegin(member) === this.#writeEnd(member);
  }

  /** Returns whether a step may be taken now. */
  canTake(step: number): boolean {
    const member = this.memberOf(step);
    if (this.isRead(step)) {
      const before = this.#before[member] as number;
      if (this.#missing[member] !== 0 || (before >= 0 && !this.isTaken(before))) return false;
    } else if (!this.isTaken(step - 1)) return false;
    const end = this.#writeEnd(member);
    for (let write = this.#writeBegin(member); write < end; write++) {
      const key = this.#history.writeKey[write] as number;
      const lock = this.#lockedBy[key] as number;
      if (lock !== -1 && lock !== member) return false;
      if (!this.isWrite(step)) continue;
      const latest = this.#latest[key] as number;
      if (this.#unread[latest] !== this.#ownReads(step, latest)) return false;
    }
    return true;
  }

  /** Calls `callback` with the steps of other transactions that must be taken before a step. */
  forEachBlocker(step: number, callback: (blocker: number) => void): void {
    const member = this.memberOf(step);
    if (this.isRead(step)) {
      const before = this.#before[member] as number;
      if (before >= 0) callback(before);
      const end = this.#readEnd(member);
      for (let read = this.#readBegin(member); read < end; read++) {
        const writer = this.#history.readFrom[read] as number;
        if (writer !== INITIAL) callback(this.#lastStep(this.#history.numberOf[writer] as number));
      }
    } else callback(step - 1);
    const end = this.#writeEnd(member);
    for (let write = this.#writeBegin(member); write < end; write++) {
      const key = this.#history.writeKey[write] as number;
      const lock = this.#lockedBy[key] as number;
      if (lock !== -1 && lock !== member) callback(this.#lastStep(lock));
      let read = this.#firstReader[this.#latest[key] as number] as number;
      while (read >= 0) {
        const reader = this.#readers[read] as number;
        if (reader !== step) callback(reader);
        read = this.#nextReader[read] as number;
      }
    }
  }

  take(step: number): void {
    this.#change(step, 1);
  }

  /** Takes back the step that was taken last. */
  undo(step: number): void {
    this.#change(step, -1);
  }

  /** Returns the version that a transaction wrote to a key; INITIAL stands for the initial one. */
  versionOf(writer: number, key: number): number {
    if (writer === INITIAL) return key;
    let write = this.#history.writeStart[writer] as number;
    while (this.#history.writeKey[write] !== key) write++;
    return this.#history.keyCount + write;
  }

  #change(step: number, by: 1 | -1): void {
    const member = this.memberOf(step);
    this.#isTaken[step] = by === 1 ? 1 : 0;
    const bits = mixBits(step);
    this.#hash ^= bits;
    this.#highHash ^= mixBits(bits);
    if (this.isRead(step)) {
      const end = this.#readEnd(member);
      for (let read = this.#readBegin(member); read < end; read++) {
        const version = this.#versionRead[read] as number;
        this.#unread[version] = (this.#unread[version] as number) - by;
      }
    }
    const end = this.#writeEnd(member);
    for (let write = this.#writeBegin(member); write < end; write++) {
      const key = this.#history.writeKey[write] as number;
      if (this.#hasLocks) this.#lockedBy[key] = (by === 1) === this.isWrite(step) ? -1 : member;
      if (!this.isWrite(step)) continue;
      const version = this.#history.keyCount + write;
      if (by === 1) {
        this.#overwritten[write] = this.#latest[key] as number;
        this.#latest[key] = version;
      } else this.#latest[key] = this.#overwritten[write] as number;
      let read = this.#firstReader[version] as number;
      while (read >= 0) {
        const reader = this.memberOf(this.#readers[read] as number);
        this.#missing[reader] = (this.#missing[reader] as number) - by;
        read = this.#nextReader[read] as number;
      }
    }
  }

  #keepProcesses(): void {
    const { members, process, completedAt } = this.#history;
    const last = new Map<unknown, number>();
    members.forEach((transaction, member) => {
      if (completedAt[transaction] === NEVER) return;
      const name = process[transaction];
      this.#before[member] = last.get(name) ?? -1;
      last.set(name, this.#lastStep(member));
    });
  }

  /** Returns how many of the reads of a version are part of a step. */
  #ownReads(step: number, version: number): number {
    if (this.#isSplit) return 0;
    let own = 0;
    const end = this.#readEnd(step);
    for (let read = this.#readBegin(step); read < end; read++) {
      if (this.#versionRead[read] === version) own++;
    }
    return own;
  }

  #lastStep(member: number): number {
    return this.#isSplit ? member * 2 + 1 : member;
  }

  #readBegin(member: number): number {
    return this.#history.readStart[this.#history.members[member] as number] as number;
  }

  #readEnd(member: number): number {
    return this.#history.readStart[(this.#history.members[member] as number) + 1] as number;
  }

  #writeBegin(member: number): number {
    return this.#history.writeStart[this.#history.members[member] as number] as number;
  }

  #writeEnd(member: number): number {
    return this.#history.writeStart[(this.#history.members[member] as number) + 1] as number;
  }
}

/** A hash of an integer whose bits are independent of those of other integers. */
function mixBits(integer: number): number {
  let hash = Math.imul(integer + 1, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
