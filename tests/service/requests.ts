/**
 * Requests to services and expected replies, for tests.
 *
 * @module
 */

import type { Json } from "../../lib/base/mod.ts";
import type { Service } from "../../lib/service/mod.ts";
import type { Body, Message } from "../../lib/wire/mod.ts";

/** Returns a message with the body from a node to a service. */
export function from(src: string, body: Body): Message {
  return { src, dest: "service", body: { ...body, msg_id: 1 } };
}

/** Returns the body of a read. */
export function read(key: Json): Body {
  return { type: "read", key };
}

/** Returns the body of a write. */
export function write(key: Json, value: Json): Body {
  return { type: "write", key, value };
}

/** Returns the body of a compare-and-set. */
export function cas(key: Json, from: Json, to: Json): Body {
  return { type: "cas", key, from, to };
}

/** Returns the body of a compare-and-set with `create_if_not_exists`. */
export function create(key: Json, from: Json, to: Json): Body {
  return { type: "cas", key, from, to, create_if_not_exists: true };
}

/** Sends a request from node n1 to a service and returns the reply's body. */
export function send(service: Service, body: Body): Body {
  return service.handle(from("n1", body));
}

/** Returns the reply to a read of an existing key. */
export function found(value: Json): Body {
  return { type: "read_ok", value };
}

/** The reply to a read or compare-and-set of a missing key. */
export const NO_KEY: Body = { type: "error", code: 20, text: "key does not exist" };
