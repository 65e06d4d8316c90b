/**
 * Which consistency models a workload's history can refute. A model that forbids nothing the checker
 * can see would pass every history, and a verdict that cannot be negative is no verdict: such a model
 * is refused by name. (Maelstrom accepts `linearizable`, `sequential`, `causal` and `PRAM` here, and
 * finds nothing wrong ever.)
 *
 * @module
 */

import {
  anomaliesForbiddenBy,
  consistencyModels,
  isConsistencyModel,
} from "./consistency_models.ts";
import { cycleKinds } from "./cycle_kinds.ts";

/** The two workloads whose histories are judged here. */
export type TransactionalWorkload = "list-append" | "rw-register";

const visibleInBoth: readonly string[] = [
  ...cycleKinds.map((kind) => kind.name),
  "G1a",
  "G1b",
  "internal",
  "lost-update",
];

const visible: Readonly<Record<TransactionalWorkload, readonly string[]>> = {
  "list-append": [
    ...visibleInBoth,
    "dirty-update",
    "duplicate-elements",
    "future-read",
    "incompatible-order",
  ],
  "rw-register": [...visibleInBoth, "cyclic-versions"],
};

/** Thrown when a check is asked for a consistency model that it cannot decide, or that is none. */
export class UndecidableModelError extends Error {
  override readonly name = "UndecidableModelError";

  /** `decidable` are the models that could have been asked for, by their friendly names. */
  constructor(
    readonly model: string,
    readonly workload: TransactionalWorkload,
    readonly decidable: readonly string[],
  ) {
    super(
      (isConsistencyModel(model)
        ? `the consistency model ${model} cannot be decided from a ${workload} history`
        : `there is no consistency model called ${model}`) +
        `; those that can be decided are ${decidable.join(", ")}`,
    );
  }
}

/** The models that a history of this workload can refute, by friendly name, in alphabetical order. */
export function decidableModels(workload: TransactionalWorkload): readonly string[] {
  return consistencyModels.filter((model) => isDecidable(model, workload));
}

/** Throws an {@link UndecidableModelError} for the first model that cannot be decided. */
export function requireDecidable(
  models: readonly string[],
  workload: TransactionalWorkload,
): void {
  for (const model of models) {
    if (isConsistencyModel(model) && isDecidable(model, workload)) continue;
    throw new UndecidableModelError(model, workload, decidableModels(workload));
  }
}

function isDecidable(model: string, workload: TransactionalWorkload): boolean {
  const forbidden = anomaliesForbiddenBy([model]);
  return visible[workload].some((anomaly) => forbidden.has(anomaly));
}
