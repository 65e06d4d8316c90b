/**
 * The successors of a configuration: the operations that may be linearized next.
 *
 * Two rules always hold:
 *
 * - A read is linearized as early as possible, because it does not change the state.
 * - A crashed operation is linearized only if it changes the state; otherwise it may be left out.
 *
 * A pruned search also uses that an overwriting operation (a write) hides the state before it:
 *
 * - A pending write that was invoked before the last linearized write is *covered*: it can be
 *   linearized immediately before that write. At its response, a covered write costs nothing.
 * - A write that is neither due nor read is not linearized early. If another write follows, then the
 *   early write is left out: a crashed one never took effect, a pending one is covered by the write
 *   that follows. If the early write covered the due one, the due one takes its place.
 * - A crashed operation whose effect the next operation does not depend on is left out.
 * - Of several operations with the same call, the one that must respond first is linearized first,
 *   and crashed ones last. Every other order can be exchanged for this one.
 *
 * @module
 */

import {
  type Configuration,
  hasSlot,
  type LinearizedPrefix,
  MAY_FOLLOW,
  MUST_NOT_BE_OVERWRITTEN,
  toggleSlot,
} from "./configuration.ts";
import type { PendingOperations } from "./pending.ts";
import type { CrashedKind, OkOperation, Problem, Response } from "./problem.ts";
import type { SearchMode } from "./search.ts";
import { INCONSISTENT, type Transitions } from "./transitions.ts";

/** Operations that may be linearized next: pending ones and kinds of crashed ones. */
export type Choices = readonly (OkOperation | CrashedKind)[];

/** Lists and applies choices. */
export class Successors<State> {
  readonly #problem: Problem;
  readonly #transitions: Transitions<State>;
  readonly #pending: PendingOperations;
  readonly #mode: SearchMode;

  constructor(
    problem: Problem,
    transitions: Transitions<State>,
    pending: PendingOperations,
    mode: SearchMode,
  ) {
    this.#problem = problem;
    this.#transitions = transitions;
    this.#pending = pending;
    this.#mode = mode;
  }

  /**
   * Linearizes the reads that are consistent now, and passes responses while this needs no choice.
   */
  linearizeReads(configuration: Configuration): Configuration {
    const { responses, operations } = this.#problem;
    const { state, crashedCounts, coveredBelow } = configuration;
    const linearizedSlots = configuration.linearizedSlots.slice();
    const reads = { linearized: configuration.linearized, count: 0 };
    let { nextResponse } = configuration;
    this.#pending.moveTo(nextResponse);
    for (let next = this.#pending.after(undefined); next; next = this.#pending.after(next)) {
      if (next.readOnly) this.#linearizeRead(next, state, linearizedSlots, reads);
    }
    for (let response = responses[nextResponse]; response; response = responses[nextResponse]) {
      const { slot } = response.completed;
      if (!hasSlot(linearizedSlots, slot)) break;
      toggleSlot(linearizedSlots, slot);
      const invokedBefore = responses[++nextResponse]?.invokedBefore ?? operations.length;
      for (let number = response.invokedBefore; number < invokedBefore; number++) {
        const next = operations[number] as OkOperation;
        if (next.readOnly) this.#linearizeRead(next, state, linearizedSlots, reads);
      }
    }
    return {
      nextResponse,
      linearizedSlots,
      state,
      crashedCounts,
      coveredBelow: this.#normalCoveredBelow(coveredBelow, nextResponse, linearizedSlots),
      unused: reads.count > 0 ? MAY_FOLLOW : configuration.unused,
      linearized: reads.linearized,
      linearizedCount: configuration.linearizedCount + reads.count,
    };
  }

  /** Linearizes a read if it is consistent with the state and not linearized yet. */
  #linearizeRead(
    { kind, slot, invocation }: OkOperation,
    state: number,
    linearizedSlots: number[],
    reads: { linearized: LinearizedPrefix | undefined; count: number },
  ): void {
    if (hasSlot(linearizedSlots, slot)) return;
    if (this.#transitions.next(state, kind) === INCONSISTENT) return;
    toggleSlot(linearizedSlots, slot);
    reads.linearized = { invocation, overwrites: false, previous: reads.linearized };
    reads.count++;
  }

  /**
   * Returns the choices of a group. Group 0 is the due operation. Group 1 are the pending and the
   * crashed operations after which the model accepts the due one, group 2 are all others.
   */
  choices(configuration: Configuration, group: number): Choices {
    const { nextResponse, state } = configuration;
    const { completed } = this.#problem.responses[nextResponse] as Response;
    if (group === 0) return [completed];
    const isInGroup = (kind: number) =>
      this.#enables(state, kind, completed.kind) === (group === 1);
    const due = this.#isCovered(configuration, completed) ? undefined : completed;
    const all = this.#pendingChoices(configuration);
    const kinds = new Set(this.#mode.pruned ? all.map(({ kind }) => kind) : []);
    const pending = all.filter((other) => other !== due && isInGroup(other.kind));
    const crashed = this.#problem.crashed.filter(({ kind }) => isInGroup(kind) && !kinds.has(kind));
    return [...pending, ...crashed];
  }

  /**
   * Returns the pending operations that change the state and are not linearized. Those with the same
   * call are interchangeable: a pruned search tries the one that must respond first.
   */
  #pendingChoices({ nextResponse, linearizedSlots }: Configuration): OkOperation[] {
    const choices: OkOperation[] = [];
    const indexes = new Map<number, number>();
    this.#pending.moveTo(nextResponse);
    for (let next = this.#pending.after(undefined); next; next = this.#pending.after(next)) {
      if (next.readOnly || hasSlot(linearizedSlots, next.slot)) continue;
      const index = this.#mode.pruned ? indexes.get(next.kind) : undefined;
      if (index === undefined) indexes.set(next.kind, choices.push(next) - 1);
      else if (next.response < (choices[index] as OkOperation).response) choices[index] = next;
    }
    return choices;
  }

  /** Returns the configuration after a choice of a group, if the model and the rules accept it. */
  successor(
    configuration: Configuration,
    choice: OkOperation | CrashedKind,
    group: number,
  ): Configuration | undefined {
    if ("invocations" in choice) return this.#linearizeCrashed(configuration, choice);
    if (group === 0) {
      return this.#isCovered(configuration, choice)
        ? linearizeCovered(configuration, choice)
        : this.#linearize(configuration, choice, MAY_FOLLOW);
    }
    const isUseRequired = this.#mode.pruned && choice.overwrites;
    const unused = isUseRequired ? MUST_NOT_BE_OVERWRITTEN : MAY_FOLLOW;
    return this.#linearize(configuration, choice, unused);
  }

  /** Whether the model accepts the due operation after an operation of another kind. */
  #enables(state: number, kind: number, due: number): boolean {
    const after = this.#transitions.next(state, kind);
    return after !== INCONSISTENT && this.#transitions.next(after, due) !== INCONSISTENT;
  }

  #isCovered({ coveredBelow }: Configuration, { overwrites, number }: OkOperation): boolean {
    return overwrites && number < coveredBelow;
  }

  /**
   * Returns the lowest bound that covers the same pending operations, so that configurations that
   * cover the same ones are equal.
   */
  #normalCoveredBelow(
    coveredBelow: number,
    nextResponse: number,
    linearizedSlots: readonly number[],
  ): number {
    if (coveredBelow === 0) return 0;
    this.#pending.moveTo(nextResponse);
    for (let last = this.#pending.before(undefined); last; last = this.#pending.before(last)) {
      const isCovered = last.overwrites && last.number < coveredBelow;
      if (isCovered && !hasSlot(linearizedSlots, last.slot)) return last.number + 1;
    }
    return 0;
  }

  #linearize(
    configuration: Configuration,
    { kind, overwrites, slot, invocation }: OkOperation,
    unused: number,
  ): Configuration | undefined {
    const state = this.#stateAfter(configuration, kind, overwrites);
    if (state === undefined) return undefined;
    const linearizedSlots = [...configuration.linearizedSlots];
    toggleSlot(linearizedSlots, slot);
    const next = this.#append(configuration, invocation, overwrites);
    return { ...next, linearizedSlots, state, unused };
  }

  #linearizeCrashed(
    configuration: Configuration,
    { index, kind, overwrites, invocations, responsesBefore }: CrashedKind,
  ): Configuration | undefined {
    const { crashedCounts } = configuration;
    const { relaxed, pruned } = this.#mode;
    const count = relaxed ? 0 : crashedCounts[index] as number;
    const invocation = invocations[count];
    if (invocation === undefined) return undefined;
    if ((responsesBefore[count] as number) > configuration.nextResponse) return undefined;
    const state = this.#stateAfter(configuration, kind, overwrites);
    if (state === undefined || state === configuration.state) return undefined;
    const unused = overwrites ? MUST_NOT_BE_OVERWRITTEN : configuration.state;
    return {
      ...this.#append(configuration, invocation, overwrites),
      state,
      crashedCounts: relaxed ? crashedCounts : crashedCounts.with(index, count + 1),
      unused: pruned ? unused : MAY_FOLLOW,
    };
  }

  /** Returns the state after an operation, if it may follow the last linearized one. */
  #stateAfter(
    { state, unused }: Configuration,
    kind: number,
    overwrites: boolean,
  ): number | undefined {
    if (unused === MUST_NOT_BE_OVERWRITTEN && overwrites) return undefined;
    const after = this.#transitions.next(state, kind);
    if (after === INCONSISTENT) return undefined;
    if (unused >= 0 && this.#transitions.next(unused, kind) === after) return undefined;
    return after;
  }

  #append(
    configuration: Configuration,
    invocation: OkOperation["invocation"],
    overwrites: boolean,
  ): Configuration {
    const { nextResponse, coveredBelow, linearized, linearizedCount } = configuration;
    const isCovering = this.#mode.pruned && overwrites;
    return {
      ...configuration,
      coveredBelow: isCovering
        ? (this.#problem.responses[nextResponse] as Response).invokedBefore
        : coveredBelow,
      linearized: { invocation, overwrites, previous: linearized },
      linearizedCount: linearizedCount + 1,
    };
  }
}

/** Linearizes a covered operation before the last overwriting one. The state does not change. */
function linearizeCovered(
  configuration: Configuration,
  { slot, invocation }: OkOperation,
): Configuration {
  const linearizedSlots = [...configuration.linearizedSlots];
  toggleSlot(linearizedSlots, slot);
  const after: LinearizedPrefix[] = [];
  let previous = configuration.linearized;
  while (previous !== undefined) {
    after.push(previous);
    const { overwrites } = previous;
    previous = previous.previous;
    if (overwrites) break;
  }
  let linearized: LinearizedPrefix = { invocation, overwrites: true, previous };
  for (const entry of after.reverse()) linearized = { ...entry, previous: linearized };
  return {
    ...configuration,
    linearizedSlots,
    linearized,
    linearizedCount: configuration.linearizedCount + 1,
  };
}
