/**
 * Generators: what clients ask, when a worker is free to ask it.
 *
 * The workbench decides when (rate, time limit) and asks the generator what; the generator may say
 * that it has nothing for now, and is told everything that happens, so that it can follow what was
 * asked and answered (Jepsen's generators, without their purity: ours are asked only for an
 * operation that is sent at once).
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import type { Operation } from "../history/mod.ts";

/** What a client is to do. */
export interface Invocation {
  readonly f: string;
  /** Its argument; null when it has none. */
  readonly value: unknown;
  /** Set in the final phase. */
  readonly final?: boolean;
  /** Whatever else the history is to say of it. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** An invocation and the worker that is to make it. */
export interface Assignment {
  readonly worker: number;
  readonly invocation: Invocation;
}

/** Nothing for now: ask again after the next event, or at `until` (milliseconds) at the latest. */
export interface Pending {
  readonly pending: true;
  readonly until?: number;
}

/** What a generator may know when it is asked. */
export interface GeneratorContext {
  /** Milliseconds since the test began. */
  readonly now: number;
  /** The workers that are free, the one to be preferred first. Never empty. */
  readonly free: readonly number[];
  /** How many workers there are. */
  readonly concurrency: number;
  /** The process that a worker is at present. */
  processOf(worker: number): number;
}

/** A source of operations. */
export interface Generator {
  /** An operation for one of the free workers; undefined when there will be no more. */
  next(context: GeneratorContext): Assignment | Pending | undefined;
  /** Is told each invocation and completion of the phase, and the worker. */
  update?(operation: Operation, worker: number, context: GeneratorContext): void;
}

/** Nothing for now. */
export const PENDING: Pending = { pending: true };

/** For ever, whatever the function makes, for whichever worker is free. */
export function forever(make: () => Invocation): Generator {
  return {
    next: ({ free }) => ({ worker: free[0] as number, invocation: make() }),
  };
}

/** One of the sources at random each time, for whichever worker is free (Jepsen's `mix`). */
export function mix(random: Random, makes: readonly (() => Invocation)[]): Generator {
  return forever(() => random.pick(makes)());
}

/** Each worker makes the invocation once (Jepsen's `each-thread`). */
export function onceEach(make: (worker: number) => Invocation): Generator {
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

/** What the generator makes, but only for so many milliseconds from its first use. */
export function timeLimit(milliseconds: number, generator: Generator): Generator {
  let end: number | undefined;
  return {
    next(context) {
      end ??= context.now + milliseconds;
      if (context.now >= end) return undefined;
      const next = generator.next(context);
      if (next === undefined || !("pending" in next)) return next;
      return { pending: true, until: Math.min(end, next.until ?? end) };
    },
    update: (operation, worker, context) => generator.update?.(operation, worker, context),
  };
}
