/**
 * The search for a schedule that proves a history correct: an order of all transactions in which
 * every read returns the latest write.
 *
 * The search takes transactions roughly in the order of their completions, and backtracks where it
 * cannot go on. If the order in real time counts, a wrong choice shows within the next few steps, so
 * the cost is nearly linear in the length of a correct history. The search does not prove that no
 * schedule exists: it remembers sets of steps by their hashes, and without the order in real time it
 * looks only a limited number of steps ahead.
 *
 * @module
 */

import type { StepBudget } from "../cycle_search.ts";
import { type ExternalHistory, NEVER } from "./external_history.ts";
import { type ScheduleRules, ScheduleState } from "./schedule_state.ts";
import { WriterQueues } from "./writer_queues.ts";

/** A point at which the search chose between several steps. */
interface Choice {
  /** The number of steps taken before. */
  readonly taken: number;
  /** The steps that were not tried yet, the next one last. */
  readonly untried: number[];
}

/** Returns whether the search found a schedule before it used up its budget. */
export function hasSchedule(
  history: ExternalHistory,
  rules: ScheduleRules,
  budget: StepBudget,
): boolean {
  const search = new ScheduleSearch(history, rules);
  const taken: number[] = [];
  const choices: Choice[] = [];
  const deadEnds = new Set<number>();
  while (taken.length < search.stepCount) {
    const options = deadEnds.has(search.hash) ? [] : search.options();
    budget.remaining -= 1 + options.length;
    if (budget.remaining < 0) return false;
    let step = options.pop();
    if (step === undefined) {
      deadEnds.add(search.hash);
      while (step === undefined) {
        const choice = choices.at(-1);
        if (choice === undefined) return false;
        while (taken.length > choice.taken) search.undo(taken.pop() as number);
        step = choice.untried.pop();
        if (step !== undefined) continue;
        deadEnds.add(search.hash);
        choices.pop();
      }
    } else if (options.length > 0) choices.push({ taken: taken.length, untried: options });
    search.take(step);
    taken.push(step);
  }
  return true;
}

class ScheduleSearch {
  readonly #history: ExternalHistory;
  readonly #isRealtime: boolean;
  readonly #state: ScheduleState;
  /** All steps by the time at which their transaction completed. */
  readonly #byCompletion: Int32Array;
  /** Per step: its index in {@link #byCompletion}. */
  readonly #rank: Int32Array;
  /** All steps by the time at which their transaction was invoked. */
  readonly #byInvocation: Int32Array;
  /** The lowest index in {@link #byCompletion} of a step that is not taken. */
  #first = 0;
  /** The number of {@link #byInvocation} that have become candidates. */
  #arrived = 0;
  /** The steps to choose from; none of them is taken. */
  readonly #candidates: number[] = [];
  /** Per step: its index in {@link #candidates}, or −1. */
  readonly #position: Int32Array;
  readonly #writers: WriterQueues;

  constructor(history: ExternalHistory, rules: ScheduleRules) {
    const isRealtime = rules.time === "realtime";
    this.#history = history;
    this.#isRealtime = isRealtime;
    this.#state = new ScheduleState(history, rules);
    this.#byCompletion = this.#sortByCompletion();
    this.#byInvocation = this.#sortByInvocation();
    this.#rank = new Int32Array(this.stepCount);
    this.#byCompletion.forEach((step, rank) => this.#rank[step] = rank);
    this.#position = new Int32Array(this.stepCount).fill(-1);
    this.#writers = new WriterQueues(history, this.#state);
  }

  get stepCount(): number {
    return this.#state.stepCount;
  }

  get hash(): number {
    return this.#state.hash;
  }

  /** Returns the steps that may come next, the one to try first at the end. */
  options(): number[] {
    this.#addArrivals();
    const first = this.#byCompletion[this.#first] as number;
    if (!this.#isRealtime && !this.#state.canTake(first)) this.#addBlockersOf(first);
    const invokedBefore = this.#firstCompletion();
    const options: number[] = [];
    const early: number[] = [];
    for (let at = 0; at < this.#candidates.length; at++) {
      const step = this.#candidates[at] as number;
      if (!this.#state.canTake(step)) continue;
      const isInvoked = this.#invokedAt(step) < invokedBefore;
      if (this.#isRealtime && !(isInvoked && !this.#writers.isTooEarly(step))) continue;
      if (this.#state.isFree(step)) return [step];
      (isInvoked ? options : early).push(step);
    }
    return this.#sortByPreference(options.length > 0 ? options : early);
  }

  take(step: number): void {
    this.#state.take(step);
    this.#writers.advance(step);
    while (this.#state.isTaken(this.#byCompletion[this.#first] as number)) this.#first++;
    const last = this.#candidates.pop() as number;
    const position = this.#position[step] as number;
    if (last !== step) {
      this.#candidates[position] = last;
      this.#position[last] = position;
    }
    this.#position[step] = -1;
  }

  undo(step: number): void {
    this.#state.undo(step);
    this.#writers.retreat(step);
    this.#first = Math.min(this.#first, this.#rank[step] as number);
    this.#addCandidate(step);
  }

  #addArrivals(): void {
    while (this.#arrived < this.#byInvocation.length) {
      const step = this.#byInvocation[this.#arrived] as number;
      if (this.#invokedAt(step) >= this.#firstCompletion()) return;
      this.#arrived++;
      this.#addCandidate(step);
    }
  }

  /** Adds the steps that a step waits for, and those that they wait for. */
  #addBlockersOf(step: number): void {
    const waiting = [step];
    for (const blocked of waiting) {
      this.#state.forEachBlocker(blocked, (blocker) => {
        if (this.#addCandidate(blocker)) waiting.push(blocker);
      });
    }
  }

  /** Adds a step that is not yet taken or a candidate; returns whether it was added. */
  #addCandidate(step: number): boolean {
    if (this.#state.isTaken(step) || (this.#position[step] as number) >= 0) return false;
    this.#position[step] = this.#candidates.length;
    this.#candidates.push(step);
    return true;
  }

  /** Returns all steps, sorted by the invocations of their transactions. */
  #sortByInvocation(): Int32Array {
    const { invokedAt, members } = this.#history;
    let last = 0;
    for (const member of members) last = Math.max(last, invokedAt[member] as number);
    const memberAt = new Int32Array(last + 1).fill(-1);
    for (let member = 0; member < members.length; member++) {
      memberAt[invokedAt[members[member] as number] as number] = member;
    }
    const steps = new StepList(this.stepCount, members.length);
    for (let at = 0; at <= last; at++) {
      if ((memberAt[at] as number) >= 0) steps.add(memberAt[at] as number);
    }
    return steps.list;
  }

  /** Returns all steps, sorted by the completions of their transactions. */
  #sortByCompletion(): Int32Array {
    const { completedAt, members } = this.#history;
    const steps = new StepList(this.stepCount, members.length);
    // Members are numbered in the order of their completions, but for those that never complete.
    for (const isNever of [false, true]) {
      for (let member = 0; member < members.length; member++) {
        const completed = completedAt[members[member] as number];
        if ((completed === NEVER) === isNever) steps.add(member);
      }
    }
    return steps.list;
  }

  /** Returns the completion of the first transaction, by completion, that is not yet taken. */
  #firstCompletion(): number {
    return this.#completedAt(this.#byCompletion[this.#first] as number);
  }

  #sortByPreference(steps: number[]): number[] {
    if (steps.length < 2) return steps;
    // Real time speaks against steps that are too early, but does not forbid them here.
    const preferredAt = (step: number) =>
      (this.#state.isWrite(step) ? this.#completedAt(step) : this.#invokedAt(step)) +
      (!this.#isRealtime && this.#writers.isTooEarly(step) ? NEVER : 0);
    return steps.sort((a, b) => preferredAt(b) - preferredAt(a));
  }

  #completedAt(step: number): number {
    return this.#history.completedAt[this.#transactionOf(step)] as number;
  }

  #invokedAt(step: number): number {
    return this.#history.invokedAt[this.#transactionOf(step)] as number;
  }

  #transactionOf(step: number): number {
    return this.#history.members[this.#state.memberOf(step)] as number;
  }
}

/** A list of the steps of members. */
class StepList {
  readonly list: Int32Array;
  readonly #stepsPerMember: number;
  #count = 0;

  constructor(stepCount: number, memberCount: number) {
    this.list = new Int32Array(stepCount);
    this.#stepsPerMember = stepCount / memberCount;
  }

  add(member: number): void {
    for (let step = 0; step < this.#stepsPerMember; step++) {
      this.list[this.#count++] = member * this.#stepsPerMember + step;
    }
  }
}
