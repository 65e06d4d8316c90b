/**
 * The dependencies between operations on logs, as Elle sees them for jepsen.tests.kafka:
 *
 * - *wr*: one sent a message that the other polled;
 * - *ww*: one sent the message that stands right before the other's in a log (only on demand);
 * - *realtime*: one was acknowledged before the other was invoked.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import { type DependencyGraph, EdgeList } from "../txn/dependency_graph.ts";
import { WR, WW } from "../txn/relations.ts";
import { addRealtimeOrder } from "../txn/time_order.ts";
import { ABORTED, COMMITTED, INDETERMINATE } from "../txn/transactions.ts";
import type { Completion } from "./completion.ts";
import type { Partitions } from "./partition.ts";

/** A dependency by way of messages. */
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
  /** The operations on logs; vertices of the graph are places in this list. */
  readonly operations: readonly Completion[];
  readonly graph: DependencyGraph;
  /** For each vertex: what its ww and wr edges rest on. */
  readonly data: readonly (readonly DataEdge[])[];
}

/** Finds the dependencies; `writeDependencies` adds the ww edges. */
export function logDependencies(
  completions: readonly Completion[],
  partitions: Partitions,
  writeDependencies: boolean,
): LogDependencies {
  const operations = completions.filter(({ operation }) => isOnLogs(operation));
  const vertexOf = new Map(operations.map((completion, vertex) => [completion, vertex]));
  const data = operations.map((): DataEdge[] => []);
  const edges = new EdgeList();
  const link = (from: Completion | undefined, to: Completion, edge: Omit<DataEdge, "to">) => {
    if (from === undefined || from === to) return;
    const [source, target] = [vertexOf.get(from) as number, vertexOf.get(to) as number];
    data[source]?.push({ ...edge, to: target });
    edges.add(source, target, edge.relation);
  };
  for (const { key, log, senderOf, pollersOf } of partitions.values()) {
    for (const [value, sender] of senderOf) {
      const pollers = new Set(pollersOf.get(value));
      for (const poller of pollers) link(sender, poller, { relation: WR, key, value });
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
      ({ operation: { type } }) =>
        type === "ok" ? COMMITTED : type === "fail" ? ABORTED : INDETERMINATE,
    ),
  }, edges);
  return { operations, graph: edges.toGraph(operations.length), data };
}

/** Whether nothing depends on anything: Elle's empty transaction graph. */
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
  }
  if (firstEnd < lastBegin) return false;
  return [...partitions.values()].every(({ senderOf, pollersOf }) =>
    [...pollersOf].every(([message, pollers]) => {
      const sender = senderOf.get(message);
      return sender === undefined || pollers.every((poller) => poller === sender);
    })
  );
}

/**
 * Whether there can be no cycle of wr and realtime edges, which is nearly always so and found
 * without a graph: when no operation both sends and polls, and every message was polled after its
 * send was invoked. Every edge then leads to a later event, if a send counts as its invocation and
 * a poll as its completion.
 */
export function isClearlyAcyclic(
  completions: readonly Completion[],
  partitions: Partitions,
): boolean {
  if (completions.some(({ sent, polled }) => sent.size > 0 && polled.size > 0)) return false;
  return [...partitions.values()].every(({ senderOf, pollersOf }) =>
    [...pollersOf].every(([message, pollers]) => {
      const sent = senderOf.get(message)?.invocation?.index ?? -Infinity;
      return pollers.every(({ operation }) => sent < operation.index);
    })
  );
}

function isOnLogs({ f }: Operation): boolean {
  return f === "txn" || f === "poll" || f === "send";
}

/** `2v` where vertex v begins, `2v + 1` where it ends, in the history's order. */
function eventsInOrder(operations: readonly Completion[]): Int32Array {
  const events: { index: number; event: number }[] = [];
  operations.forEach(({ operation, invocation }, vertex) => {
    if (invocation !== undefined) events.push({ index: invocation.index, event: 2 * vertex });
    events.push({ index: operation.index, event: 2 * vertex + 1 });
  });
  return Int32Array.from(events.sort((a, b) => a.index - b.index), ({ event }) => event);
}
