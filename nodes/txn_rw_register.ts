#!/usr/bin/env -S deno run
/**
 * Transactions on registers (Gossip Glomers challenge 6), at several levels of isolation. What each
 * promises, why that is so, what it allows and what it costs is said in the file of its name in
 * `lib/protocol/txn/`:
 *
 * - `causal` (the default): every transaction sees a whole snapshot, causes before effects; no node
 *   ever waits for another.
 * - `local`: the same for one node, which makes it strictly serializable. (In `causal.ts`.)
 * - `read-uncommitted`, `read-committed`: transactions of a node take turns between statements.
 *   They cost the same as `causal` and show what isolation is good for.
 * - `lin-kv`: strictly serializable on any number of nodes, by the root of `root/`: two messages
 *   for each group of transactions that write, and a round trip to the store.
 *
 * All but the last are available under any partition, and agree once messages pass again.
 *
 * @module
 */
import { flag, serve, withFlags } from "../lib/node/mod.ts";
import { gossipFlags } from "../lib/protocol/crdt/mod.ts";
import {
  commitByRoot,
  type Datatype,
  replicatedRegisters,
  rootFlags,
  serveTransactions,
  soleRegisters,
  type Transact,
  transactAtOnce,
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

/** Answers `txn` requests of `["r", key, null]` and `["w", key, value]`. */
const txnRwRegister = withFlags({ flags }, (node, options) => {
  const { strategy, pause } = options;
  const strategies: Readonly<Record<typeof strategy, () => Transact>> = {
    local: () => transactAtOnce(soleRegisters(node)),
    causal: () => transactAtOnce(replicatedRegisters(node, options)),
    "read-committed": () => transactReadCommitted(node, replicatedRegisters(node, options), pause),
    "read-uncommitted": () =>
      transactReadUncommitted(node, replicatedRegisters(node, options), pause),
    "lin-kv": () => commitByRoot(node, registers, options),
  };
  serveTransactions(node, registers.write, strategies[strategy]());
});

export default txnRwRegister;
if (import.meta.main) await serve(txnRwRegister);
