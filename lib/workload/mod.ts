/**
 * All workloads by name, and what a workload is.
 *
 * @module
 */

import { broadcast } from "./broadcast.ts";
import { echo } from "./echo.ts";
import { gCounter } from "./g_counter.ts";
import { gSet } from "./g_set.ts";
import { kafka } from "./kafka.ts";
import { linKv } from "./lin_kv.ts";
import { pnCounter } from "./pn_counter.ts";
import { txnListAppend } from "./txn_list_append.ts";
import { txnRwRegister } from "./txn_rw_register.ts";
import { uniqueIds } from "./unique_ids.ts";
import type { Workload } from "./workload.ts";

export {
  type Assignment,
  forever,
  type Generator,
  type GeneratorContext,
  type Invocation,
  mix,
  onceEach,
  PENDING,
  type Pending,
  timeLimit,
} from "./generator.ts";
export {
  DEFAULT_OPTIONS,
  LATENCY_DISTRIBUTIONS,
  type LatencyDistribution,
  nodeIds,
  type TestOptions,
} from "./options.ts";
export { TOPOLOGIES, type Topology, topologyOf } from "./topology.ts";
export { defineRpc, MalformedReplyError, withErrors } from "./rpc.ts";
export type { CheckContext, Client, Completion, Connection, Workload } from "./workload.ts";

/** The workloads, in the order in which one meets them. */
export const WORKLOADS: readonly Workload[] = [
  echo,
  uniqueIds,
  broadcast,
  gSet,
  gCounter,
  pnCounter,
  kafka,
  linKv,
  txnListAppend,
  txnRwRegister,
];

/** The workload of this name; undefined when there is none. */
export function findWorkload(name: string): Workload | undefined {
  return WORKLOADS.find((workload) => workload.name === name);
}
