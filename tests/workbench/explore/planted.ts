/**
 * Nodes with planted faults, and the configurations with which tests explore them.
 *
 * @module
 */

import type { NodeFunction } from "../../../lib/node/mod.ts";
import { simEngineFactory } from "../../../lib/workbench/explore/sim_engine_factory.ts";
import type { EngineFactory } from "../../../lib/workbench/explore/run_case.ts";
import type { SwarmConfig } from "../../../lib/workbench/explore/swarm.ts";
import { findWorkload, type Workload } from "../../../lib/workload/mod.ts";
import volatileCounter from "../../support/explore_nodes/volatile_counter.ts";
import retryingBroadcast from "../../support/explore_nodes/retrying_broadcast.ts";
import wallClockIds from "../../support/explore_nodes/wall_clock_ids.ts";
import fireAndForgetBroadcast from "../../support/explore_nodes/fire_and_forget_broadcast.ts";
import volatileIds from "../../support/explore_nodes/volatile_ids.ts";

/** A node and the configuration of its exploration. */
export interface Explored {
  readonly name: string;
  readonly config: SwarmConfig;
  readonly createEngine: EngineFactory;
}

/** A node with a planted fault, and the number of seeds within which it must be found. */
export interface Planted extends Explored {
  readonly failure: string;
  readonly withinSeeds: number;
}

/** Returns the configuration for a node of tests/support/explore_nodes. */
export function explored(
  name: string,
  workload: string,
  program: NodeFunction,
  faults: readonly string[],
): Explored {
  return {
    name,
    config: {
      faults,
      workload: findWorkload(workload) as Workload,
      bin: `tests/support/explore_nodes/${name}.ts`,
      args: [],
      fixedOptions: {},
    },
    createEngine: simEngineFactory(program),
  };
}

const networkFaults = ["partition", "one-way", "loss", "duplicate", "reorder", "slow"];

/** The nodes with planted faults. */
export const PLANTED: readonly Planted[] = [
  {
    ...explored("fire_and_forget_broadcast", "broadcast", fireAndForgetBroadcast, [
      "partition",
      "slow",
    ]),
    failure: "workload: lost",
    withinSeeds: 20,
  },
  {
    ...explored("volatile_counter", "g-counter", volatileCounter, ["kill", "pause"]),
    failure: "workload: unacceptable-read",
    withinSeeds: 20,
  },
  {
    ...explored("volatile_ids", "unique-ids", volatileIds, ["kill", ...networkFaults]),
    failure: "workload: duplicated-id",
    withinSeeds: 20,
  },
  {
    ...explored("wall_clock_ids", "unique-ids", wallClockIds, ["skew", "pause"]),
    failure: "workload: duplicated-id",
    withinSeeds: 60,
  },
  {
    // Each node sends its values to all peers itself, so that one broken link isolates a node.
    ...explored("retrying_broadcast", "broadcast", retryingBroadcast, [
      "partial-partition",
      "loss",
    ]),
    failure: "workload: lost",
    withinSeeds: 20,
  },
];

/** A node that is correct under the given faults, which do not include a partial partition. */
export const CORRECT: Explored = explored("retrying_broadcast", "broadcast", retryingBroadcast, [
  ...networkFaults,
  "pause",
  "skew",
]);
