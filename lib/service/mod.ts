/**
 * The services that Maelstrom runs beside the nodes, each a pure store × a consistency wrapper.
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
import { tsoStore } from "./tso_store.ts";

export { Eventual } from "./eventual.ts";
export { type KvState, kvStore } from "./kv_store.ts";
export { Linearizable } from "./linearizable.ts";
export { type LwwState, lwwStore } from "./lww_store.ts";
export { type History, Sequential } from "./sequential.ts";
export type { Service } from "./service.ts";
export type { MergeableStore, Outcome, Store } from "./store.ts";
export { tsoStore } from "./tso_store.ts";

/**
 * New services, all of them empty, by node id: lin-kv, seq-kv, lww-kv and lin-tso. Each draws from
 * a fork of `random`, so the use of one never shifts what another does.
 *
 * As in Maelstrom's source (which computes a merge and then drops it), the replicas of lww-kv never
 * meet: what one request writes, half of the later ones never see. With `lwwMerges` they do meet, as
 * Maelstrom's documentation has it (see {@link Eventual}).
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
    ["lin-tso", new Linearizable(tsoStore)],
  ]);
}
