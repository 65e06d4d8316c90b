/**
 * Transactions on a cluster, at several levels of isolation.
 *
 * @module
 */

export { runAtOnce } from "./causal.ts";
export { runReadCommitted } from "./read_committed.ts";
export { runReadUncommitted, UncommittedWrites } from "./read_uncommitted.ts";
export { Registers } from "./registers.ts";
export {
  type ApplyWrite,
  commitByRoot,
  type Datatype,
  rootFlags,
  type RootOptions,
} from "./root/mod.ts";
export { type Steps, takeTurns } from "./stepwise.ts";
export {
  replicatedRegisters,
  soleRegisters,
  transactAtOnce,
  transactReadCommitted,
  transactReadUncommitted,
} from "./strategies.ts";
export {
  type MicroOperation,
  readTransaction,
  serveTransactions,
  type Transact,
  type Transaction,
  type Write,
} from "./transaction.ts";
