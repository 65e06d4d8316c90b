/**
 * All that a node needs: `export default function (node: Node) {…}` and `serve`.
 *
 * @module
 */

export {
  choice,
  EXIT_USAGE,
  LONGEST_INTERVAL_MS,
  type NodeFlag,
  parseNodeFlags,
  quantity,
  toggle,
  UsageError,
} from "./flags.ts";
export type { FlagValues, NodeFlags } from "./flags.ts";
export type { Host } from "./host.ts";
export { hasCode, KeyValueStore, TimestampOracle } from "./kv.ts";
export type {
  CancelTimer,
  Handler,
  Node,
  NodeFunction,
  Reply,
  RetryOptions,
  RpcOptions,
} from "./node.ts";
export { NodeRuntime } from "./runtime.ts";
export { serve } from "./serve.ts";
export type { Json, JsonObject } from "../base/mod.ts";
export { canonicalJson, isJsonObject } from "../base/mod.ts";
export { type Body, ErrorCode, type Message, RpcError, schema } from "../wire/mod.ts";
