/**
 * Which consistency models a workload's history can refute. A model that forbids nothing the checker
 * can see would pass every history, and a verdict that cannot be negative is no verdict: such a model
 * is refused by name. (Maelstrom accepts `linearizable`, `sequential`, `causal` and `PRAM` here, and
 * finds nothing wrong ever.)
 *
 * @module
 */

import {
  anomaliesProhibitedBy,
  consistencyModels,
  isConsistencyModel,
} from "./consistency_models.ts";
import { cycleKinds } from "./cycle_kinds.ts";

/** The two workloads whose histories are judged here. */
export type TransactionalWorkload = "list-append" | "rw-register";

const commonAnomalies: readonly string[] = [
  ...cycleKinds.map((kind) => kind.name),
  "G1a",
  "G1b",
  "internal",
  "lost-update",
];

const detectableAnomalies: Readonly<Record<TransactionalWorkload, readonly string[]>> = {
  "list-append": [
    ...commonAnomalies,
    "dirty-update",
    "duplicate-elements",
    "future-read",
    "incompatible-order",
  ],
  "rw-register": [...commonAnomalies, "cyclic-versions"],
};

/** Thrown when a check is asked for a consistency model that it cannot decide, or that is none. */
export class UncheckableModelError extends Error {
  override readonly name = "UncheckableModelError";

  /** `decidable` are the models that could have been asked for, by their friendly names. */
  constructor(
    readonly model: string,
    readonly workload: TransactionalWorkload,
    readonly checkable: readonly string[],
  ) {
    super(
      (isConsistencyModel(model)
        ? `the consistency model ${model} cannot be decided from a ${workload} history`
        : `there is no consistency model called ${model}`) +
        `; those that can be decided are ${checkable.join(", ")}`,
    );
  }
}

/** The models that a history of this workload can refute, by friendly name, in alphabetical order. */
export function checkableModels(workload: TransactionalWorkload): readonly string[] {
  return consistencyModels.filter((model) => isCheckable(model, workload));
}

/** Throws an {@link UncheckableModelError} for the first model that cannot be decided. */
export function requireCheckable(
  models: readonly string[],
  workload: TransactionalWorkload,
): void {
  for (const model of models) {
    if (isConsistencyModel(model) && isCheckable(model, workload)) continue;
    throw new UncheckableModelError(model, workload, checkableModels(workload));
  }
}

function isCheckable(model: string, workload: TransactionalWorkload): boolean {
  const forbidden = anomaliesProhibitedBy([model]);
  return detectableAnomalies[workload].some((anomaly) => forbidden.has(anomaly));
}
