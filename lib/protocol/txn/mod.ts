/**
 * Transactions on a cluster, at several isolation levels.
 *
 * @module
 */

export { runAtomically } from "./causal.ts";
export { runWithPauses, type Steps } from "./interleaving.ts";
export { runReadCommitted } from "./read_committed.ts";
export { runReadUncommitted, UncommittedWrites } from "./read_uncommitted.ts";
export { Registers } from "./registers.ts";
export { commitByRoot, type Datatype, rootFlags, type RootOptions } from "./root/mod.ts";
export {
  localRegisters,
  replicatedRegisters,
  transactAtomically,
  transactReadCommitted,
  transactReadUncommitted,
} from "./strategies.ts";
export {
  type ApplyWrite,
  type MicroOperation,
  serveTransactions,
  type Transact,
  type Transaction,
  type Write,
  type WriteName,
} from "./transaction.ts";
