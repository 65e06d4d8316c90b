/**
 * A virtual clock: time jumps from event to event.
 *
 * Events are ordered by (scheduled time, scheduling order); time does not advance while an event
 * runs. Most events of a test are scheduled for the present instant (clients' messages; at latency
 * 0, all messages), so these wait in a plain queue beside the heap. Invariant: events in the heap
 * for the present instant were scheduled before that instant, hence before all events in the queue.
 *
 * @module
 */

import { Heap, isDueBefore } from "../../base/mod.ts";
import type { Clock } from "../clock.ts";

interface ScheduledEvent {
  readonly dueMs: number;
  readonly sequence: number;
  /** Whether the event is in the heap rather than in the queue. */
  readonly inHeap: boolean;
  /** Undefined once the event has run or was cancelled. */
  run: (() => void) | undefined;
}

/** Cancelled events leave the heap when they are at least this many and half of the heap. */
const MIN_SWEPT_EVENTS = 1024;

/** A clock that {@link VirtualClock.step} advances. It starts at 0. */
export class VirtualClock implements Clock {
  #now = 0;
  #heap = new Heap<ScheduledEvent>(isDueBefore);
  #queue: ScheduledEvent[] = [];
  #queueHead = 0;
  #nextSequence = 0;
  #cancelledInHeap = 0;
  #steps = 0;
  #stepsAtInstant = 0;

  now(): number {
    return this.#now;
  }

  /** The number of events that have run. */
  get steps(): number {
    return this.#steps;
  }

  /** The number of events that have run at the present instant. */
  get stepsAtInstant(): number {
    return this.#stepsAtInstant;
  }

  /** As {@link Clock.after}; with a delay of `Infinity`, `fn` never runs. */
  after(delayMs: number, fn: () => void, order: number = this.takeOrder()): () => void {
    if (delayMs === Infinity) return () => {};
    const dueMs = delayMs > 0 ? this.#now + delayMs : this.#now;
    const inHeap = dueMs > this.#now;
    const event: ScheduledEvent = { dueMs, sequence: order, inHeap, run: fn };
    if (inHeap) this.#heap.push(event);
    else this.#queue.push(event);
    return () => this.#cancel(event);
  }

  takeOrder(): number {
    return this.#nextSequence++;
  }

  /** Advances the time to the next event and runs it; returns false when no event is scheduled. */
  step(): boolean {
    for (let event = this.#take(); event !== undefined; event = this.#take()) {
      const { dueMs, inHeap, run } = event;
      if (run === undefined) {
        if (inHeap) this.#cancelledInHeap--;
        continue;
      }
      event.run = undefined;
      if (dueMs > this.#now) {
        this.#now = dueMs;
        this.#stepsAtInstant = 0;
      }
      this.#steps++;
      this.#stepsAtInstant++;
      run();
      return true;
    }
    return false;
  }

  #take(): ScheduledEvent | undefined {
    const first = this.#heap.peek();
    if (
      this.#queueHead === this.#queue.length || (first !== undefined && first.dueMs <= this.#now)
    ) {
      return this.#heap.pop();
    }
    const event = this.#queue[this.#queueHead++];
    if (this.#queueHead === this.#queue.length) {
      this.#queue.length = this.#queueHead = 0;
    } else if (this.#queueHead >= MIN_SWEPT_EVENTS && 2 * this.#queueHead > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#queueHead);
      this.#queueHead = 0;
    }
    return event;
  }

  #cancel(event: ScheduledEvent): void {
    if (event.run === undefined) return;
    event.run = undefined;
    if (!event.inHeap) return;
    this.#cancelledInHeap++;
    if (this.#cancelledInHeap < MIN_SWEPT_EVENTS || 2 * this.#cancelledInHeap < this.#heap.size) {
      return;
    }
    const all = this.#heap;
    this.#heap = new Heap<ScheduledEvent>(isDueBefore);
    for (let kept = all.pop(); kept !== undefined; kept = all.pop()) {
      if (kept.run === undefined) this.#cancelledInHeap--;
      else this.#heap.push(kept);
    }
  }
}
