/**
 * Cases that the explorer draws, for tests that look at a handful of them.
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

/** All faults of the network and of nodes that keep their memory. */
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

/** What to explore. */
export interface Exploring {
  readonly program: NodeFunction;
  readonly strategy: string;
  readonly workload: Workload;
  readonly models: readonly string[];
  readonly faults?: readonly string[];
  readonly nodes?: readonly string[];
  readonly args?: readonly string[];
}

/** Runs the case of a seed. */
export function explore(exploring: Exploring, seed: number): Promise<RunOutcome> {
  const { program, strategy, workload, models, faults = FAULTS, nodes, args = [] } = exploring;
  const request = {
    workload,
    faults,
    bin: "",
    args: ["--strategy", strategy, ...args],
    fixedOptions: { consistencyModels: models, ...(nodes === undefined ? {} : { nodes }) },
  };
  return runCase(generateCase(request, String(seed)), simEngineFactory(program));
}

/** The anomalies that the transactional checker found. */
export function anomaliesOf({ verdict }: RunOutcome): readonly string[] {
  return (verdict.workload as TransactionalVerdict)["anomaly-types"] ?? [];
}
