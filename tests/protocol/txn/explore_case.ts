/**
 * Runs cases of the explorer, for tests that need a few of them.
 *
 * @module
 */

import type { TransactionalVerdict } from "../../../lib/check/txn/mod.ts";
import type { NodeFunction } from "../../../lib/node/mod.ts";
import {
  generateCase,
  runCase,
  type RunOutcome,
  simEngineFactory,
} from "../../../lib/workbench/explore/mod.ts";
import type { Workload } from "../../../lib/workload/mod.ts";

/** All faults of the network, and those of nodes that keep their memory. */
export const FAULTS = [
  "partition",
  "one-way",
  "pause",
  "loss",
  "duplicate",
  "reorder",
  "slow",
  "skew",
];

/** A strategy, and the cases to explore. */
export interface Exploration {
  readonly program: NodeFunction;
  readonly strategy: string;
  readonly workload: Workload;
  readonly models: readonly string[];
  readonly faults?: readonly string[];
  readonly nodes?: readonly string[];
  readonly args?: readonly string[];
}

/** Generates and runs the case of a seed. */
export function explore(exploration: Exploration, seed: number): Promise<RunOutcome> {
  const { program, strategy, workload, models, faults = FAULTS, nodes, args = [] } = exploration;
  const request = {
    workload,
    faults,
    bin: "",
    args: ["--strategy", strategy, ...args],
    fixedOptions: { consistencyModels: models, ...(nodes === undefined ? {} : { nodes }) },
  };
  return runCase(generateCase(request, String(seed)), simEngineFactory(program));
}

/** Returns the anomalies that the transactional checker found. */
export function anomaliesOf({ verdict }: RunOutcome): readonly string[] {
  return (verdict.workload as TransactionalVerdict)["anomaly-types"] ?? [];
}
