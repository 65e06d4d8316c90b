/**
 * What every broadcast strategy gives to its node, and the shapes that strategies link nodes in.
 *
 * @module
 */

import type { Json, Node } from "../../node/mod.ts";
import {
  type Engine,
  type EntryLog,
  type Policy,
  replicate,
  type RetryOptions,
  type Session,
} from "../../replication/mod.ts";
import type { Fields } from "../../wire/mod.ts";

/** The options of all strategies; each takes what it needs. */
export interface StrategyOptions extends RetryOptions {
  /** Milliseconds between two messages to a peer. */
  readonly intervalMs: number;
  /** The children of a node in the tree. */
  readonly fanout: number;
  /** The links of a node in Plumtree. */
  readonly degree: number;
}

/** The neighbours that a test suggests, by node. */
export type Topology = { readonly [node: string]: readonly string[] };

/** A running strategy. */
export interface Broadcast {
  /** Adds a client's value. */
  add(value: Json): void;
  /** All values that this node has, each once. */
  values(): readonly Json[];
  /** Takes the suggested neighbours; only strategies that keep to a topology need them. */
  suggest?(topology: Topology): void;
}

/** An acknowledgement waits for an update that it can ride on, this long at most. */
export const ACK_TIMING = { ackDelayMs: 150, maxAckDelayMs: 1000 };
/** The last advertisement is sent this long after the last change. */
const IDLE_DELAY_MS = 200;

/**
 * Returns when to advertise in a lazy session: an interval after the last advertisement, and once more
 * when changes cease.
 */
export function advertiseAtMs(
  { lastSentMs, state }: Session,
  pendingMs: number,
  intervalMs: number,
): number {
  const idleMs = state.changedAt(state.version - 1) + IDLE_DELAY_MS;
  return Math.min(Math.max(pendingMs, lastSentMs) + intervalMs, idleMs);
}

/** Replicates a log of values; `messages` are those of the policy's own. */
export function replicateValues(
  node: Node,
  log: EntryLog,
  policy: Policy,
  options: RetryOptions,
  messages?: Readonly<Record<string, Fields>>,
): Broadcast & { readonly engine: Engine } {
  const { engine, changed } = replicate(node, log, policy, options, messages);
  return {
    engine,
    add: (value) => log.add(value, node.monotonic()) && changed(),
    values: () => log.values,
  };
}

/** Returns a node's neighbours in a grid with rows of √n nodes, Maelstrom's default topology. */
export function gridNeighbours(nodes: readonly string[], id: string): string[] {
  const side = Math.ceil(Math.sqrt(nodes.length));
  const index = nodes.indexOf(id);
  const column = index % side;
  return nodesAt(nodes, [
    index - side,
    index + side,
    ...(column > 0 ? [index - 1] : []),
    ...(column + 1 < side ? [index + 1] : []),
  ]);
}

/** Returns a node's parent and its at most `fanout` children in a tree filled level by level. */
export function treeNeighbours(nodes: readonly string[], id: string, fanout: number): string[] {
  const index = nodes.indexOf(id);
  const parent = index === 0 ? [] : [Math.floor((index - 1) / fanout)];
  const children = Array.from({ length: fanout }, (_, child) => index * fanout + child + 1);
  return nodesAt(nodes, [...parent, ...children]);
}

/**
 * Returns a node's neighbours in a ring with chords: `degree` nodes, rounded up to an even number,
 * at distances 1, n^(1/k), n^(2/k), … on either side, where k is half the degree. Few hops lead from
 * any node to any other, as in a random graph, but every node computes the same one.
 */
export function ringNeighbours(nodes: readonly string[], id: string, degree: number): string[] {
  const count = nodes.length;
  const index = nodes.indexOf(id);
  const chords = Math.ceil(degree / 2);
  const distances = Array.from({ length: chords }, (_, k) => Math.round(count ** (k / chords)));
  const around = distances.flatMap((distance) => [index + distance, index - distance + count]);
  const others = new Set(around.map((other) => other % count));
  others.delete(index);
  return nodesAt(nodes, [...others]);
}

function nodesAt(nodes: readonly string[], indexes: readonly number[]): string[] {
  return indexes.flatMap((index) => nodes[index] ?? []);
}
