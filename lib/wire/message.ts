/**
 * Messages of Maelstrom's protocol: one JSON object a line, with the ids of the sender and the
 * receiver, and a typed body.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject, stringifyJson } from "../base/mod.ts";

/** A message's content: the reserved keys below and any others. */
export interface Body {
  /** The message's type: `echo`, `read_ok`, `error`, … */
  readonly type: string;
  /** The sender's id for the message, unique among its requests; present if it expects a reply. */
  readonly msg_id?: number;
  /** The `msg_id` of the request to which this message replies. */
  readonly in_reply_to?: number;
  /** The fields of the message's type. */
  readonly [key: string]: Json | undefined;
}

/** A message from `src` to `dest`. */
export interface Message {
  /** The sender's id. */
  readonly src: string;
  /** The receiver's id. */
  readonly dest: string;
  /** The body. */
  readonly body: Body;
}

/** A message whose body is unchecked: the network delivers any body, valid or not. */
export interface RawMessage {
  /** The sender's id. */
  readonly src: string;
  /** The receiver's id. */
  readonly dest: string;
  /** The body, which may be malformed. */
  readonly body: unknown;
}

/** The key-value stores and the timestamp oracle that Maelstrom runs beside the nodes. */
export const SERVICES = ["lin-kv", "seq-kv", "lww-kv", "lin-tso"] as const;

const LETTER_C = 99;

/** Whether an id belongs to a client: its first letter is `c`, as in Maelstrom. */
export function isClientId(id: string): boolean {
  return id.charCodeAt(0) === LETTER_C;
}

/** Whether an id can be that of a node: it is not empty, and not that of a client or a service. */
export function isNodeId(id: string): boolean {
  return id !== "" && !isClientId(id) && !SERVICES.some((service) => service === id);
}

/** Parses comma-separated ids of nodes; undefined if one is invalid, or two are equal. */
export function parseNodeIds(text: string): readonly string[] | undefined {
  const ids = text.split(",").map((id) => id.trim());
  return ids.every(isNodeId) && new Set(ids).size === ids.length ? ids : undefined;
}

/** Whether the sender or the receiver of a message is a client. */
export function involvesClient(message: { readonly src: string; readonly dest: string }): boolean {
  return isClientId(message.src) || isClientId(message.dest);
}

/** The length to which an error text shortens a malformed line. */
const MAX_QUOTED_CHARACTERS = 200;

/** A value is not a valid message. The error text names the invalid part. */
export class MalformedMessageError extends Error {
  override readonly name = "MalformedMessageError";
}

/**
 * Validates a parsed line as a message: `src` and `dest` are strings, and `body` is an object with a
 * string `type` and optional integer ids. Deletes ids that are null from the body, since JSON
 * libraries of some languages write null for a missing field.
 *
 * @throws {MalformedMessageError} When the value is not a valid message.
 */
export function toMessage(value: unknown): Message {
  if (!isJsonObject(value)) throw malformed("a message must be a JSON object", value);
  if (typeof value.src !== "string") throw malformed("'src' must be a string", value);
  if (typeof value.dest !== "string") throw malformed("'dest' must be a string", value);
  const body = value.body;
  if (!isJsonObject(body)) throw malformed("'body' must be a JSON object", value);
  if (typeof body.type !== "string") throw malformed("'body.type' must be a string", value);
  if (!isOptionalInteger(body.msg_id)) dropNullId(value, body, "msg_id");
  if (!isOptionalInteger(body.in_reply_to)) dropNullId(value, body, "in_reply_to");
  return value as typeof value & Message;
}

const RAW_MESSAGE_FIELDS: ReadonlySet<string> = new Set(["src", "dest", "body", "id"]);

/**
 * Validates a parsed line as Maelstrom's network does: `src` and `dest` are strings, `body` is an
 * object, and the only other field is an optional integer `id`. What the body contains is the
 * receiver's to validate.
 *
 * @throws {MalformedMessageError} When the value is not a valid raw message.
 */
export function toRawMessage(value: unknown): RawMessage {
  if (!isJsonObject(value)) throw malformed("a message must be a JSON object", value);
  const { src, dest, body, id } = value;
  if (typeof src !== "string") throw malformed("'src' must be a string", value);
  if (typeof dest !== "string") throw malformed("'dest' must be a string", value);
  if (!isJsonObject(body)) throw malformed("'body' must be a JSON object", value);
  if (!isOptionalInteger(id) && typeof id !== "bigint") {
    throw malformed("'id' must be an integer", value);
  }
  for (const name in value) {
    if (!RAW_MESSAGE_FIELDS.has(name)) {
      throw malformed(`unknown field '${name}' outside 'body'; move it into 'body'`, value);
    }
  }
  return { src, dest, body };
}

function isOptionalInteger(value: Json | undefined): boolean {
  return value === undefined || Number.isSafeInteger(value);
}

function dropNullId(message: JsonObject, body: JsonObject, name: string): void {
  if (body[name] !== null) throw malformed(`'body.${name}' must be an integer`, message);
  delete body[name];
}

function malformed(problem: string, value: unknown): MalformedMessageError {
  let found = stringifyJson(value) ?? String(value);
  if (found.length > MAX_QUOTED_CHARACTERS) found = `${found.slice(0, MAX_QUOTED_CHARACTERS)}…`;
  return new MalformedMessageError(`${problem}, got the line ${found}`);
}
