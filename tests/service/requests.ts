/**
 * Requests to services, for tests.
 *
 * @module
 */

import type { Json } from "../../lib/base/mod.ts";
import type { Service } from "../../lib/service/mod.ts";
import type { Body, Message } from "../../lib/wire/mod.ts";

/** A message with this body from a node to some service. */
export function from(src: string, body: Body): Message {
  return { src, dest: "service", body: { ...body, msg_id: 1 } };
}

/** The body of a read. */
export function read(key: Json): Body {
  return { type: "read", key };
}

/** The body of a write. */
export function write(key: Json, value: Json): Body {
  return { type: "write", key, value };
}

/** The body of a compare-and-set. */
export function cas(key: Json, from: Json, to: Json): Body {
  return { type: "cas", key, from, to };
}

/** The body of a compare-and-set that may create its key. */
export function create(key: Json, from: Json, to: Json): Body {
  return { type: "cas", key, from, to, create_if_not_exists: true };
}

/** What a service answers to this body, asked by node n1. */
export function ask(service: Service, body: Body): Body {
  return service.handle(from("n1", body));
}

/** The reply to a read that found a value. */
export function found(value: Json): Body {
  return { type: "read_ok", value };
}

/** The reply when there is no such key. */
export const NO_KEY: Body = { type: "error", code: 20, text: "key does not exist" };
