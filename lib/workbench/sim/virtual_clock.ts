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

interface Event {
  readonly due: number;
  readonly sequence: number;
  /** Whether it is in the heap rather than in the queue. */
  readonly later: boolean;
  /** Undefined once it has run or was prevented. */
  run: (() => void) | undefined;
}

/** Prevented events are swept out of the heap when there are this many and they are the most. */
const SWEPT_FROM = 1024;

/** A clock that is moved by {@link VirtualClock.step}. It starts at 0. */
export class VirtualClock implements Clock {
  #now = 0;
  #later = newHeap();
  #atOnce: Event[] = [];
  #taken = 0;
  #nextSequence = 0;
  #prevented = 0;
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
    const event: Event = { due, sequence: this.#nextSequence++, later, run: fn };
    if (later) this.#later.push(event);
    else this.#atOnce.push(event);
    return () => this.#prevent(event);
  }

  /** Runs the next event, letting time pass until it is due; returns false when there is none. */
  step(): boolean {
    for (let event = this.#take(); event !== undefined; event = this.#take()) {
      const { due, later, run } = event;
      if (run === undefined) {
        if (later) this.#prevented--;
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

  #take(): Event | undefined {
    const first = this.#later.peek();
    if (this.#taken === this.#atOnce.length || (first !== undefined && first.due <= this.#now)) {
      return this.#later.pop();
    }
    const event = this.#atOnce[this.#taken++];
    if (this.#taken === this.#atOnce.length) {
      this.#atOnce.length = this.#taken = 0;
    } else if (this.#taken >= SWEPT_FROM && 2 * this.#taken > this.#atOnce.length) {
      this.#atOnce = this.#atOnce.slice(this.#taken);
      this.#taken = 0;
    }
    return event;
  }

  #prevent(event: Event): void {
    if (event.run === undefined) return;
    event.run = undefined;
    if (!event.later) return;
    this.#prevented++;
    if (this.#prevented < SWEPT_FROM || 2 * this.#prevented < this.#later.size) return;
    const all = this.#later;
    this.#later = newHeap();
    for (let kept = all.pop(); kept !== undefined; kept = all.pop()) {
      if (kept.run === undefined) this.#prevented--;
      else this.#later.push(kept);
    }
  }
}

function newHeap(): Heap<Event> {
  return new Heap((a, b) => a.due < b.due || (a.due === b.due && a.sequence < b.sequence));
}
