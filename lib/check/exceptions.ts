/**
 * Lists the exceptions that clients threw, as Jepsen's `unhandled-exceptions` checker.
 *
 * @module
 */

import { isJsonObject } from "../base/mod.ts";
import type { History, Operation } from "../history/mod.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Lists the unhandled exceptions of clients by class, the most frequent first: `count`, `class` and
 * an `example` operation. Always valid, as in Jepsen; `exceptions` is absent if no client threw.
 */
export function checkExceptions(history: History): Verdict {
  const byClass = new Map<string, Operation[]>();
  for (const operation of history) {
    if (operation.type !== "info" || operation.exception === undefined) continue;
    const name = className(operation.exception);
    const thrown = byClass.get(name);
    if (thrown === undefined) byClass.set(name, [operation]);
    else thrown.push(operation);
  }
  if (byClass.size === 0) return { "valid?": true };
  const exceptions = [...byClass]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([name, thrown]) => ({ count: thrown.length, class: name, example: thrown[0] }));
  return { "valid?": true, exceptions };
}

/** Returns the class of the outermost exception. */
function className(exception: unknown): string {
  const via = isJsonObject(exception) ? exception["via"] : undefined;
  const outermost = Array.isArray(via) ? via[0] : undefined;
  const type = isJsonObject(outermost) ? outermost["type"] : undefined;
  return typeof type === "string" ? type : "unknown";
}
