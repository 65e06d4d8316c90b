/**
 * Turns the history of one object into what the search works on: numbered operations, numbered
 * states, and the order of invocations and responses.
 *
 * - Operations that failed did not happen and are left out, as are reads of unknown outcome.
 * - Operations of unknown outcome (*crashed* ones) that ask for the same thing can stand for each
 *   other, so they are counted by kind: the earliest of a kind is always the one to use.
 * - Each operation that was answered holds a *slot* from its invocation to its response, the lowest
 *   that is free, so that a set of operations under way is a few bits, however long the history.
 *
 * @module
 */

import { canonicalJson } from "../../base/mod.ts";
import {
  type History,
  type Operation,
  type OperationPair,
  pairOperations,
} from "../../history/mod.ts";
import type { Call, Model } from "./model.ts";

/** An operation that was answered. */
export interface OkOperation {
  readonly invocation: Operation;
  readonly completion: Operation;
  /** What it does, as a number for {@link Transitions}. */
  readonly kind: number;
  readonly slot: number;
  readonly readOnly: boolean;
}

/** Crashed operations that ask for the same thing, in the order of their invocations. */
export interface CrashedKind {
  readonly kind: number;
  readonly invocations: readonly Operation[];
  /** For each of them: how many responses came before its invocation. */
  readonly responsesBefore: readonly number[];
}

/** A response: the operation that it completes and those under way with it. */
export interface Response {
  readonly completed: OkOperation;
  /** Every answered operation that was invoked before this response and not completed before it. */
  readonly pending: readonly OkOperation[];
}

/** What there is to linearize. */
export interface Problem {
  readonly responses: readonly Response[];
  readonly crashed: readonly CrashedKind[];
  /** How many slots there are: the greatest number of answered operations under way at once. */
  readonly slots: number;
  /** The call that each kind stands for. */
  readonly calls: readonly Call[];
}

/** Prepares the history of one object. Linear in operations × those under way at once. */
export function buildProblem<State>(history: History, model: Model<State>): Problem {
  const builder = new ProblemBuilder(model.isReadOnly);
  const events: { index: number; pair: OperationPair; response: boolean }[] = [];
  for (const pair of pairOperations(history)) {
    const { invocation, completion } = pair;
    if (completion?.type === "fail") continue;
    events.push({ index: invocation.index, pair, response: false });
    if (completion?.type === "ok") events.push({ index: completion.index, pair, response: true });
  }
  events.sort((a, b) => a.index - b.index);
  for (const { pair, response } of events) {
    if (response) builder.respond(pair);
    else if (pair.completion?.type === "ok") builder.invoke(pair, pair.completion);
    else builder.crash(pair.invocation);
  }
  return builder.finish();
}

class ProblemBuilder {
  readonly #isReadOnly: (call: Call) => boolean;
  readonly #kinds = new Map<string, number>();
  readonly #calls: Call[] = [];
  readonly #crashed = new Map<number, { invocations: Operation[]; responsesBefore: number[] }>();
  readonly #responses: Response[] = [];
  readonly #pending = new Map<Operation, OkOperation>();
  readonly #freeSlots: number[] = [];
  #slots = 0;

  constructor(isReadOnly: (call: Call) => boolean) {
    this.#isReadOnly = isReadOnly;
  }

  invoke({ invocation }: OperationPair, completion: Operation): void {
    const call = { f: completion.f, value: completion.value };
    const slot = this.#freeSlots.pop() ?? this.#slots++;
    const readOnly = this.#isReadOnly(call);
    const kind = this.#kindOf(call);
    this.#pending.set(invocation, { invocation, completion, kind, slot, readOnly });
  }

  respond({ invocation }: OperationPair): void {
    const answered = this.#pending.get(invocation) as OkOperation;
    this.#responses.push({ completed: answered, pending: [...this.#pending.values()] });
    this.#pending.delete(invocation);
    this.#freeSlots.push(answered.slot);
  }

  crash(invocation: Operation): void {
    const call = { f: invocation.f, value: invocation.value };
    if (this.#isReadOnly(call)) return;
    const kind = this.#kindOf(call);
    const crashed = this.#crashed.get(kind) ?? { invocations: [], responsesBefore: [] };
    this.#crashed.set(kind, crashed);
    crashed.invocations.push(invocation);
    crashed.responsesBefore.push(this.#responses.length);
  }

  finish(): Problem {
    const crashed = [...this.#crashed].map(([kind, operations]) => ({ kind, ...operations }));
    return { responses: this.#responses, crashed, slots: this.#slots, calls: this.#calls };
  }

  #kindOf(call: Call): number {
    const text = `${call.f} ${canonicalJson(call.value)}`;
    let kind = this.#kinds.get(text);
    if (kind === undefined) {
      kind = this.#calls.length;
      this.#kinds.set(text, kind);
      this.#calls.push(call);
    }
    return kind;
  }
}
