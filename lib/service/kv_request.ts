/**
 * The requests of the key-value stores: read, write and compare-and-set, and what they answer
 * (Maelstrom's `service.clj`, doc/services.md). The rules are the same whatever else a store keeps
 * beside a value, so a request is decided here, given the value it meets.
 *
 * @module
 */

import { canonicalJson, type Json, jsonEquals, stringifyJson } from "../base/mod.ts";
import { type Body, ErrorCode } from "../wire/mod.ts";

/** What a request comes to: the reply, and the value to store unless there is nothing to store. */
export interface Decision {
  readonly reply: Body;
  readonly write?: Json;
}

/**
 * A text for a request's key, the same for equal JSON values and different for different ones (the
 * string "1" is not the number 1); undefined when the request has no key.
 */
export function keyOf(request: Body): string | undefined {
  const key = request.key;
  if (key === undefined) return undefined;
  return typeof key === "string" ? `"${key}` : canonicalJson(key);
}

/**
 * Decides a request that met `current` (undefined: no such key). `mayCreate` says whether a `cas`
 * may create a missing key when it asks for that.
 */
export function decide(request: Body, current: Json | undefined, mayCreate: boolean): Decision {
  switch (request.type) {
    case "read":
      if (request.key === undefined) return missing("key", request);
      return current === undefined ? noSuchKey() : { reply: { type: "read_ok", value: current } };
    case "write":
      if (request.key === undefined) return missing("key", request);
      if (request.value === undefined) return missing("value", request);
      return { reply: { type: "write_ok" }, write: request.value };
    case "cas":
      return compareAndSet(request, current, mayCreate);
    default:
      return unsupported(request, "read, write and cas");
  }
}

function compareAndSet(request: Body, current: Json | undefined, mayCreate: boolean): Decision {
  const creates = isTruthy(request.create_if_not_exists);
  // Whoever only wants to create has no use for `from`; Maelstrom takes a missing one for null.
  const from = request.from === undefined && creates ? null : request.from;
  if (request.key === undefined) return missing("key", request);
  if (from === undefined) return missing("from", request);
  if (request.to === undefined) return missing("to", request);
  const done = { reply: { type: "cas_ok" }, write: request.to };
  if (current === undefined) return creates && mayCreate ? done : noSuchKey();
  if (jsonEquals(current, from)) return done;
  const text = `current value ${stringifyJson(current)} is not ${stringifyJson(from)}`;
  return error(ErrorCode.preconditionFailed, text);
}

/** Answers a request of a type that the service does not know; `known` names those it does. */
export function unsupported(request: Body, known: string): Decision {
  const type = JSON.stringify(request.type);
  return error(ErrorCode.notSupported, `this service knows ${known}, not ${type}`);
}

function missing(field: string, request: Body): Decision {
  return error(ErrorCode.malformedRequest, `a ${request.type} needs the field '${field}'`);
}

function noSuchKey(): Decision {
  return error(ErrorCode.keyDoesNotExist, "key does not exist");
}

function error(code: number, text: string): Decision {
  return { reply: { type: "error", code, text } };
}

/** As in Clojure: anything but null and false. */
function isTruthy(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== false;
}
