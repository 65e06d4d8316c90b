/**
 * The interface of a replicated counter, which every strategy implements.
 *
 * @module
 */

import type { IncomingRequest } from "../../node/mod.ts";

/** A counter, as one node sees it. */
export interface Counter {
  /** Adds an integer; resolves when the node may acknowledge the addition to the client's request. */
  add(delta: number, request: Pick<IncomingRequest, "signal">): void | Promise<void>;
  /** Returns the sum of the additions that this node has received. */
  read(): number | Promise<number>;
}
