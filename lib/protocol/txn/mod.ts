/**
 * Transactions on a cluster, at several isolation levels. `nodes/txn_rw_register.ts` has the
 * strategies `causal` and `local`.
 *
 * @module
 */

export { transactByRaft } from "./raft.ts";
export { readCommitted } from "./read_committed.ts";
export { readUncommitted } from "./read_uncommitted.ts";
export { commitByRoot, type Datatype, rootFlags, type RootOptions } from "./root/mod.ts";
export {
  type ApplyWrite,
  canonicalKey,
  type MicroOperation,
  overwrite,
  serveTransactions,
  State,
  type Store,
  type Transact,
  type Transaction,
  type Write,
  type WriteName,
} from "./transaction.ts";
