/**
 * The strategies on replicated registers, connected to a node.
 *
 * @module
 */

import type { FlagValues, Node } from "../../node/mod.ts";
import { type gossipFlags, replicate } from "../crdt/mod.ts";
import { runAtomically } from "./causal.ts";
import { runWithPauses } from "./interleaving.ts";
import { runReadCommitted } from "./read_committed.ts";
import { runReadUncommitted, UncommittedWrites } from "./read_uncommitted.ts";
import { Registers } from "./registers.ts";
import type { Transact } from "./transaction.ts";

/** Returns registers that are not replicated. Warns in the log if the cluster has more nodes. */
export function localRegisters(node: Node): Registers {
  if (node.peers.length > 0) {
    node.log("strategy local is for a cluster of one node: these nodes never converge");
  }
  return new Registers("");
}

/** Returns registers that are replicated to all nodes, at the pace of these flags. */
export function replicatedRegisters(
  node: Node,
  flags: FlagValues<typeof gossipFlags>,
): Registers {
  return replicate(node, flags, new Registers(`${node.id}/${node.incarnation}`));
}

/** Strategies `causal` and `local`. */
export function transactAtomically(registers: Registers): Transact {
  return (transaction) => runAtomically(registers, transaction);
}

/** Strategy `read-committed`; a statement takes `pauseMs` milliseconds. */
export function transactReadCommitted(
  node: Node,
  registers: Registers,
  pauseMs: number,
): Transact {
  return (transaction) => {
    const steps = runReadCommitted(registers, transaction);
    return runWithPauses(node, pauseMs, transaction.length, steps);
  };
}

/** Strategy `read-uncommitted`; a statement takes `pauseMs` milliseconds. */
export function transactReadUncommitted(
  node: Node,
  registers: Registers,
  pauseMs: number,
): Transact {
  const uncommitted = new UncommittedWrites();
  return (transaction) => {
    const steps = runReadUncommitted(registers, uncommitted, transaction);
    return runWithPauses(node, pauseMs, transaction.length, steps);
  };
}
