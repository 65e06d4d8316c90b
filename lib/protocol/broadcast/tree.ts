/**
 * Strategy `tree`: changes travel along a tree that every node computes alike.
 *
 * **Idea.** Node i of the list of nodes has the nodes i·f + 1 … i·f + f for its children. A node sends
 * what it lacks to each neighbour in the tree immediately. That is n − 1 messages for a value, and a
 * latency for each of at most 2·log_f n hops.
 *
 * **Why nothing is lost.** The engine acknowledges and retransmits on every link. A link that is cut
 * separates a whole branch: until the partition heals, the engine's relays reach it slowly.
 *
 * @module
 */

import type { Node } from "../../node/mod.ts";
import { EntryLog, type Policy } from "../../replication/mod.ts";
import {
  ACK_TIMING,
  type Broadcast,
  replicateValues,
  type StrategyOptions,
  treeNeighbours,
} from "./strategy.ts";

/** Starts the strategy. */
export function tree(node: Node, options: StrategyOptions): Broadcast {
  const neighbours = treeNeighbours(node.nodes, node.id, options.fanout);
  const policy: Policy = {
    peers: () => neighbours,
    timing: () => ({ own: ACK_TIMING, peer: ACK_TIMING }),
    sendAtMs: (_session, pendingMs) => pendingMs,
  };
  return replicateValues(node, new EntryLog(node), policy, options);
}
