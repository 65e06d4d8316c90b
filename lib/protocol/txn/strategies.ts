/**
 * The strategies on replicated registers, each wired to a node.
 *
 * @module
 */

import type { Node } from "../../node/mod.ts";
import { replicate } from "../crdt/mod.ts";
import { runAtOnce } from "./causal.ts";
import { runReadCommitted } from "./read_committed.ts";
import { runReadUncommitted, UncommittedWrites } from "./read_uncommitted.ts";
import { Registers } from "./registers.ts";
import { takeTurns } from "./stepwise.ts";
import type { Transact } from "./transaction.ts";

/** Registers of which each node has its own, and tells nobody. */
export function soleRegisters(node: Node): Registers {
  if (node.peers.length > 0) node.log("strategy local is for one node: these nodes never agree");
  return new Registers("");
}

/** Registers that are replicated between all nodes, at this pace (in milliseconds). */
export function replicatedRegisters(
  node: Node,
  pace: { readonly interval: number; readonly retry: number },
): Registers {
  return replicate(node, pace, new Registers(`${node.id}/${node.incarnation}`));
}

/** Strategies `causal` and `local`. */
export function transactAtOnce(registers: Registers): Transact {
  return (transaction) => runAtOnce(registers, transaction);
}

/** Strategy `read-committed`; a statement takes `pause` milliseconds. */
export function transactReadCommitted(
  node: Node,
  registers: Registers,
  pause: number,
): Transact {
  return (transaction) => {
    const steps = runReadCommitted(registers, transaction);
    return takeTurns(node, pause, transaction.length, steps);
  };
}

/** Strategy `read-uncommitted`; a statement takes `pause` milliseconds. */
export function transactReadUncommitted(
  node: Node,
  registers: Registers,
  pause: number,
): Transact {
  const uncommitted = new UncommittedWrites();
  return (transaction) => {
    const steps = runReadUncommitted(registers, uncommitted, transaction);
    return takeTurns(node, pause, transaction.length, steps);
  };
}
