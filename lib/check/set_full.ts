/**
 * Judges a set that clients add elements to and read as a whole (Jepsen's set-full checker):
 * once an element is known to be in the set, reads that begin later must come to hold it for good.
 *
 * The textbook way asks of every read and every element whether the one holds the other. Here each
 * read is compared with the one before it in its chain (see {@link ReadChain}), and only elements
 * that came or went are looked at; what a chain's last read says is applied once, at the end.
 *
 * Invariant: an element's `lastPresent` and `lastAbsent`, together with the last reads of the chains,
 * are the latest-invoked reads with and without it among those that ended after it was tracked.
 *
 * @module
 */

import { type History, isClientOperation, type Operation } from "../history/mod.ts";
import { ElementTable } from "./element_table.ts";
import { type Read, ReadChain } from "./read_chain.ts";
import { type ElementTimeline, setFullVerdict } from "./set_full_verdict.ts";
import type { Verdict } from "./verdict.ts";

/** What the operations of the history are called. */
export interface SetFullOptions {
  /** The function that adds an element: `add` when not given, `broadcast` in that workload. */
  readonly addition?: string;
}

/**
 * Checks a set. Counts and latencies (whole ms) are Jepsen's: `attempt-count`, `stable-count`,
 * `lost`, `never-read`, `stale`, `worst-stale`, `stable-latencies`, `lost-latencies`. Invalid when an
 * element is lost, and, where Maelstrom sees nothing wrong, when a read holds an element twice
 * (`duplicated`) or one that nobody had sent (`strangers`); `flickering` lists, as a warning, elements
 * that one process saw and then missed. `maelstrom-valid?` is given where Maelstrom would say otherwise.
 * Throws a TypeError for an ok read that is no list.
 */
export function checkSetFull(history: History, options: SetFullOptions = {}): Verdict {
  const fold = new SetFullScan();
  const addition = options.addition ?? "add";
  for (const operation of history) {
    if (!isClientOperation(operation)) continue;
    if (operation.f === addition) fold.addition(operation);
    else if (operation.f === "read") fold.read(operation);
    if (operation.type === "info") fold.endProcess(operation.process);
  }
  return setFullVerdict(fold.finish());
}

class SetFullScan {
  readonly #table = new ElementTable();
  readonly #timelines: ElementTimeline[] = [];
  readonly #invocations = new Map<Operation["process"], Operation>();
  readonly #chains = new Map<Operation["process"], ReadChain>();
  readonly #freeChains: ReadChain[] = [];

  addition(operation: Operation): void {
    const element = this.#table.intern(operation.value);
    const timeline = this.#timeline(element);
    if (operation.type === "invoke") this.#track(element, timeline, operation);
    else if (operation.type === "ok") timeline.known ??= operation;
  }

  read(operation: Operation): void {
    if (operation.type === "invoke") this.#invocations.set(operation.process, operation);
    if (operation.type !== "ok") return;
    const invocation = this.#invocations.get(operation.process);
    if (invocation === undefined) return;
    this.#observe({ invocation, completion: operation }, elementsOf(operation));
  }

  /** A process whose operation ended `info` reads no more; its chain may go on with another's reads. */
  endProcess(process: Operation["process"]): void {
    const chain = this.#chains.get(process);
    if (chain === undefined) return;
    this.#chains.delete(process);
    this.#freeChains.push(chain);
  }

  finish(): readonly ElementTimeline[] {
    for (const chain of [...this.#chains.values(), ...this.#freeChains]) {
      const last = chain.last;
      if (last === undefined) continue;
      for (let element = 0; element < this.#timelines.length; element++) {
        const timeline = this.#timelines[element] as ElementTimeline;
        if (chain.isPresent(element)) recordPresent(timeline, last);
        else recordAbsent(timeline, last);
      }
    }
    return this.#timelines;
  }

  /** Begins an element's timeline, anew when it is added again (as Jepsen does). */
  #track(element: number, timeline: ElementTimeline, addition: Operation): void {
    timeline.added = addition;
    timeline.known = timeline.lastPresent = timeline.lastAbsent = undefined;
    for (const chain of this.#chains.values()) chain.forget(element);
    for (const chain of this.#freeChains) chain.forget(element);
  }

  #observe(read: Read, elements: readonly unknown[]): void {
    const chain = this.#chainOf(read.invocation);
    const previous = chain.last;
    const { appeared, vanished, repeated } = chain.advance(read, elements);
    for (const element of appeared) {
      const timeline = this.#timeline(element);
      if (timeline.added === undefined) timeline.phantomRead ??= read.completion;
      else timeline.known ??= read.completion;
      if (previous !== undefined) recordAbsent(timeline, previous);
    }
    for (const element of vanished) {
      const timeline = this.#timelines[element] as ElementTimeline;
      if (previous === undefined) continue;
      recordPresent(timeline, previous);
      if (previous.completion.process === read.completion.process) {
        timeline.nonmonotonicReads ??= { present: previous.completion, absent: read.completion };
      }
    }
    for (const element of repeated) {
      const timeline = this.#timelines[element] as ElementTimeline;
      const copies = chain.count(element);
      if (copies <= timeline.maxCopies) continue;
      timeline.maxCopies = copies;
      timeline.maxCopiesRead = read.completion;
    }
  }

  #chainOf(invocation: Operation): ReadChain {
    const own = this.#chains.get(invocation.process);
    if (own !== undefined) return own;
    const free = this.#freeChains.findIndex(({ last }) =>
      last === undefined || last.invocation.index < invocation.index
    );
    const chain = this.#freeChains.splice(free, free < 0 ? 0 : 1)[0] ?? new ReadChain(this.#table);
    this.#chains.set(invocation.process, chain);
    return chain;
  }

  #timeline(element: number): ElementTimeline {
    while (this.#timelines.length < this.#table.size) {
      const next = this.#timelines.length;
      this.#timelines.push({
        element: this.#table.value(next),
        added: undefined,
        known: undefined,
        lastPresent: undefined,
        lastAbsent: undefined,
        maxCopies: 1,
        maxCopiesRead: undefined,
        phantomRead: undefined,
        nonmonotonicReads: undefined,
      });
    }
    return this.#timelines[element] as ElementTimeline;
  }
}

/** Notes a read that holds the element, if anybody has sent it. */
function recordPresent(timeline: ElementTimeline, { invocation }: Read): void {
  if (timeline.added === undefined) return;
  if (timeline.lastPresent === undefined || timeline.lastPresent.index < invocation.index) {
    timeline.lastPresent = invocation;
  }
}

/** Notes a read that does not hold the element, if the element was tracked when it ended. */
function recordAbsent(timeline: ElementTimeline, { invocation, completion }: Read): void {
  if (timeline.added === undefined || completion.index < timeline.added.index) return;
  if (timeline.lastAbsent === undefined || timeline.lastAbsent.index < invocation.index) {
    timeline.lastAbsent = invocation;
  }
}

function elementsOf(read: Operation): readonly unknown[] {
  if (Array.isArray(read.value)) return read.value;
  if (read.value === null || read.value === undefined) return [];
  throw new TypeError(`operation ${read.index} is an ok read, but its value is no list`);
}
