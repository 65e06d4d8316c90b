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
import { choice, type Node, quantity, serve } from "../lib/node/mod.ts";
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
  strategy: choice(
    ["causal", "local", "read-uncommitted", "read-committed", "lin-kv"],
    "what transactions may see of each other",
  ),
  interval: quantity(
    100,
    "milliseconds between two messages to a neighbour: with two nodes and 1,000 transactions a " +
      "second a message for every fiftieth of them",
    { least: 1 },
  ),
  retry: quantity(
    800,
    "milliseconds between two messages to a neighbour that does not answer: below the second in " +
      "which a healed cluster has to agree",
    { least: 1 },
  ),
  pause: quantity(
    1,
    "milliseconds that a statement takes with the strategies read-uncommitted and read-committed: " +
      "the least that a timer waits, since it is only there to let others in",
  ),
  ...rootFlags,
};

const registers: Datatype = { write: "w", apply: (_, value) => value };

/** Answers `txn` requests of `["r", key, null]` and `["w", key, value]`. */
export default function txnRwRegister(node: Node) {
  const { strategy, pause, ...options } = node.flags(flags);
  const strategies: Readonly<Record<typeof strategy, () => Transact>> = {
    local: () => transactAtOnce(soleRegisters(node)),
    causal: () => transactAtOnce(replicatedRegisters(node, options)),
    "read-committed": () => transactReadCommitted(node, replicatedRegisters(node, options), pause),
    "read-uncommitted": () =>
      transactReadUncommitted(node, replicatedRegisters(node, options), pause),
    "lin-kv": () => commitByRoot(node, registers, options),
  };
  serveTransactions(node, registers.write, strategies[strategy]());
}

if (import.meta.main) await serve(txnRwRegister);
