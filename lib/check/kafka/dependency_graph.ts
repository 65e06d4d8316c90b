/**
 * The dependencies between operations on logs, as Elle sees them for jepsen.tests.kafka:
 *
 * - *wr*: one sent a message that the other polled;
 * - *ww*: one sent the message that stands right before the other's in a log (only on demand);
 * - *realtime*: one was acknowledged before the other was invoked.
 *
 * Realtime order has a number of edges that is quadratic in the operations; only those that do not
 * follow from others are kept. For that, the acknowledged operations that no later one follows yet
 * are kept at hand: about as many as there are clients.
 *
 * @module
 */

import type { Operation } from "../../history/mod.ts";
import type { Completion } from "./completion.ts";
import type { Partitions } from "./partition.ts";

/** The kinds of dependencies. */
export type Relation = "ww" | "wr" | "realtime";

/** A dependency by way of messages. */
export interface DataEdge {
  readonly relation: "ww" | "wr";
  readonly to: number;
  readonly key: string;
  /** The message sent by the first operation. */
  readonly value: unknown;
  /** For ww: the message sent by the second. */
  readonly next?: unknown;
}

/** The graph. Vertices are places in `operations`. */
export interface DependencyGraph {
  readonly operations: readonly Completion[];
  readonly data: readonly (readonly DataEdge[])[];
  readonly realtime: readonly (readonly number[])[];
}

/** Builds the graph; `writeDependencies` adds the ww edges. */
export function dependencyGraph(
  completions: readonly Completion[],
  partitions: Partitions,
  writeDependencies: boolean,
): DependencyGraph {
  const operations = completions.filter(({ operation }) => isOnLogs(operation));
  const vertexOf = new Map(operations.map((completion, vertex) => [completion, vertex]));
  const data = operations.map((): DataEdge[] => []);
  const link = (from: Completion | undefined, to: Completion, edge: Omit<DataEdge, "to">) => {
    if (from === undefined || from === to) return;
    data[vertexOf.get(from) as number]?.push({ ...edge, to: vertexOf.get(to) as number });
  };
  for (const { key, log, senderOf, pollersOf } of partitions.values()) {
    for (const [value, sender] of senderOf) {
      const pollers = new Set(pollersOf.get(value));
      for (const poller of pollers) link(sender, poller, { relation: "wr", key, value });
      const index = log.indexOf.get(value) ?? 0;
      if (!writeDependencies || index === 0) continue;
      const before = log.byIndex[index - 1];
      link(senderOf.get(before), sender, { relation: "ww", key, value: before, next: value });
    }
  }
  return { operations, data, realtime: realtimeEdges(operations) };
}

/** Whether nothing depends on anything: Elle's empty transaction graph. */
export function isWithoutDependencies(
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
 * Whether there can be no cycle of wr and realtime edges, which is nearly always so and found without
 * a graph: when no operation both sends and polls, and every message was polled after its send was
 * invoked. Every edge then leads to a later event, if a send counts as its invocation and a poll as
 * its completion.
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

function realtimeEdges(operations: readonly Completion[]): number[][] {
  const edges = operations.map((): number[] => []);
  const predecessors = operations.map((): number[] => []);
  const latest = new Set<number>();
  for (const { vertex, invoked } of eventsInOrder(operations)) {
    if (invoked) {
      for (const earlier of latest) {
        edges[earlier]?.push(vertex);
        predecessors[vertex]?.push(earlier);
      }
    } else if (operations[vertex]?.operation.type === "ok") {
      for (const earlier of predecessors[vertex] ?? []) latest.delete(earlier);
      latest.add(vertex);
    }
  }
  return edges;
}

interface Event {
  readonly index: number;
  readonly vertex: number;
  readonly invoked: boolean;
}

function eventsInOrder(operations: readonly Completion[]): Event[] {
  const events: Event[] = [];
  operations.forEach(({ operation, invocation }, vertex) => {
    if (invocation !== undefined) events.push({ index: invocation.index, vertex, invoked: true });
    events.push({ index: operation.index, vertex, invoked: false });
  });
  return events.sort((a, b) => a.index - b.index);
}
