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

import { choice, type Node, quantity, schema, serve } from "../lib/node/mod.ts";
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

const milliseconds = { least: 1 };
const count = { least: 1, integer: true };

/** Its flags, with their defaults. */
export const broadcastFlags = {
  strategy: choice(
    ["hub", "mesh", "retry", "batch", "tree", "plumtree", "flood"],
    "how values travel; hub needs the fewest messages, mesh is the quickest",
  ),
  interval: quantity(
    380,
    "hub: ms between two flushes. 380 + one latency of 100 + margin leave 90 of the 600 ms of " +
      "challenge 3d; 1500 is within the 2 s of 3e at a third of its messages",
    milliseconds,
  ),
  margin: quantity(
    30,
    "hub: ms before the hub's flush that news should arrive. 25 processes on two cores are mostly " +
      "late by less",
  ),
  "keep-alive": quantity(
    2000,
    "hub: ms after which a node acknowledges if it has nothing to say. A leaf of challenge 3d says " +
      "something every 500 ms, so it is seldom needed",
    milliseconds,
  ),
  "repair-interval": quantity(
    4000,
    "mesh: ms between two offers to and from the hub while there are news: 0.2 messages an " +
      "operation at 25 nodes and rate 100, where 3000 takes 0.3. With 5000 a value whose messages " +
      "get lost takes up to 5.3 s, with this 3.7 s",
    milliseconds,
  ),
  grace: quantity(
    250,
    "mesh: ms that an offered value may still be under way at most, and no longer than an answer " +
      "takes; two latencies of 100 and some",
  ),
  "batch-interval": quantity(
    100,
    "batch: ms between two messages to a neighbour. The 8 hops of a grid of 25, 100 ms latency and " +
      "as much waiting each, stay below the 2 s of challenge 3e",
  ),
  branches: quantity(
    5,
    "tree: how many children a node has. 25 nodes are then at most 4 hops apart, 400 ms of latency",
    count,
  ),
  neighbours: quantity(
    6,
    "plumtree: how many links a node has. The paper's view of 5 for 10,000 nodes, made even",
    count,
  ),
  "lazy-interval": quantity(
    1000,
    "plumtree: ms between two offers on a lazy link. 14.3 messages an operation in challenge 3d; " +
      "with 300 it is 16.9. With 3000 it is 13.6, but then a value that the tree lost takes up to " +
      "4.2 s where it takes 2 s now",
  ),
  "graft-hops": quantity(
    8,
    "plumtree: for how many hops' time an offered value may still come along the tree. That of 25 " +
      "nodes with 6 links has at most 6, from leaf to root to leaf, and values may wait",
    count,
  ),
  quiet: quantity(
    200,
    "mesh, plumtree: ms after the last news that what is left to offer is offered, so that a " +
      "cluster at rest has converged within a second",
    milliseconds,
  ),
  "ack-after": quantity(
    150,
    "all but hub and flood: ms without news after which a node acknowledges. Where values pass both " +
      "ways it seldom has to",
    milliseconds,
  ),
  "ack-longest": quantity(
    1000,
    "retry, batch, tree, plumtree: ms after which it acknowledges although more news come",
    milliseconds,
  ),
  slack: quantity(
    100,
    "ms that a busy machine may add to a round trip before news are repeated. In challenge 3d with " +
      "lost messages 0 to 200 differ by three messages in a hundred",
  ),
  "retry-most": quantity(
    600,
    "ms that repeated news back off to, if no round trip takes longer: within 1 s of a heal " +
      "something is sent, and goes on",
    milliseconds,
  ),
  attempts: quantity(
    3,
    "tries without an answer after which a link gets probes only. With 1 every pause opens it: 2.6 " +
      "messages an operation in challenge 3d with pauses and losses, where 3 takes 1.34 and 5 1.33",
    count,
  ),
  "probe-first": quantity(
    200,
    "ms before the first probe of those that do not answer. In challenge 3c 100 to 400 differ by " +
      "two messages in a hundred",
    milliseconds,
  ),
  "probe-most": quantity(
    800,
    "ms that probes back off to: within 1 s of a heal it is noticed. In challenge 3c retry takes " +
      "2.9 messages an operation, with 400 it is 3.1",
    milliseconds,
  ),
};

type Given = ReturnType<typeof readFlags>;

function readFlags(node: Node) {
  return node.flags(broadcastFlags);
}

/** Takes `broadcast` and `topology`, answers `read`. */
export default function broadcast(node: Node): () => Machine | undefined {
  const given = readFlags(node);
  const running = runMachine(node, (self) => createMachine(self, given));
  node.on("topology", { topology: schema.record(schema.array(schema.string)) }, ({ topology }) => {
    // Who is not in it is told nothing, and keeps the neighbours that it would have without.
    const neighbours = topology[node.id];
    if (neighbours !== undefined) {
      running.tell((machine, now, out) => machine.topology(neighbours, now, out));
    }
    return { type: "topology_ok" };
  });
  node.on("broadcast", { message: schema.json }, ({ message }) => {
    running.tell((machine, now, out) => machine.broadcast(message, now, out));
    return { type: "broadcast_ok" };
  });
  node.on("read", () => ({ type: "read_ok", messages: [...(running.machine?.values ?? [])] }));
  return () => running.machine;
}

function createMachine(self: Identity, given: Given): Machine {
  const probe = { first: given["probe-first"], most: given["probe-most"] };
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
      const own = treeNeighbours(self.nodes, self.id, given.branches);
      const shape = { own, suggestible: false };
      return new Neighbours(self, shape, { interval: 0, timing: mutualTiming(given), probe });
    }
    case "plumtree": {
      const own = ringNeighbours(self.nodes, self.id, given.neighbours);
      return new Plumtree(self, own, { ...plumtreePace(given), probe });
    }
    case "flood":
      return new Flood(self, grid);
  }
}

function patience(given: Given) {
  return { slack: given.slack, retryMost: given["retry-most"], attempts: given.attempts };
}

function hubPace(given: Given) {
  const { interval, margin } = given;
  return { ...patience(given), interval, margin, keepAlive: given["keep-alive"] };
}

function meshPace(given: Given) {
  const { quiet, grace } = given;
  const ack = given["ack-after"];
  const timing = { ackQuiet: ack, ackLongest: ack, peerQuiet: ack, peerLongest: ack + grace };
  const repairInterval = given["repair-interval"];
  return { repairInterval, quiet, grace, timing: { ...patience(given), ...timing } };
}

function plumtreePace(given: Given) {
  const { quiet } = given;
  const lazyInterval = given["lazy-interval"];
  const graftHops = given["graft-hops"];
  // Offers go both ways on a lazy link and acknowledge each other, if they are waited for; and an
  // offer may be looked at twice before it is acknowledged.
  const ackLongest = Math.max(given["ack-longest"], 1.5 * lazyInterval);
  const timing = { ...mutualTiming(given), ackLongest, peerLongest: ackLongest + lazyInterval };
  return { lazyInterval, quiet, graftHops, timing };
}

/** The timing of links whose two ends do the same. */
function mutualTiming(given: Given): LinkTiming {
  const quiet = given["ack-after"];
  const longest = given["ack-longest"];
  return {
    ...patience(given),
    ackQuiet: quiet,
    ackLongest: longest,
    peerQuiet: quiet,
    peerLongest: longest,
  };
}

if (import.meta.main) await serve(broadcast);
