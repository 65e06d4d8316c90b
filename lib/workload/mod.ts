/**
 * The ten workloads by name, and the types of which a workload consists.
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

export { type Json, Random } from "../base/mod.ts";
export type { Valid, Verdict } from "../check/mod.ts";
export type { Endpoint } from "../contract/mod.ts";
export { type History, NEMESIS, type Operation, type OperationType } from "../history/mod.ts";
export {
  type Body,
  type Fields,
  type Infer,
  type InferFields,
  RpcError,
  type Schema,
  schema,
} from "../wire/mod.ts";
export {
  type Assignment,
  forever,
  type Generator,
  type GeneratorContext,
  type Invocation,
  mix,
  oncePerWorker,
  PENDING,
  type Pending,
  withTimeLimit,
} from "./generator.ts";
export {
  DEFAULT_OPTIONS,
  LATENCY_DISTRIBUTIONS,
  type LatencyDistribution,
  nodeIds,
  type TestOptions,
} from "./options.ts";
export {
  defineRpc,
  MalformedReplyError,
  type Overridden,
  type Overrides,
  type Rpc,
  type Tolerance,
  withErrors,
} from "./rpc.ts";
export type { FinalState, StatePart, StateReads } from "./state_reads.ts";
export { TOPOLOGIES, type Topology, topologyOf } from "./topology.ts";
export {
  completeOptions,
  type GivenOptions,
  InvalidOptionsError,
  OPTION_NAMES,
  type Optional,
  optionsProblem,
  rejectUnknownOptions,
  validateOptions,
} from "./valid_options.ts";
export type {
  CheckContext,
  Client,
  Completion,
  Connection,
  VerdictOf,
  Workload,
} from "./workload.ts";

/** The ten workloads, from the simplest to the most demanding. */
export const workloads = {
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
} as const satisfies Readonly<Record<string, Workload>>;

/** The workloads in the order of {@link workloads}. */
export const WORKLOADS: readonly Workload[] = Object.values(workloads);

/** Returns the workload with this Maelstrom name, such as `g-set`; undefined for another name. */
export function findWorkload(name: string): Workload | undefined {
  return WORKLOADS.find((workload) => workload.name === name);
}
