#!/usr/bin/env -S deno run
/**
 * Broadcast: a value that a client sends to one node can eventually be read from every node (Gossip
 * Glomers challenges 3a to 3e). Needs no permissions.
 *
 * **The idea.** A node acknowledges a value immediately, appends it to its log and replicates the log
 * to its peers. The strategies differ in the receivers and the time of sending. With n nodes, e links
 * and a latency of L, each value costs:
 *
 * | Strategy | Receivers and time | Messages | Time until all nodes return it |
 * |---|---|---|---|
 * | `hub` | one node, which forwards it to all nodes every `interval` T | at most 2·(n−1)/T per second | T + L |
 * | `mesh` | all nodes, immediately; periodic anti-entropy repairs losses | n−1 | L |
 * | `retry` | the suggested neighbours, immediately | e to 2·e | L per hop |
 * | `batch` | the suggested neighbours, every `batch-interval` T | at most 2·e/T per second | L + T per hop |
 * | `tree` | neighbours in a fixed tree, immediately | n−1 | L per hop |
 * | `plumtree` | neighbours in a self-repairing tree, immediately | n−1, and IHAVEs | L per hop |
 * | `flood` | the suggested neighbours, immediately, without acknowledgements | e to 2·e | L per hop |
 *
 * **Why it is right.** Linked nodes replicate each other's log by position. Each message names the
 * range of positions that it covers, and the receiver acknowledges a position. While a link has
 * unacknowledged entries, its sender retransmits them, requests a digest, or probes. Loss, duplicates,
 * reordering, pauses and partitions, one-way partitions included, therefore delay values and lose
 * none. When messages arrive again, every value reaches all nodes that links connect. A value's
 * identity is the node that accepted it and a sequence number; a read returns equal values once. A node
 * that lost its memory has a new incarnation. Its peers compare digests with it (one number per origin,
 * not the values) and send the missing entries.
 *
 * **What it costs.** Memory for all values, which reads return anyway. Two nodes exchange digests when
 * they first meet or after a circuit was open; other messages contain new entries only. An unreachable
 * peer costs occasional probes. An idle cluster sends nothing. After a heal all nodes agree within one
 * second and twelve latencies.
 *
 * **What it does not survive.** A killed node loses the values that it acknowledged and did not
 * replicate yet. A static tree (`tree`) that is partitioned stays so until the partition heals; `hub`,
 * `mesh` and `plumtree` find other routes. `flood` loses every value that a fault drops.
 *
 * @module
 */

import { contract, defineNode, flag, type FlagValues, serve } from "../lib/node/mod.ts";
import {
  Flood,
  gridNeighbours,
  Hub,
  type LinkTiming,
  type LocalNode,
  Mesh,
  Neighbours,
  Plumtree,
  ringNeighbours,
  runStrategy,
  type Strategy,
  treeNeighbours,
} from "../lib/protocol/broadcast/mod.ts";

const ms = { placeholder: "MS" } as const;
const count = { placeholder: "N", min: 1, integer: true } as const;

/** The node's flags with their defaults. */
export const broadcastFlags = {
  strategy: flag.oneOf(["hub", "mesh", "retry", "batch", "tree", "plumtree", "flood"], {
    help: "hub, mesh, retry, batch, tree, plumtree or flood",
    default: "hub",
  }),
  interval: flag.number({ ...ms, help: "hub: time between flushes", default: 380, min: 1 }),
  "flush-margin": flag.number({
    ...ms,
    help: "hub: how early entries reach it before a flush",
    default: 30,
  }),
  "hub-ack-delay": flag.number({
    ...ms,
    help: "hub: longest ack delay of a leaf",
    default: 2000,
    min: 1,
  }),
  "repair-interval": flag.number({
    ...ms,
    help: "mesh: time between IHAVEs",
    default: 4000,
    min: 1,
  }),
  "ihave-timeout": flag.number({
    ...ms,
    help: "mesh: wait for advertised entries",
    default: 250,
  }),
  "batch-interval": flag.number({ ...ms, help: "batch: time between batches", default: 100 }),
  fanout: flag.number({ ...count, help: "tree: children of a node", default: 5 }),
  degree: flag.number({ ...count, help: "plumtree: neighbours of a node", default: 6 }),
  "lazy-interval": flag.number({ ...ms, help: "plumtree: time between IHAVEs", default: 1000 }),
  "graft-hops": flag.number({
    ...count,
    help: "plumtree: hops to wait before a GRAFT",
    default: 8,
  }),
  "idle-delay": flag.number({
    ...ms,
    help: "mesh, plumtree: idle time before the last IHAVE",
    default: 200,
    min: 1,
  }),
  "ack-delay": flag.number({ ...ms, help: "ack delay after the last entry", default: 150, min: 1 }),
  "max-ack-delay": flag.number({
    ...ms,
    help: "longest ack delay while entries arrive",
    default: 1000,
    min: 1,
  }),
  "rto-margin": flag.number({
    ...ms,
    help: "retransmission timeout beyond the round trip",
    default: 100,
  }),
  "max-rto": flag.number({
    ...ms,
    help: "longest retransmission timeout",
    default: 600,
    min: 1,
  }),
  "max-timeouts": flag.number({
    ...count,
    help: "consecutive timeouts that open a circuit",
    default: 3,
  }),
  "min-probe-delay": flag.number({ ...ms, help: "time to the first probe", default: 200, min: 1 }),
  "max-probe-delay": flag.number({
    ...ms,
    help: "longest time between two probes",
    default: 800,
    min: 1,
  }),
};

type Flags = FlagValues<typeof broadcastFlags>;

/** Broadcasts values to all nodes and answers reads from the node's own log. */
const broadcast = defineNode(
  { flags: broadcastFlags, serves: contract.broadcast },
  (node, flags) => {
    const runner = runStrategy(node, (self) => createStrategy(self, flags));
    node.exposeState(() => runner.strategy);
    return {
      topology: ({ topology }) => {
        // A node missing from the topology keeps its default neighbours.
        const neighbours = topology[node.id];
        if (neighbours !== undefined) {
          runner.dispatch((strategy, now, out) => strategy.topology(neighbours, now, out));
        }
        return {};
      },
      broadcast: ({ message }) => {
        runner.dispatch((strategy, now, out) => strategy.broadcast(message, now, out));
        return {};
      },
      read: () => ({ messages: [...runner.strategy.values] }),
    };
  },
);

export default broadcast;

function createStrategy(self: LocalNode, flags: Flags): Strategy {
  const probe = { minDelayMs: flags["min-probe-delay"], maxDelayMs: flags["max-probe-delay"] };
  const grid = gridNeighbours(self.nodes, self.id);
  switch (flags.strategy) {
    case "hub":
      return new Hub(self, { ...hubOptions(flags), probe });
    case "mesh":
      return new Mesh(self, { ...meshOptions(flags), probe });
    case "retry":
    case "batch": {
      const intervalMs = flags.strategy === "retry" ? 0 : flags["batch-interval"];
      const topology = { initial: grid, followsSuggestion: true };
      return new Neighbours(self, topology, { intervalMs, timing: symmetricTiming(flags), probe });
    }
    case "tree": {
      const initial = treeNeighbours(self.nodes, self.id, flags.fanout);
      const topology = { initial, followsSuggestion: false };
      const timing = symmetricTiming(flags);
      return new Neighbours(self, topology, { intervalMs: 0, timing, probe });
    }
    case "plumtree": {
      const neighbours = ringNeighbours(self.nodes, self.id, flags.degree);
      return new Plumtree(self, neighbours, { ...plumtreeOptions(flags), probe });
    }
    case "flood":
      return new Flood(self, grid);
  }
}

function retransmission(flags: Flags) {
  return {
    rtoMarginMs: flags["rto-margin"],
    maxRtoMs: flags["max-rto"],
    maxTimeouts: flags["max-timeouts"],
  };
}

function hubOptions(flags: Flags) {
  return {
    ...retransmission(flags),
    flushIntervalMs: flags.interval,
    flushMarginMs: flags["flush-margin"],
    hubAckDelayMs: flags["hub-ack-delay"],
  };
}

function meshOptions(flags: Flags) {
  const { "ihave-timeout": ihaveTimeoutMs, "ack-delay": ackDelayMs } = flags;
  const timing = {
    ...retransmission(flags),
    ackDelayMs,
    maxAckDelayMs: ackDelayMs,
    peerAckDelayMs: ackDelayMs,
    peerMaxAckDelayMs: ackDelayMs + ihaveTimeoutMs,
  };
  const repairIntervalMs = flags["repair-interval"];
  return { repairIntervalMs, idleDelayMs: flags["idle-delay"], ihaveTimeoutMs, timing };
}

function plumtreeOptions(flags: Flags) {
  const lazyIntervalMs = flags["lazy-interval"];
  // On a lazy link both ends send IHAVEs, and each IHAVE acknowledges the other end's. A receiver waits
  // for one before it sends a separate acknowledgement, and may check two IHAVEs before that.
  const maxAckDelayMs = Math.max(flags["max-ack-delay"], 1.5 * lazyIntervalMs);
  const peerMaxAckDelayMs = maxAckDelayMs + lazyIntervalMs;
  const timing = { ...symmetricTiming(flags), maxAckDelayMs, peerMaxAckDelayMs };
  const graftHops = flags["graft-hops"];
  return { lazyIntervalMs, idleDelayMs: flags["idle-delay"], graftHops, timing };
}

/** Returns the timing of links whose two ends have the same ack delays. */
function symmetricTiming(flags: Flags): LinkTiming {
  const ackDelayMs = flags["ack-delay"];
  const maxAckDelayMs = flags["max-ack-delay"];
  return {
    ...retransmission(flags),
    ackDelayMs,
    maxAckDelayMs,
    peerAckDelayMs: ackDelayMs,
    peerMaxAckDelayMs: maxAckDelayMs,
  };
}

if (import.meta.main) await serve(broadcast);
