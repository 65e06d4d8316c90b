/**
 * Maelstrom's protocol: messages, error codes, line framing, and schemas for message bodies.
 *
 * @module
 */

export { ErrorCode, errorName, isDefinite, RpcError } from "./errors.ts";
export { LineFramer } from "./line_framer.ts";
export {
  type Body,
  involvesClient,
  isClientId,
  isNodeId,
  MalformedMessageError,
  type Message,
  parseNodeIds,
  type RawMessage,
  SERVICES,
  toMessage,
  toRawMessage,
} from "./message.ts";
export * as schema from "./schema.ts";
export type { Fields, Infer, InferFields, Schema, SchemasOf } from "./schema.ts";
