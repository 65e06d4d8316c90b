/**
 * Maelstrom's protocol: messages, errors, lines, and what a message must look like.
 *
 * @module
 */

export { ErrorCode, errorName, isDefinite, RpcError } from "./errors.ts";
export { LineFramer } from "./line_framer.ts";
export {
  type Body,
  involvesClient,
  isClientId,
  MalformedMessageError,
  type Message,
  type Parcel,
  SERVICES,
  toMessage,
  toParcel,
} from "./message.ts";
export * as schema from "./schema.ts";
export type { Described, DescribedFields, Fields, Schema } from "./schema.ts";
