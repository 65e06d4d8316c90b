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

/** A node's registers; known once the node knows who it is. */
export type RegistersOf = () => Registers;

/** Registers of which each node has its own, and tells nobody. */
export function soleRegisters(node: Node): RegistersOf {
  const registers = new Registers("");
  node.on("init", () => {
    if (node.peers.length > 0) node.log("the strategy local is for one node: these never agree");
  });
  return () => registers;
}

/** Registers that are replicated between all nodes, at this pace (in milliseconds). */
export function replicatedRegisters(
  node: Node,
  pace: { readonly interval: number; readonly retry: number },
): RegistersOf {
  return replicate(node, pace, (life) => new Registers(`${node.id}/${life}`));
}

/** Strategies `causal` and `local`. */
export function transactAtOnce(registers: RegistersOf): Transact {
  return (transaction) => runAtOnce(registers(), transaction);
}

/** Strategy `read-committed`; a statement takes `pause` milliseconds. */
export function transactReadCommitted(
  node: Node,
  registers: RegistersOf,
  pause: number,
): Transact {
  return (transaction) => {
    const steps = runReadCommitted(registers(), transaction);
    return takeTurns(node, pause, transaction.length, steps);
  };
}

/** Strategy `read-uncommitted`; a statement takes `pause` milliseconds. */
export function transactReadUncommitted(
  node: Node,
  registers: RegistersOf,
  pause: number,
): Transact {
  const uncommitted = new UncommittedWrites();
  return (transaction) => {
    const steps = runReadUncommitted(registers(), uncommitted, transaction);
    return takeTurns(node, pause, transaction.length, steps);
  };
}
