/**
 * Nodes with a planted fault, and what explores them.
 *
 * @module
 */

import type { NodeFunction } from "../../../lib/node/mod.ts";
import { simulated } from "../../../lib/workbench/explore/simulated.ts";
import type { EngineFactory } from "../../../lib/workbench/explore/run_case.ts";
import type { SwarmRequest } from "../../../lib/workbench/explore/swarm.ts";
import { findWorkload, type Workload } from "../../../lib/workload/mod.ts";
import amnesicCounter from "../../support/explore_nodes/amnesic_counter.ts";
import carefulBroadcast from "../../support/explore_nodes/careful_broadcast.ts";
import clockIds from "../../support/explore_nodes/clock_ids.ts";
import forgetfulBroadcast from "../../support/explore_nodes/forgetful_broadcast.ts";
import repeatingIds from "../../support/explore_nodes/repeating_ids.ts";

/** A node to explore. */
export interface Explored {
  readonly name: string;
  readonly request: SwarmRequest;
  readonly createEngine: EngineFactory;
}

/** A node with a fault, and in how many seeds it must be found. */
export interface Planted extends Explored {
  readonly failure: string;
  readonly withinSeeds: number;
}

/** Sets up a node to be explored. */
export function explored(
  name: string,
  workload: string,
  program: NodeFunction,
  faults: readonly string[],
): Explored {
  return {
    name,
    request: {
      faults,
      workload: findWorkload(workload) as Workload,
      bin: `tests/support/explore_nodes/${name}.ts`,
      args: [],
      pinned: {},
    },
    createEngine: simulated(program),
  };
}

const network = ["partition", "one-way", "loss", "duplicate", "reorder", "slow"];

/** All planted faults. */
export const PLANTED: readonly Planted[] = [
  {
    ...explored("forgetful_broadcast", "broadcast", forgetfulBroadcast, ["partition", "slow"]),
    failure: "workload: lost",
    withinSeeds: 20,
  },
  {
    ...explored("amnesic_counter", "g-counter", amnesicCounter, ["kill", "pause"]),
    failure: "workload: unacceptable-read",
    withinSeeds: 20,
  },
  {
    ...explored("repeating_ids", "unique-ids", repeatingIds, ["kill", ...network]),
    failure: "workload: duplicated-id",
    withinSeeds: 20,
  },
  {
    ...explored("clock_ids", "unique-ids", clockIds, ["skew", "pause"]),
    failure: "workload: duplicated-id",
    withinSeeds: 60,
  },
];

/** A node without a fault under these. */
export const CORRECT: Explored = explored("careful_broadcast", "broadcast", carefulBroadcast, [
  ...network,
  "pause",
  "skew",
]);
