/**
 * What happens when a node's code throws.
 *
 * @module
 */

import { InvariantError } from "../base/mod.ts";
import type { Host } from "./host.ts";

/** Returns an error's stack, or the thrown value as text. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/**
 * Logs what a part of the node threw. A violated invariant ends the node: its state cannot be
 * trusted any more.
 */
export function reportThrow(host: Pick<Host, "log" | "fail">, thrower: string, error: unknown) {
  if (error instanceof InvariantError) host.fail(error);
  else host.log(`${thrower} threw: ${stackOf(error)}`);
}
