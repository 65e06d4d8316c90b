/**
 * The services of Maelstrom's network. Each combines a state machine with a consistency model.
 *
 * @module
 */

import type { Random } from "../base/mod.ts";
import { Eventual } from "./eventual.ts";
import { kvStore } from "./kv_store.ts";
import { Linearizable } from "./linearizable.ts";
import { lwwStore } from "./lww_store.ts";
import { Sequential } from "./sequential.ts";
import type { Service } from "./service.ts";
import { timestampOracle } from "./timestamp_oracle.ts";

export { Eventual } from "./eventual.ts";
export { decide, type Decision, keyOf, unsupported } from "./kv_request.ts";
export { type KvState, kvStore } from "./kv_store.ts";
export { Linearizable } from "./linearizable.ts";
export { type LwwState, lwwStore } from "./lww_store.ts";
export { Sequential, type SequentialSnapshot } from "./sequential.ts";
export type { Service } from "./service.ts";
export type { MergeableStateMachine, StateMachine, Transition } from "./state_machine.ts";
export { timestampOracle } from "./timestamp_oracle.ts";

/**
 * Creates the services lin-kv, seq-kv, lww-kv and lin-tso in their initial states, by node id. Each
 * service draws from its own fork of `random`, so requests to one do not affect another.
 *
 * By default, the replicas of lww-kv never merge, as in Maelstrom's code. With `lwwMerges` they do,
 * as in Maelstrom's documentation (see {@link Eventual}).
 */
export function createServices(
  random: Random,
  options: { readonly lwwMerges?: boolean } = {},
): ReadonlyMap<string, Service> {
  const merges = options.lwwMerges ?? false;
  return new Map<string, Service>([
    ["lin-kv", new Linearizable(kvStore)],
    ["seq-kv", new Sequential(kvStore, random.fork("seq-kv"))],
    ["lww-kv", new Eventual(lwwStore, random.fork("lww-kv"), { merges })],
    ["lin-tso", new Linearizable(timestampOracle)],
  ]);
}
