/**
 * Judges Maelstrom's `lin-kv` workload: registers that are independent of each other, each of which
 * has to be linearizable by itself. Linearizability is local (Herlihy and Wing, "Linearizability: a
 * correctness condition for concurrent objects", TOPLAS 1990, theorem 1), so all of them together
 * are if each is; and ten small searches are easier than one of their product.
 *
 * @module
 */

import { canonicalJson } from "../../base/mod.ts";
import { type History, isClientOperation, type Operation } from "../../history/mod.ts";
import { compareJson } from "../compare_json.ts";
import { mergeValid, type Verdict } from "../verdict.ts";
import { casRegister } from "./cas_register.ts";
import { checkLinearizable, type LinearizableOptions } from "./check_linearizable.ts";

/**
 * Judges a history whose values are `[key, value]`: `read` (null until it is answered), `write`,
 * and `cas` with `[key, [from, to]]`. `results` has each key's verdict as `linearizable`, and
 * `failures` the keys that are not. The time limit is for all keys together, and the limit of
 * configurations for each.
 */
export function checkLinearizableRegisters(
  history: History,
  options: LinearizableOptions = {},
): Verdict {
  const parts = [...partsByKey(history).values()].sort((a, b) => compareJson(a.key, b.key));
  const { now, timeLimitMs: timeLimit_ms = 60_000 } = options;
  const deadline = (now?.() ?? 0) + timeLimit_ms;
  const results = new Map<unknown, Verdict>();
  parts.forEach(({ key, operations }, place) => {
    // What a key leaves over of its share goes to those after it.
    const shareMs = Math.max(0, deadline - (now?.() ?? 0)) / (parts.length - place);
    const linearizable = checkLinearizable(operations, casRegister, {
      ...options,
      timeLimitMs: shareMs,
    });
    results.set(key, { linearizable, "valid?": linearizable["valid?"] });
  });
  return {
    "valid?": mergeValid([...results.values()].map((result) => result["valid?"])),
    results,
    failures: [...results].filter(([, result]) => result["valid?"] === false).map(([key]) => key),
  };
}

interface Part {
  readonly key: unknown;
  readonly operations: Operation[];
}

/** The operations of each key, their values without it. */
function partsByKey(history: History): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const operation of history) {
    if (!isClientOperation(operation)) continue;
    const { value } = operation;
    if (!Array.isArray(value) || value.length !== 2) continue;
    const name = canonicalJson(value[0]);
    const part: Part = parts.get(name) ?? { key: value[0], operations: [] };
    parts.set(name, part);
    part.operations.push({ ...operation, value: value[1] });
  }
  return parts;
}
