#!/usr/bin/env -S deno run
/**
 * Transactions on registers (Gossip Glomers challenge 6), at several isolation levels. The file of
 * each strategy in `lib/protocol/txn/` explains its guarantees, anomalies and cost:
 *
 * - `causal` (the default): each transaction reads a causally consistent snapshot; no node waits
 *   for another one.
 * - `local`: the same on a cluster of one node, which makes it strictly serializable (`causal.ts`).
 * - `read-uncommitted`, `read-committed`: transactions of a node interleave between statements.
 *   They cost as much as `causal`, and show which anomalies isolation prevents.
 * - `lin-kv`: strictly serializable on any number of nodes (`root/`): each batch of transactions
 *   that write takes a compare-and-set, a round trip to the store.
 *
 * All but the last are available under any partition, and converge after it has healed.
 *
 * @module
 */
import { flag, serve, withFlags } from "../lib/node/mod.ts";
import { gossipFlags } from "../lib/protocol/crdt/mod.ts";
import {
  commitByRoot,
  type Datatype,
  localRegisters,
  replicatedRegisters,
  rootFlags,
  serveTransactions,
  type Transact,
  transactAtomically,
  transactReadCommitted,
  transactReadUncommitted,
} from "../lib/protocol/txn/mod.ts";

const flags = {
  strategy: flag.oneOf(["causal", "local", "read-uncommitted", "read-committed", "lin-kv"], {
    help: "causal, local, lin-kv, read-(un)committed",
    default: "causal",
  }),
  ...gossipFlags,
  interval: flag.number({
    placeholder: "MS",
    help: "time between messages to a peer",
    default: 100,
    min: 1,
  }),
  pause: flag.number({
    placeholder: "MS",
    help: "read-(un)committed: time between statements",
    default: 1,
  }),
  ...rootFlags,
};

const registers: Datatype = { write: "w", apply: (_, value) => value };

/** Serves `txn` requests of `["r", key, null]` and `["w", key, value]`. */
const txnRwRegister = withFlags({ flags }, (node, options) => {
  const { strategy, pause } = options;
  const strategies: Readonly<Record<typeof strategy, () => Transact>> = {
    local: () => transactAtomically(localRegisters(node)),
    causal: () => transactAtomically(replicatedRegisters(node, options)),
    "read-committed": () => transactReadCommitted(node, replicatedRegisters(node, options), pause),
    "read-uncommitted": () =>
      transactReadUncommitted(node, replicatedRegisters(node, options), pause),
    "lin-kv": () => commitByRoot(node, registers, options),
  };
  serveTransactions(node, registers.write, strategies[strategy]());
});

export default txnRwRegister;
if (import.meta.main) await serve(txnRwRegister);
