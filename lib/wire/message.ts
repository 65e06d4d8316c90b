/**
 * Messages as Maelstrom's protocol has them: one JSON object a line, with the ids of sender and
 * receiver and a body that says its type.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject, stringifyJson } from "../base/mod.ts";

/** What a message says. Beside these reserved keys it may hold anything. */
export interface Body {
  /** What kind of message it is: `echo`, `read_ok`, `error`, … */
  readonly type: string;
  /** The sender's number for a message that wants a reply. */
  readonly msg_id?: number;
  /** The `msg_id` of the request that this answers. */
  readonly in_reply_to?: number;
  readonly [key: string]: Json | undefined;
}

/** A message on its way from `src` to `dest`. */
export interface Message {
  readonly src: string;
  readonly dest: string;
  readonly body: Body;
}

/** What the network carries: its body can be anything, and is a {@link Body} where nodes keep to it. */
export interface Parcel {
  readonly src: string;
  readonly dest: string;
  readonly body: unknown;
}

/** The key-value stores and the timestamp oracle that Maelstrom runs beside the nodes. */
export const SERVICES = ["lin-kv", "seq-kv", "lww-kv", "lin-tso"] as const;

/** Whether an id is a client's: Maelstrom goes by its first letter. */
export function isClientId(id: string): boolean {
  return id.charCodeAt(0) === 99;
}

/** Whether either end of a message is a client. */
export function involvesClient(message: { readonly src: string; readonly dest: string }): boolean {
  return isClientId(message.src) || isClientId(message.dest);
}

/** Thrown for a value that is no message; says which part is wrong. */
export class MalformedMessageError extends Error {
  override readonly name = "MalformedMessageError";
}

/**
 * Takes a parsed line for a message. Throws a {@link MalformedMessageError} unless `src` and `dest`
 * are strings and `body` is an object whose `type` is a string and whose ids, if any, are integers.
 * An id that is null, as some languages write one that is not there, is taken out of the body.
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

/**
 * Takes a parsed line for something that the network can carry, as Maelstrom does: `src` and `dest`
 * are strings, there is a body, and nothing else but an integer `id`. What the body says is between
 * sender and receiver. Throws a {@link MalformedMessageError}.
 */
export function toParcel(value: unknown): Parcel {
  if (!isJsonObject(value)) throw malformed("a message must be a JSON object", value);
  const { src, dest, body, id, ...others } = value;
  if (typeof src !== "string") throw malformed("'src' must be a string", value);
  if (typeof dest !== "string") throw malformed("'dest' must be a string", value);
  if (body === undefined) throw malformed("'body' is missing", value);
  if (!isOptionalInteger(id)) throw malformed("'id' must be an integer", value);
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw malformed(`a message has no '${other}'; put it in the body`, value);
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
  let seen = stringifyJson(value) ?? String(value);
  if (seen.length > 200) seen = `${seen.slice(0, 200)}…`;
  return new MalformedMessageError(`${problem}, but the line was ${seen}`);
}
