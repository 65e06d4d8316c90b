/**
 * The requests of the key-value services, read, write and compare-and-set, and their replies
 * (Maelstrom's `service.clj` and doc/services.md). The rules depend only on the request and the
 * key's current value, so stores with and without timestamps share them.
 *
 * @module
 */

import { canonicalJson, invariant, type Json, jsonEquals, stringifyJson } from "../base/mod.ts";
import { type Body, ErrorCode } from "../wire/mod.ts";

/** The effect of a request: the reply, and the key's new value unless the request writes nothing. */
export interface Decision {
  readonly reply: Body;
  readonly write?: Json;
}

/**
 * Returns a text that identifies a request's key; undefined when the request has no key. Two texts
 * are equal if and only if the keys are equal JSON values, so the string "1" is not the number 1.
 */
export function keyOf(request: Body): string | undefined {
  const key = request.key;
  if (key === undefined) return undefined;
  return typeof key === "string" ? `"${key}` : canonicalJson(key);
}

/**
 * Decides a request, given the key's current value; undefined means that the key does not exist.
 * `mayCreate` permits `create_if_not_exists` to create a missing key.
 */
export function decide(request: Body, current: Json | undefined, mayCreate: boolean): Decision {
  switch (request.type) {
    case "read":
      if (request.key === undefined) return missingField("key", request);
      if (current === undefined) return keyDoesNotExist();
      return { reply: { type: "read_ok", value: current } };
    case "write":
      if (request.key === undefined) return missingField("key", request);
      if (request.value === undefined) return missingField("value", request);
      return { reply: { type: "write_ok" }, write: request.value };
    case "cas":
      return compareAndSet(request, current, mayCreate);
    default:
      return unsupported(request, "read, write, cas");
  }
}

function compareAndSet(request: Body, current: Json | undefined, mayCreate: boolean): Decision {
  const creates = isTruthy(request.create_if_not_exists);
  // A request that creates a key needs no `from`; Maelstrom treats a missing one as null.
  const from = request.from === undefined && creates ? null : request.from;
  if (request.key === undefined) return missingField("key", request);
  if (from === undefined) return missingField("from", request);
  if (request.to === undefined) return missingField("to", request);
  const success = { reply: { type: "cas_ok" }, write: request.to };
  if (current === undefined) return creates && mayCreate ? success : keyDoesNotExist();
  if (jsonEquals(current, from)) return success;
  const text = `current value ${stringifyJson(current)} is not ${stringifyJson(from)}`;
  return errorReply(ErrorCode.preconditionFailed, text);
}

/** Rejects a request of an unsupported type with error 10 (not-supported). */
export function unsupported(request: Body, supported: string): Decision {
  const type = JSON.stringify(request.type);
  const text = `unsupported request type ${type}; this service supports ${supported}`;
  return errorReply(ErrorCode.notSupported, text);
}

function missingField(field: string, request: Body): Decision {
  invariant(request[field] === undefined, "the field is missing from the request");
  const text = `a ${request.type} request requires the field '${field}'`;
  return errorReply(ErrorCode.malformedRequest, text);
}

function keyDoesNotExist(): Decision {
  return errorReply(ErrorCode.keyDoesNotExist, "key does not exist");
}

function errorReply(code: number, text: string): Decision {
  return { reply: { type: "error", code, text } };
}

/** Whether Clojure, Maelstrom's language, treats a value as true: all but null and false. */
function isTruthy(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== false;
}
