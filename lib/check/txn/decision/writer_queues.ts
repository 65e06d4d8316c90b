/**
 * The writes of each key by the completions of their transactions. They show early that a write
 * cannot come next: a read of its version was invoked after another write of the key completed, so
 * the other write must come before.
 *
 * @module
 */

import { type ExternalHistory, NEVER } from "./external_history.ts";
import type { ScheduleState } from "./schedule_state.ts";

/** The writes of a history that are not yet taken, by key. */
export class WriterQueues {
  readonly #history: ExternalHistory;
  readonly #state: ScheduleState;
  /** Per key: its writes by the completions of their transactions. */
  readonly #queues: readonly number[][];
  /** Per write: its index in the queue of its key. */
  readonly #place: Int32Array;
  /** Per write: its step. */
  readonly #stepOf: Int32Array;
  /** Per key: all writes before this index of its queue are taken. */
  readonly #front: Int32Array;
  /** Per write: the last invocation of a transaction that reads its version. */
  readonly #lastReadAt: Int32Array;

  constructor(history: ExternalHistory, state: ScheduleState) {
    const { members, keyCount, readStart, readFrom, readKey, writeStart, writeKey } = history;
    this.#history = history;
    this.#state = state;
    this.#queues = Array.from({ length: keyCount }, (): number[] => []);
    this.#place = new Int32Array(writeKey.length);
    this.#stepOf = new Int32Array(writeKey.length);
    this.#front = new Int32Array(keyCount);
    this.#lastReadAt = new Int32Array(writeKey.length).fill(-1);
    const steps = state.stepCount / members.length;
    // Members are numbered in the order of their completions, but for those that never complete.
    for (const isNever of [false, true]) {
      for (let member = 0; member < members.length; member++) {
        if ((this.#completedAt(member) === NEVER) !== isNever) continue;
        const transaction = members[member] as number;
        const end = writeStart[transaction + 1] as number;
        for (let write = writeStart[transaction] as number; write < end; write++) {
          const queue = this.#queues[writeKey[write] as number] as number[];
          this.#place[write] = queue.length;
          this.#stepOf[write] = member * steps + steps - 1;
          queue.push(write);
        }
      }
    }
    for (const transaction of members) {
      const readEnd = readStart[transaction + 1] as number;
      for (let read = readStart[transaction] as number; read < readEnd; read++) {
        const version = state.versionOf(readFrom[read] as number, readKey[read] as number);
        if (version < keyCount) continue;
        const write = version - keyCount;
        this.#lastReadAt[write] = Math.max(
          this.#lastReadAt[write] as number,
          history.invokedAt[transaction] as number,
        );
      }
    }
  }

  /** Returns whether a step writes a key too early. */
  isTooEarly(step: number): boolean {
    const end = this.#endOf(step);
    for (let write = this.#beginOf(step); write < end; write++) {
      const lastReadAt = this.#lastReadAt[write] as number;
      if (lastReadAt < 0) continue;
      const key = this.#history.writeKey[write] as number;
      const queue = this.#queues[key] as number[];
      let at = this.#front[key] as number;
      while (at < queue.length && this.#isDone(queue[at] as number, step)) at++;
      if (at === queue.length) continue;
      const member = this.#state.memberOf(this.#stepOf[queue[at] as number] as number);
      if (this.#completedAt(member) < lastReadAt) return true;
    }
    return false;
  }

  /** Notes that a step was taken. */
  advance(step: number): void {
    const end = this.#endOf(step);
    for (let write = this.#beginOf(step); write < end; write++) {
      const key = this.#history.writeKey[write] as number;
      const queue = this.#queues[key] as number[];
      let front = this.#front[key] as number;
      while (front < queue.length && this.#isDone(queue[front] as number, step)) front++;
      this.#front[key] = front;
    }
  }

  /** Notes that a step was taken back. */
  retreat(step: number): void {
    const end = this.#endOf(step);
    for (let write = this.#beginOf(step); write < end; write++) {
      const key = this.#history.writeKey[write] as number;
      this.#front[key] = Math.min(this.#front[key] as number, this.#place[write] as number);
    }
  }

  #isDone(write: number, step: number): boolean {
    const other = this.#stepOf[write] as number;
    return other === step || this.#state.isTaken(other);
  }

  #beginOf(step: number): number {
    return this.#history.writeStart[this.#transactionOf(step)] as number;
  }

  /** Returns the end of the writes that a step includes. */
  #endOf(step: number): number {
    if (!this.#state.isWrite(step)) return this.#beginOf(step);
    return this.#history.writeStart[this.#transactionOf(step) + 1] as number;
  }

  #transactionOf(step: number): number {
    return this.#history.members[this.#state.memberOf(step)] as number;
  }

  #completedAt(member: number): number {
    return this.#history.completedAt[this.#history.members[member] as number] as number;
  }
}
