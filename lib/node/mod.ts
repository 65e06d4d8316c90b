/**
 * The node library: everything that a node's author imports.
 *
 * @module
 */

export {
  canonicalJson,
  type Defaulted,
  type DefaultedFlag,
  type Flag,
  flag,
  type FlagTable,
  type FlagValues,
  InvariantError,
  isJsonObject,
  type Json,
  type JsonObject,
  UsageError,
  type ValueOf,
} from "../base/mod.ts";
export * as contract from "../contract/mod.ts";
export {
  type Contract,
  type ContractOf,
  defineContract,
  type Definitions,
  type Endpoint,
  type FieldValues,
  type Flat,
  type ReplyOf,
  type RequestOf,
} from "../contract/mod.ts";
export {
  type Body,
  ErrorCode,
  type Fields,
  type Infer,
  type InferFields,
  type Message,
  RpcError,
  type Schema,
  schema,
} from "../wire/mod.ts";
export { CLIENT_TIMEOUT_MS, REPLY_DEADLINE_MS, REQUEST_DEADLINE_MS } from "./deadline.ts";
export {
  defineNode,
  type ExploredFlags,
  type FlagDefinition,
  type NodeFunction,
  type NodeProgram,
  serveContract,
  withFlags,
} from "./define_node.ts";
export { EXIT_USAGE, MAX_INTERVAL_MS, parseNodeFlags } from "./flags.ts";
export type { Host } from "./host.ts";
export { IncomingRequest } from "./incoming_request.ts";
export { hasCode, KeyValueStore, TimestampOracle } from "./kv.ts";
export type {
  CancelTimer,
  ContractHandlers,
  EndpointHandler,
  Handler,
  Node,
  Reply,
  ReplyBody,
  RetryOptions,
  RpcOptions,
} from "./node.ts";
export { type PreparedProgram, prepareProgram } from "./prepare_program.ts";
export { NodeRuntime } from "./runtime.ts";
export { serve } from "./serve.ts";
export { CorruptStorageError, type Recovered, type Storage } from "./storage/storage.ts";
