/**
 * The consistency models that a workload can check. If a checker can detect no anomaly that a model
 * prohibits, every history would be valid under that model. Such models are rejected. Maelstrom
 * accepts some of them (`linearizable`, `sequential`, `causal`, `PRAM`) and calls every history
 * valid.
 *
 * @module
 */

import {
  anomaliesProhibitedBy,
  consistencyModels,
  isConsistencyModel,
} from "./consistency_models.ts";
import { cycleKinds } from "./cycle_kinds.ts";

/** The workloads whose histories are transactions. */
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

/** Thrown for the name of a consistency model that is unknown or that the workload cannot check. */
export class UncheckableModelError extends Error {
  /** The name of the class. */
  override readonly name = "UncheckableModelError";

  /** `checkable` holds the friendly names of the models that the workload can check. */
  constructor(
    readonly model: string,
    readonly workload: TransactionalWorkload,
    readonly checkable: readonly string[],
  ) {
    super(
      (isConsistencyModel(model)
        ? `a ${workload} history cannot refute the consistency model "${model}"`
        : `unknown consistency model "${model}"`) +
        `; choose one of ${checkable.join(", ")}`,
    );
  }
}

/** Returns the friendly names of the models that a workload can check, in alphabetical order. */
export function checkableModels(workload: TransactionalWorkload): readonly string[] {
  return consistencyModels.filter((model) => isCheckable(model, workload));
}

/** Throws an {@link UncheckableModelError} for the first model that the workload cannot check. */
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
  const prohibited = anomaliesProhibitedBy([model]);
  return detectableAnomalies[workload].some((anomaly) => prohibited.has(anomaly));
}
