/**
 * Checks a set that clients add elements to and read as a whole (Jepsen's set-full checker). An
 * element that is known to be in the set must, from some read on, be in every later read.
 *
 * Jepsen's definition compares each read with each element. Here each read is compared with the
 * read before it in its chain (see {@link ReadChain}), and only elements that appeared or vanished
 * are updated. Each chain's last read is applied to all elements once, at the end.
 *
 * Invariant: consider the reads that completed after an element's addition was invoked. The
 * latest-invoked of them with (without) the element is `lastPresent` (`lastAbsent`) or the last
 * read of a chain.
 *
 * @module
 */

import { type History, isClientOperation, type Operation, sharedValueOf } from "../history/mod.ts";
import { ElementTable } from "./element_table.ts";
import { describeValue } from "./explanation.ts";
import { type Read, ReadChain, type ReadElements } from "./read_chain.ts";
import { type ElementTimeline, type SetFullVerdict, setFullVerdict } from "./set_full_verdict.ts";

/** The names of the history's functions. */
export interface SetFullOptions {
  /** The function that adds an element. Default: `add`; the broadcast workload uses `broadcast`. */
  readonly addition?: string;
}

/**
 * Checks a set. Counts and latencies (whole ms) are Jepsen's: `attempt-count`, `stable-count`,
 * `lost`, `never-read`, `stale`, `worst-stale`, `stable-latencies`, `lost-latencies`. The verdict
 * is invalid if an element is lost. Unlike Maelstrom's, it is also invalid if a read contains an
 * element twice (`duplicated`), a *phantom element*, whose addition had not been invoked
 * (`strangers`), or one whose addition failed (`aborted`).
 *
 * `flickering` lists elements with a *non-monotonic read*: a process read the element, but its next
 * read does not contain it. This is a warning. `maelstrom-valid?` is given if Maelstrom's verdict
 * would differ. Throws a TypeError for an ok read whose value is not a list.
 */
export function checkSetFull(history: History, options: SetFullOptions = {}): SetFullVerdict {
  const scan = new SetFullScan();
  const addition = options.addition ?? "add";
  for (const operation of history) {
    if (!isClientOperation(operation)) continue;
    if (operation.f === addition) scan.addition(operation);
    else if (operation.f === "read") scan.read(operation);
    if (operation.type === "info") scan.endProcess(operation.process);
  }
  return setFullVerdict(scan.finish());
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
    else if (operation.type === "fail" && timeline.added?.process === operation.process) {
      timeline.failed = operation;
    }
  }

  read(operation: Operation): void {
    if (operation.type === "invoke") this.#invocations.set(operation.process, operation);
    if (operation.type !== "ok") return;
    const invocation = this.#invocations.get(operation.process);
    if (invocation === undefined) return;
    this.#observe({ invocation, completion: operation }, elementsOf(operation));
  }

  /**
   * Frees the chain of a process whose operation completed as `info`: this process is never reused.
   */
  endProcess(process: Operation["process"]): void {
    const chain = this.#chains.get(process);
    if (chain === undefined) return;
    this.#chains.delete(process);
    this.#freeChains.push(chain);
  }

  finish(): readonly ElementTimeline[] {
    for (const chain of this.#chains.values()) this.#finishChain(chain);
    for (const chain of this.#freeChains) this.#finishChain(chain);
    return this.#timelines;
  }

  /** Applies a chain's last read to all elements. */
  #finishChain(chain: ReadChain): void {
    const { last } = chain;
    if (last === undefined) return;
    for (let element = 0; element < this.#timelines.length; element++) {
      const timeline = this.#timelines[element] as ElementTimeline;
      if (chain.isPresent(element)) recordPresent(timeline, last);
      else recordAbsent(timeline, last);
    }
  }

  /** Starts an element's timeline; restarts it if the element is added again (as Jepsen does). */
  #track(element: number, timeline: ElementTimeline, addition: Operation): void {
    timeline.added = addition;
    timeline.known =
      timeline.failed =
      timeline.lastPresent =
      timeline.lastAbsent =
        undefined;
    for (const chain of this.#chains.values()) chain.forget(element);
    for (const chain of this.#freeChains) chain.forget(element);
  }

  #observe(read: Read, elements: ReadElements): void {
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
        failed: undefined,
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

/** Records a read that contains the element, if the element's addition was invoked. */
function recordPresent(timeline: ElementTimeline, { invocation }: Read): void {
  if (timeline.added === undefined) return;
  if (timeline.lastPresent === undefined || timeline.lastPresent.index < invocation.index) {
    timeline.lastPresent = invocation;
  }
}

/** Records a read without the element, if it completed after the element's addition was invoked. */
function recordAbsent(timeline: ElementTimeline, { invocation, completion }: Read): void {
  if (timeline.added === undefined || completion.index < timeline.added.index) return;
  if (timeline.lastAbsent === undefined || timeline.lastAbsent.index < invocation.index) {
    timeline.lastAbsent = invocation;
  }
}

function elementsOf(read: Operation): ReadElements {
  const shared = sharedValueOf(read);
  if (shared !== undefined) return shared;
  if (Array.isArray(read.value)) return read.value;
  if (read.value === null || read.value === undefined) return [];
  throw new TypeError(
    `the value of ok read ${read.index} must be a list, got ${describeValue(read.value)}`,
  );
}
