/**
 * Checks monotonic reads of a state that only grows: a node that has shown something to a client shows
 * it to all clients that read later.
 *
 * Maelstrom's checkers judge a counter by its final reads only, and report elements that vanish for
 * a time as a warning. So the verdict has `maelstrom-valid?` true. A node that restarts may show less.
 *
 * @module
 */

import { describeValue, type Explanation, type Verdict } from "../../check/mod.ts";
import { type History, isClientOperation, type Operation } from "../../history/mod.ts";
import type { StateReads } from "../../workload/mod.ts";
import { parseNemesisOp } from "../nemesis.ts";

/** What one incarnation of a node has shown in reads that have completed. */
interface Shown {
  /** The highest value of each part. */
  readonly parts: Map<string, unknown>;
  /** The parts with their values, in the order in which they were shown. */
  readonly order: (readonly [name: string, value: unknown])[];
}

/** A read that has not completed: it must show the first `count` parts that its node has shown. */
interface Pending {
  readonly shown: Shown;
  readonly count: number;
}

/** Checks the reads of a history, whose worker i uses the client of node i mod n. */
export function checkMonotonicReads(
  history: History,
  reads: StateReads | undefined,
  { concurrency, nodes }: { readonly concurrency: number; readonly nodes: readonly string[] },
): Verdict {
  const state = reads?.grows === true ? reads.finalState?.(history) : undefined;
  if (reads === undefined || state === undefined) return { "valid?": "unknown" };
  const { describe } = state;
  const byNode = new Map<string, Shown>();
  const pending = new Map<Operation["process"], Pending>();
  for (const operation of history) {
    if (!isClientOperation(operation)) {
      for (const node of restartedNodes(operation)) byNode.delete(node);
      continue;
    }
    if (!reads.isRead(operation)) continue;
    const { process, type } = operation;
    const node = nodes[(process as number) % concurrency % nodes.length] as string;
    let shown = byNode.get(node);
    if (shown === undefined) byNode.set(node, shown = { parts: new Map(), order: [] });
    if (type === "invoke") {
      pending.set(process, { shown, count: shown.order.length });
      continue;
    }
    const begun = pending.get(process);
    pending.delete(process);
    // Another incarnation has served it, or may have.
    if (type !== "ok" || begun?.shown !== shown) continue;
    const parts = new Map(state.observed(operation));
    for (const [name, before] of shown.order.slice(0, begun.count)) {
      if (parts.has(name) && !isLower(parts.get(name), before)) continue;
      const part = describe?.(name) ?? name;
      const found = parts.has(name) ? `as ${describeValue(parts.get(name))}` : "no more";
      const earlier = before === true ? part : `${part} as ${describeValue(before)}`;
      const message = `${node} showed ${earlier} to a client, and to a later one ${found}`;
      return failed({ type: "non-monotonic-read", message, node, read: operation.index });
    }
    for (const [name, value] of parts) {
      if (shown.parts.has(name) && !isLower(shown.parts.get(name), value)) continue;
      shown.parts.set(name, value);
      shown.order.push([name, value]);
    }
  }
  return { "valid?": true };
}

function failed(explanation: Explanation): Verdict {
  return { "valid?": false, "maelstrom-valid?": true, explanations: [explanation] };
}

function isLower(value: unknown, than: unknown): boolean {
  const isNumber = (one: unknown) => typeof one === "number" || typeof one === "bigint";
  return isNumber(value) && isNumber(than) && (value as number) < (than as number);
}

/** Returns the nodes whose processes an event of the nemesis ends or restarts. */
function restartedNodes({ f, value }: Operation): readonly string[] {
  if (!ENDING_FAULTS.has(parseNemesisOp(f)?.fault ?? "")) return [];
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

/** The faults that end processes. */
const ENDING_FAULTS: ReadonlySet<string> = new Set(["kill", "disk"]);
