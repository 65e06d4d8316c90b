/**
 * The dependencies between operations on logs, as Elle infers them for jepsen.tests.kafka:
 *
 * - *wr*: the first operation sent a message that the second polled;
 * - *ww*: the first sent the message directly before the second's in a log (optional);
 * - *realtime*: the first was acknowledged before the second was invoked.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { type DependencyGraph, EdgeList } from "../txn/dependency_graph.ts";
import { WR, WW } from "../txn/relations.ts";
import { addRealtimeOrder } from "../txn/time_order.ts";
import { COMMITTED, INDETERMINATE } from "../txn/transactions.ts";
import type { Completion } from "./completion.ts";
import type { Partitions } from "./partition.ts";

/** A ww or wr edge and its messages. */
export interface DataEdge {
  readonly relation: typeof WW | typeof WR;
  readonly to: number;
  readonly key: string;
  /** The message sent by the first operation. */
  readonly value: unknown;
  /** For ww: the message sent by the second. */
  readonly next?: unknown;
}

/** The dependencies of a history. */
export interface LogDependencies {
  /** The operations on logs; the graph's vertices are indexes of this list. */
  readonly operations: readonly Completion[];
  readonly graph: DependencyGraph;
  /** For each vertex: its outgoing ww and wr edges. */
  readonly data: readonly (readonly DataEdge[])[];
}

/** Infers the dependencies; ww edges only if `writeDependencies` is set. */
export function logDependencies(
  completions: readonly Completion[],
  partitions: Partitions,
  writeDependencies: boolean,
): LogDependencies {
  const operations = completions.filter(({ operation }) => isOnLogs(operation));
  const vertexOf = new Map(operations.map((completion, vertex) => [completion, vertex]));
  const data = operations.map((): DataEdge[] => []);
  const edges = new EdgeList();
  const pollers = pollersOf(completions);
  const link = (from: Completion | undefined, to: Completion, edge: Omit<DataEdge, "to">) => {
    if (from === undefined || from === to) return;
    const [source, target] = [vertexOf.get(from) as number, vertexOf.get(to) as number];
    data[source]?.push({ ...edge, to: target });
    edges.add(source, target, edge.relation);
  };
  for (const { key, log, senderOf } of partitions) {
    for (const [value, sender] of senderOf) {
      for (const poller of pollers.get(key)?.get(value) ?? []) {
        link(sender, poller, { relation: WR, key, value });
      }
      const index = log.indexOf.get(value) ?? 0;
      if (!writeDependencies || index === 0) continue;
      const before = log.byIndex[index - 1];
      link(senderOf.get(before), sender, { relation: WW, key, value: before, next: value });
    }
  }
  addRealtimeOrder({
    count: operations.length,
    events: eventsInOrder(operations),
    outcome: Uint8Array.from(
      operations,
      ({ operation: { type } }) => type === "ok" ? COMMITTED : INDETERMINATE,
    ),
  }, edges);
  return { operations, graph: edges.toGraph(operations.length), data };
}

/** Returns the completions that polled each message of each key, in the history's order. */
function pollersOf(
  completions: readonly Completion[],
): ReadonlyMap<string, ReadonlyMap<unknown, ReadonlySet<Completion>>> {
  const pollers = new Map<string, Map<unknown, Set<Completion>>>();
  for (const completion of completions) {
    for (const { key, entries } of completion.polled) {
      let ofKey = pollers.get(key);
      if (ofKey === undefined) pollers.set(key, ofKey = new Map());
      for (const [, message] of entries) {
        const known = ofKey.get(message);
        if (known === undefined) ofKey.set(message, new Set([completion]));
        else known.add(completion);
      }
    }
  }
  return pollers;
}

/** Whether the graph has no edges: Elle's `empty-transaction-graph`. */
export function hasEmptyGraph(
  completions: readonly Completion[],
  partitions: Partitions,
): boolean {
  let firstEnd = Infinity;
  let lastBegin = -Infinity;
  for (const { operation, invocation } of completions) {
    if (!isOnLogs(operation)) continue;
    if (operation.type === "ok") firstEnd = Math.min(firstEnd, operation.index);
    lastBegin = Math.max(lastBegin, invocation?.index ?? -Infinity);
    if (firstEnd < lastBegin) return false;
  }
  return partitions.every(({ pollsOf }) =>
    pollsOf.values().every(({ sender, first, byOthers }) =>
      sender === undefined || (first === sender && !byOthers)
    )
  );
}

/**
 * Whether a simple criterion excludes cycles of wr and realtime edges, without building the graph:
 * no operation both sends and polls, and every message was polled after its send was invoked. Take
 * a send's time as its invocation and a poll's as its completion; then every edge leads to a later
 * time. This holds for nearly all histories.
 */
export function isClearlyAcyclic(
  completions: readonly Completion[],
  partitions: Partitions,
): boolean {
  if (completions.some(({ sent, polled }) => sent.length > 0 && polled.length > 0)) return false;
  return partitions.every(({ pollsOf }) =>
    pollsOf.values().every(({ sender, first }) =>
      (sender?.invocation?.index ?? -Infinity) < first.operation.index
    )
  );
}

function isOnLogs({ f }: Operation): boolean {
  return f === "txn" || f === "poll" || f === "send";
}

/**
 * Returns the events in the history's order: `2v` is vertex v's invocation, `2v + 1` its
 * completion.
 */
function eventsInOrder(operations: readonly Completion[]): Int32Array {
  const events: { index: number; event: number }[] = [];
  operations.forEach(({ operation, invocation }, vertex) => {
    if (invocation !== undefined) events.push({ index: invocation.index, event: 2 * vertex });
    events.push({ index: operation.index, event: 2 * vertex + 1 });
  });
  return Int32Array.from(events.sort((a, b) => a.index - b.index), ({ event }) => event);
}
