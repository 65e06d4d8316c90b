/**
 * Generators, as in Jepsen: a generator decides which operation a free worker invokes next.
 *
 * The workbench's interpreter decides when to invoke an operation (rate, time limit) and calls the
 * generator for the operation. A generator may have no operation at the moment. It receives every
 * invocation and completion, so it can follow what happened. Jepsen's generators are pure values;
 * these keep state, because the interpreter immediately invokes each operation that they return.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import type { Operation } from "../history/mod.ts";

/** An operation for a client to make. */
export interface Invocation {
  /** The operation's function, such as `read`. */
  readonly f: string;
  /** The function's argument; null when it has none. */
  readonly value: unknown;
  /** True in the final phase. */
  readonly final?: boolean;
  /** Further fields of the operation in the history. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** An invocation and the worker that makes it. */
export interface Assignment {
  /** The number of a free worker. */
  readonly worker: number;
  /** The operation that it makes. */
  readonly invocation: Invocation;
}

/** No operation at the moment (Jepsen's `:pending`). */
export interface Pending {
  /** Tells this type from {@link Assignment}. */
  readonly pending: true;
  /**
   * When to call the generator again, in milliseconds since the test began. The interpreter also
   * calls it after the next event.
   */
  readonly untilMs?: number;
}

/** The state of a test when its generator is called. */
export interface GeneratorContext {
  /** Milliseconds since the test began. */
  readonly nowMs: number;
  /** The free workers, in order of preference. Never empty. */
  readonly free: readonly number[];
  /** The number of workers. */
  readonly concurrency: number;
  /** Returns the number of a worker's current process. */
  processOf(worker: number): number;
}

/** A source of operations. */
export interface Generator {
  /** Returns an operation for a free worker; undefined when the generator is exhausted. */
  next(context: GeneratorContext): Assignment | Pending | undefined;
  /** Receives each invocation and completion of the phase, and its worker. */
  update?(operation: Operation, worker: number, context: GeneratorContext): void;
}

/** No operation at the moment; call again after the next event. */
export const PENDING: Pending = { pending: true };

/** Makes operations without end, each for the preferred free worker. */
export function forever(make: () => Invocation): Generator {
  return {
    next: ({ free }) => ({ worker: free[0] as number, invocation: make() }),
  };
}

/** Makes each operation with a function chosen at random (Jepsen's `mix`). */
export function mix(random: Random, makes: readonly (() => Invocation)[]): Generator {
  return forever(() => random.pick(makes)());
}

/** Makes one operation for each worker (Jepsen's `each-thread`). */
export function oncePerWorker(make: (worker: number) => Invocation): Generator {
  const done = new Set<number>();
  return {
    next({ free, concurrency }) {
      if (done.size === concurrency) return undefined;
      const worker = free.find((candidate) => !done.has(candidate));
      if (worker === undefined) return PENDING;
      done.add(worker);
      return { worker, invocation: make(worker) };
    },
  };
}

/** Ends a generator `limitMs` milliseconds after its first call (Jepsen's `time-limit`). */
export function withTimeLimit(limitMs: number, generator: Generator): Generator {
  let endMs: number | undefined;
  return {
    next(context) {
      endMs ??= context.nowMs + limitMs;
      if (context.nowMs >= endMs) return undefined;
      const next = generator.next(context);
      if (next === undefined || !("pending" in next)) return next;
      return { pending: true, untilMs: Math.min(endMs, next.untilMs ?? endMs) };
    },
    update: (operation, worker, context) => generator.update?.(operation, worker, context),
  };
}
