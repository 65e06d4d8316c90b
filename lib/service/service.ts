/**
 * What the engines see of a service.
 *
 * @module
 */

import type { Body, Message } from "../wire/mod.ts";

/** A node that the workbench itself runs, such as `lin-kv`. */
export interface Service {
  /**
   * Answers a request with the reply's body, without `in_reply_to`. An unknown type is answered by
   * error 10 (not-supported) and a missing field by 12 (malformed-request), where Maelstrom gives no
   * answer or takes the field for null. Values go in and out by reference, so whoever holds one must
   * not change it.
   */
  handle(request: Message): Body;
}
