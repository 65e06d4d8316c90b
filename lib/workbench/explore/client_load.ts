/**
 * What clients refrain from in a case, so that a fault shows or a restart is fair.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import {
  type Assignment,
  type Generator,
  type GeneratorContext,
  PENDING,
  type StateReads,
} from "../../workload/mod.ts";

/**
 * What clients refrain from. Times are in milliseconds since the main phase began. A restart that
 * takes long postpones the fault events after it; clients then refrain until these have occurred.
 */
export interface ClientLoad {
  /** The clients of these nodes only read until a time, or do nothing if no operation only reads. */
  readonly readers?: { readonly nodes: readonly string[]; readonly untilMs: number };
  /** Clients send nothing during this time. */
  readonly quiet?: { readonly fromMs: number; readonly toMs: number };
  /** The fraction of the operations that only read which is left out. */
  readonly skippedReads?: number;
}

/** How often an operation is drawn again because it only reads. */
const MAX_REDRAWS = 8;
/** Clients that wait for a late fault event look again after this time. */
const LATE_EVENT_POLL_MS = 10;

/**
 * Returns a generator that refrains from what `load` says; worker i uses node i mod n. `haveOccurred`
 * returns whether all fault events until a time have occurred.
 */
export function withClientLoad(
  generator: Generator,
  load: ClientLoad,
  reads: StateReads | undefined,
  nodes: readonly string[],
  random: Random,
  haveOccurred: (untilMs: number) => boolean,
): Generator {
  let beginMs: number | undefined;
  const { readers, quiet, skippedReads = 0 } = load;
  const isReader = (worker: number) =>
    readers?.nodes.includes(nodes[worker % nodes.length] as string) === true;

  /** Draws an operation for a free worker, again if it only reads and is left out. */
  function draw(context: GeneratorContext) {
    for (let redraws = 0;; redraws++) {
      const next = generator.next(context);
      if (next === undefined || "pending" in next || redraws === MAX_REDRAWS) return next;
      if (reads?.isRead(next.invocation) !== true || !random.chance(skippedReads)) return next;
    }
  }

  function readOnly({ worker, invocation }: Assignment): Assignment {
    return { worker, invocation: reads?.toRead?.(invocation) ?? invocation };
  }

  return {
    next(context) {
      beginMs ??= context.nowMs;
      const elapsedMs = context.nowMs - beginMs;
      const isOver = (untilMs: number) => elapsedMs >= untilMs && haveOccurred(untilMs);
      const pendingUntil = (untilMs: number) => ({
        pending: true as const,
        untilMs: Math.max(context.nowMs + LATE_EVENT_POLL_MS, (beginMs ?? 0) + untilMs),
      });
      if (quiet !== undefined && elapsedMs >= quiet.fromMs && !isOver(quiet.toMs)) {
        return pendingUntil(quiet.toMs);
      }
      if (readers === undefined || isOver(readers.untilMs)) return draw(context);
      if (reads?.toRead !== undefined) {
        const next = draw(context);
        const isRestricted = next !== undefined && "worker" in next && isReader(next.worker);
        return isRestricted ? readOnly(next) : next;
      }
      const free = context.free.filter((worker) => !isReader(worker));
      if (free.length > 0) return draw({ ...context, free });
      // A worker becomes free, or the restriction ends.
      return context.free.length < context.concurrency ? PENDING : pendingUntil(readers.untilMs);
    },
    update: (operation, worker, context) => generator.update?.(operation, worker, context),
  };
}
