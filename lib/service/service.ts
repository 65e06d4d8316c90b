/**
 * The interface between the network and a service.
 *
 * @module
 */

import type { Body, Message } from "../wire/mod.ts";

/** A node of the network that the workbench itself provides, such as `lin-kv`. */
export interface Service {
  /**
   * Executes a request and returns the reply's body without `in_reply_to`.
   *
   * Replies with error 10 (not-supported) to an unsupported type and with error 12
   * (malformed-request) to a missing field. Maelstrom sends no reply to the former, and treats the
   * latter as null. Values are stored and returned by reference, so callers must not modify them.
   */
  handle(request: Message): Body;
}
