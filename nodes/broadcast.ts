#!/usr/bin/env -S deno run
/**
 * Broadcast: a value that a client tells one node is to be read from all of them (Gossip Glomers
 * challenges 3a to 3e). Needs no permissions.
 *
 * **The idea.** A node acknowledges a value at once, writes it to its log and passes the log on;
 * what differs between the strategies is to whom, and when. With n nodes, e links and latency L,
 * for each value:
 *
 * | Strategy | To whom and when | Messages | Until all can read it |
 * |---|---|---|---|
 * | `hub` | to one node, and from there to all, every `interval` T | at most 2·(n−1)/T a second | T + L |
 * | `mesh` | to all at once; a slow round of comparing notes repairs | n−1 | L |
 * | `retry` | to the suggested neighbours at once | e to 2·e | L for each hop |
 * | `batch` | to the suggested neighbours every `batch-interval` T | at most 2·e/T a second | L + T for each hop |
 * | `tree` | along a tree of our own at once | n−1 | L for each hop |
 * | `plumtree` | along a tree that grows by itself and mends itself | n−1, and offers | L for each hop |
 * | `flood` | to the suggested neighbours, nothing acknowledged | e to 2·e | L for each hop |
 *
 * **Why it is right.** Two linked nodes follow each other's log by position. A message says which
 * positions it covers, the answer acknowledges a position, and a link with anything unacknowledged
 * goes on until it has none: it repeats, asks, in the end only probes. So loss, duplicates,
 * reordering, pauses and partitions, also of one direction only, delay values and lose none; and
 * when messages pass again, what one node knows gets to all those that links connect. Values are
 * told apart by where and as which one they were said, and read once however often they were said.
 * A node that lost its memory is a new one to the others: they compare digests (a number for each
 * origin, not the values) and send what it lacks.
 *
 * **What it costs.** Memory for all values, as it takes to read them out. A digest when two
 * nodes meet or a link was torn; otherwise nothing in proportion to what is known. A link whose
 * other end does not answer costs a probe now and then, and an idle cluster is silent. After a heal
 * all nodes have the same within a second and twelve latencies.
 *
 * **What it does not survive.** A node that is killed takes along what it has acknowledged and not
 * yet passed on. A static tree (`tree`) cut in two stays so until it heals; `hub`, `mesh` and
 * `plumtree` find other ways. `flood` loses what any fault takes.
 *
 * @module
 */

import { contract, defineNode, flag, type FlagValues, serve } from "../lib/node/mod.ts";
import {
  Flood,
  gridNeighbours,
  Hub,
  type Identity,
  type LinkTiming,
  type Machine,
  Mesh,
  Neighbours,
  Plumtree,
  ringNeighbours,
  runMachine,
  treeNeighbours,
} from "../lib/protocol/broadcast/mod.ts";

const ms = { placeholder: "MS" } as const;
const count = { placeholder: "N", min: 1, integer: true } as const;

/** Its flags, with their defaults. */
export const broadcastFlags = {
  strategy: flag.oneOf(["hub", "mesh", "retry", "batch", "tree", "plumtree", "flood"], {
    help: "hub, mesh, retry, batch, tree, plumtree or flood",
    default: "hub",
  }),
  interval: flag.number({ ...ms, help: "hub: time between flushes", default: 380, min: 1 }),
  "flush-margin": flag.number({ ...ms, help: "hub: send this long before a flush", default: 30 }),
  "hub-ack-delay": flag.number({ ...ms, help: "hub: acknowledge after", default: 2000, min: 1 }),
  "repair-interval": flag.number({
    ...ms,
    help: "mesh: time between IHAVEs",
    default: 4000,
    min: 1,
  }),
  "ihave-timeout": flag.number({ ...ms, help: "mesh: wait for an entry", default: 250 }),
  "batch-interval": flag.number({ ...ms, help: "batch: time between batches", default: 100 }),
  fanout: flag.number({ ...count, help: "tree: children of a node", default: 5 }),
  degree: flag.number({ ...count, help: "plumtree: links of a node", default: 6 }),
  "lazy-interval": flag.number({ ...ms, help: "plumtree: time between IHAVEs", default: 1000 }),
  "graft-hops": flag.number({ ...count, help: "plumtree: hops before a graft", default: 8 }),
  "idle-delay": flag.number({
    ...ms,
    help: "mesh, plumtree: last IHAVE after",
    default: 200,
    min: 1,
  }),
  "ack-delay": flag.number({ ...ms, help: "acknowledge when idle for", default: 150, min: 1 }),
  "max-ack-delay": flag.number({ ...ms, help: "acknowledge at the latest", default: 1000, min: 1 }),
  "rto-margin": flag.number({ ...ms, help: "added to each round trip", default: 100 }),
  "max-rto": flag.number({ ...ms, help: "longest retransmission delay", default: 600, min: 1 }),
  "max-timeouts": flag.number({ ...count, help: "timeouts that open a circuit", default: 3 }),
  "min-probe-delay": flag.number({ ...ms, help: "time to the first probe", default: 200, min: 1 }),
  "max-probe-delay": flag.number({ ...ms, help: "longest time to a probe", default: 800, min: 1 }),
};

type Given = FlagValues<typeof broadcastFlags>;

/** Takes `broadcast` and `topology`, answers `read`. */
const broadcast = defineNode(
  { flags: broadcastFlags, serves: contract.broadcast },
  (node, flags) => {
    const running = runMachine(node, (self) => createMachine(self, flags));
    node.exposeState(() => running.machine);
    return {
      topology: ({ topology }) => {
        // A node missing from the topology keeps its default neighbours.
        const neighbours = topology[node.id];
        if (neighbours !== undefined) {
          running.tell((machine, now, out) => machine.topology(neighbours, now, out));
        }
        return {};
      },
      broadcast: ({ message }) => {
        running.tell((machine, now, out) => machine.broadcast(message, now, out));
        return {};
      },
      read: () => ({ messages: [...running.machine.values] }),
    };
  },
);

export default broadcast;

function createMachine(self: Identity, given: Given): Machine {
  const probe = { first: given["min-probe-delay"], most: given["max-probe-delay"] };
  const grid = gridNeighbours(self.nodes, self.id);
  switch (given.strategy) {
    case "hub":
      return new Hub(self, { ...hubPace(given), probe });
    case "mesh":
      return new Mesh(self, { ...meshPace(given), probe });
    case "retry":
    case "batch": {
      const interval = given.strategy === "retry" ? 0 : given["batch-interval"];
      const shape = { own: grid, suggestible: true };
      return new Neighbours(self, shape, { interval, timing: mutualTiming(given), probe });
    }
    case "tree": {
      const own = treeNeighbours(self.nodes, self.id, given.fanout);
      const shape = { own, suggestible: false };
      return new Neighbours(self, shape, { interval: 0, timing: mutualTiming(given), probe });
    }
    case "plumtree": {
      const own = ringNeighbours(self.nodes, self.id, given.degree);
      return new Plumtree(self, own, { ...plumtreePace(given), probe });
    }
    case "flood":
      return new Flood(self, grid);
  }
}

function patience(given: Given) {
  return {
    slack: given["rto-margin"],
    retryMost: given["max-rto"],
    attempts: given["max-timeouts"],
  };
}

function hubPace(given: Given) {
  const { interval, "flush-margin": margin, "hub-ack-delay": keepAlive } = given;
  return { ...patience(given), interval, margin, keepAlive };
}

function meshPace(given: Given) {
  const { "idle-delay": quiet, "ihave-timeout": grace, "ack-delay": ack } = given;
  const timing = { ackQuiet: ack, ackLongest: ack, peerQuiet: ack, peerLongest: ack + grace };
  const repairInterval = given["repair-interval"];
  return { repairInterval, quiet, grace, timing: { ...patience(given), ...timing } };
}

function plumtreePace(given: Given) {
  const quiet = given["idle-delay"];
  const lazyInterval = given["lazy-interval"];
  const graftHops = given["graft-hops"];
  // Offers go both ways on a lazy link and acknowledge each other, if they are waited for; and an
  // offer may be looked at twice before it is acknowledged.
  const ackLongest = Math.max(given["max-ack-delay"], 1.5 * lazyInterval);
  const timing = { ...mutualTiming(given), ackLongest, peerLongest: ackLongest + lazyInterval };
  return { lazyInterval, quiet, graftHops, timing };
}

/** The timing of links whose two ends do the same. */
function mutualTiming(given: Given): LinkTiming {
  const quiet = given["ack-delay"];
  const longest = given["max-ack-delay"];
  return {
    ...patience(given),
    ackQuiet: quiet,
    ackLongest: longest,
    peerQuiet: quiet,
    peerLongest: longest,
  };
}

if (import.meta.main) await serve(broadcast);
