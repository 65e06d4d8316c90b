/**
 * Time that jumps from event to event.
 *
 * Events are ordered by (due time, order in which they were asked for); time stands still while one
 * runs. Most events of a test are due at once (messages of clients, at latency 0 all of them), so
 * these wait in a plain queue beside the heap. Invariant: what the heap holds for the present
 * instant was asked for before the instant came, hence before everything in the queue.
 *
 * @module
 */

import { Heap } from "../../base/mod.ts";
import type { Clock } from "../clock.ts";

interface ScheduledEvent {
  readonly timeMs: number;
  readonly sequence: number;
  /** Whether it is in the heap rather than in the queue. */
  readonly inHeap: boolean;
  /** Undefined once it has run or was prevented. */
  run: (() => void) | undefined;
}

/** Prevented events are swept out of the heap when there are this many and they are the most. */
const MIN_SWEPT_EVENTS = 1024;

/** A clock that is moved by {@link VirtualClock.step}. It starts at 0. */
export class VirtualClock implements Clock {
  #now = 0;
  #heap = newHeap();
  #queue: ScheduledEvent[] = [];
  #queueHead = 0;
  #nextSequence = 0;
  #cancelledInHeap = 0;
  #steps = 0;
  #stepsAtInstant = 0;

  now(): number {
    return this.#now;
  }

  /** How many events have run. */
  get steps(): number {
    return this.#steps;
  }

  /** How many of them at the present instant. */
  get stepsAtInstant(): number {
    return this.#stepsAtInstant;
  }

  /** As {@link Clock.after}; with `Infinity`, never. */
  after(milliseconds: number, fn: () => void): () => void {
    if (milliseconds === Infinity) return () => {};
    const due = milliseconds > 0 ? this.#now + milliseconds : this.#now;
    const later = due > this.#now;
    const event: ScheduledEvent = {
      timeMs: due,
      sequence: this.#nextSequence++,
      inHeap: later,
      run: fn,
    };
    if (later) this.#heap.push(event);
    else this.#queue.push(event);
    return () => this.#cancel(event);
  }

  /** Runs the next event, letting time pass until it is due; returns false when there is none. */
  step(): boolean {
    for (let event = this.#take(); event !== undefined; event = this.#take()) {
      const { timeMs: due, inHeap: later, run } = event;
      if (run === undefined) {
        if (later) this.#cancelledInHeap--;
        continue;
      }
      event.run = undefined;
      if (due > this.#now) {
        this.#now = due;
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
      this.#queueHead === this.#queue.length || (first !== undefined && first.timeMs <= this.#now)
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
    this.#heap = newHeap();
    for (let kept = all.pop(); kept !== undefined; kept = all.pop()) {
      if (kept.run === undefined) this.#cancelledInHeap--;
      else this.#heap.push(kept);
    }
  }
}

function newHeap(): Heap<ScheduledEvent> {
  return new Heap((a, b) =>
    a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.sequence < b.sequence)
  );
}
