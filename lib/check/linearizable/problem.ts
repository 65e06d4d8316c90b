/**
 * Converts the history of one object to the input of the search: the list of responses, each with
 * the operations that are pending at it, and the crashed operations.
 *
 * - Failed operations did not take effect, so they are omitted; so are indeterminate reads.
 * - Indeterminate operations are called *crashed*, as in Knossos. Crashed operations with the same
 *   call are interchangeable. They form one *kind*, and the earliest invoked are linearized first.
 * - Each ok operation occupies a free *slot* from its invocation to its response. A set of pending
 *   operations is thus a bit set whose size depends on concurrency, not on the history's length.
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

/** An operation that completed as ok. */
export interface OkOperation {
  readonly invocation: Operation;
  readonly completion: Operation;
  /** The number of its call in {@link Problem.calls}. */
  readonly kind: number;
  readonly slot: number;
  readonly readOnly: boolean;
}

/** The crashed operations with the same call, in the order of their invocations. */
export interface CrashedKind {
  readonly kind: number;
  readonly invocations: readonly Operation[];
  /** For each of them: the number of responses before its invocation. */
  readonly responsesBefore: readonly number[];
}

/** A response: the operation that it completes, and the operations pending at that time. */
export interface Response {
  readonly completed: OkOperation;
  /** The ok operations invoked before this response and not completed before it. */
  readonly pending: readonly OkOperation[];
}

/** The input of the search. */
export interface Problem {
  readonly responses: readonly Response[];
  readonly crashed: readonly CrashedKind[];
  /** The number of slots: the maximum number of ok operations that are pending at the same time. */
  readonly slots: number;
  /** The call of each kind. */
  readonly calls: readonly Call[];
}

/** Builds the problem of one object's history. Takes time linear in operations × concurrency. */
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
    const completed = this.#pending.get(invocation) as OkOperation;
    this.#responses.push({ completed, pending: [...this.#pending.values()] });
    this.#pending.delete(invocation);
    this.#freeSlots.push(completed.slot);
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
