/**
 * Converts the history of one object to the input of the search: the ok operations in the order of
 * their invocations, the order of their responses, and the crashed operations.
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
import type { Call, CompleteModel } from "./model.ts";

/** An operation that completed as ok. */
export interface OkOperation {
  readonly invocation: Operation;
  readonly completion: Operation;
  /** Its position among the ok operations, in the order of invocations. */
  readonly number: number;
  /** The index of its response. */
  readonly response: number;
  /** The number of its call in {@link Problem.calls}. */
  readonly kind: number;
  readonly slot: number;
  readonly readOnly: boolean;
  readonly overwrites: boolean;
}

/** The crashed operations with the same call, in the order of their invocations. */
export interface CrashedKind {
  /** Its position in {@link Problem.crashed}. */
  readonly index: number;
  readonly kind: number;
  readonly overwrites: boolean;
  readonly invocations: readonly Operation[];
  /** For each of them: the number of responses before its invocation. */
  readonly responsesBefore: readonly number[];
}

/** A response: the operation that it completes. */
export interface Response {
  readonly completed: OkOperation;
  /** The number of ok operations invoked before it. */
  readonly invokedBefore: number;
}

/** The states that calls need and reach, as hashes; see {@link Model.stateBefore}. */
export interface CallStates {
  readonly initial: string;
  /** By kind: the only state that accepts the call, and the only one that it can reach. */
  readonly before: readonly (string | undefined)[];
  readonly after: readonly (string | undefined)[];
}

/** The input of the search. */
export interface Problem {
  /** The ok operations, in the order of their invocations. */
  readonly operations: readonly OkOperation[];
  readonly responses: readonly Response[];
  readonly crashed: readonly CrashedKind[];
  /** The number of slots: the maximum number of ok operations that are pending at the same time. */
  readonly slots: number;
  /** The call of each kind. */
  readonly calls: readonly Call[];
  /**
   * The index of the first response whose call needs a state that no operation invoked before it
   * can reach; past the end if there is none, or if the model does not have such calls.
   */
  readonly unreachableResponse: number;
  readonly states: CallStates;
}

/** Builds the problem of one object's history, in linear time and memory. */
export function buildProblem<State>(history: History, model: CompleteModel<State>): Problem {
  const events: { index: number; pair: OperationPair; response: boolean }[] = [];
  for (const pair of pairOperations(history)) {
    const { invocation, completion } = pair;
    if (completion?.type === "fail") continue;
    events.push({ index: invocation.index, pair, response: false });
    if (completion?.type === "ok") events.push({ index: completion.index, pair, response: true });
  }
  events.sort((a, b) => a.index - b.index);
  const builder = new ProblemBuilder(model);
  for (const { pair, response } of events) {
    if (response) builder.respond(pair.invocation);
    else if (pair.completion?.type === "ok") builder.invoke(pair.invocation, pair.completion);
    else builder.crash(pair.invocation);
  }
  return builder.finish();
}

interface Kind {
  readonly number: number;
  readonly readOnly: boolean;
  readonly overwrites: boolean;
}

/** An operation whose response is still to come. */
type MutableOkOperation = Omit<OkOperation, "response"> & { response: number };

interface MutableCrashedKind extends CrashedKind {
  readonly invocations: Operation[];
  readonly responsesBefore: number[];
}

class ProblemBuilder<State> {
  readonly #model: CompleteModel<State>;
  readonly #kinds = new Map<string, Kind>();
  readonly #calls: Call[] = [];
  readonly #statesBefore: (string | undefined)[] = [];
  readonly #statesAfter: (string | undefined)[] = [];
  readonly #crashed = new Map<number, MutableCrashedKind>();
  readonly #operations: OkOperation[] = [];
  readonly #responses: Response[] = [];
  readonly #pending = new Map<Operation, MutableOkOperation>();
  readonly #freeSlots: number[] = [];
  readonly #reachableStates: Set<string>;
  #unreachableResponse = Infinity;
  #slots = 0;

  constructor(model: CompleteModel<State>) {
    this.#model = model;
    this.#reachableStates = new Set([model.hash(model.init())]);
  }

  invoke(invocation: Operation, completion: Operation): void {
    const { number: kind, readOnly, overwrites } = this.#kindOf(completion);
    const slot = this.#freeSlots.pop() ?? this.#slots++;
    const number = this.#operations.length;
    const response = Infinity;
    const call = { kind, readOnly, overwrites };
    const operation = { invocation, completion, number, response, slot, ...call };
    this.#operations.push(operation);
    this.#pending.set(invocation, operation);
  }

  respond(invocation: Operation): void {
    const completed = this.#pending.get(invocation) as MutableOkOperation;
    completed.response = this.#responses.length;
    const stateBefore = this.#statesBefore[completed.kind];
    if (stateBefore !== undefined && !this.#reachableStates.has(stateBefore)) {
      this.#unreachableResponse = Math.min(this.#unreachableResponse, this.#responses.length);
    }
    this.#responses.push({ completed, invokedBefore: this.#operations.length });
    this.#pending.delete(invocation);
    this.#freeSlots.push(completed.slot);
  }

  crash(invocation: Operation): void {
    const { number: kind, readOnly, overwrites } = this.#kindOf(invocation);
    if (readOnly) return;
    let crashed = this.#crashed.get(kind);
    if (crashed === undefined) {
      const index = this.#crashed.size;
      crashed = { index, kind, overwrites, invocations: [], responsesBefore: [] };
      this.#crashed.set(kind, crashed);
    }
    crashed.invocations.push(invocation);
    crashed.responsesBefore.push(this.#responses.length);
  }

  finish(): Problem {
    return {
      operations: this.#operations,
      responses: this.#responses,
      crashed: [...this.#crashed.values()],
      slots: this.#slots,
      calls: this.#calls,
      unreachableResponse: this.#unreachableResponse,
      states: {
        initial: this.#model.hash(this.#model.init()),
        before: this.#statesBefore,
        after: this.#statesAfter,
      },
    };
  }

  #kindOf({ f, value }: Call): Kind {
    const isAtom = value === null || typeof value === "number";
    const text = `${f} ${isAtom ? value : canonicalJson(value)}`;
    let kind = this.#kinds.get(text);
    if (kind === undefined) {
      const model = this.#model;
      const call = { f, value };
      kind = {
        number: this.#calls.length,
        readOnly: model.isReadOnly(call),
        overwrites: model.overwrites?.(call) ?? false,
      };
      this.#statesBefore.push(
        model.stateAfter === undefined ? undefined : model.stateBefore?.(call),
      );
      const stateAfter = model.stateAfter?.(call);
      this.#statesAfter.push(stateAfter);
      if (stateAfter !== undefined) this.#reachableStates.add(stateAfter);
      this.#kinds.set(text, kind);
      this.#calls.push(call);
    }
    return kind;
  }
}
