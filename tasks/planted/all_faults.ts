/**
 * All planted faults.
 *
 * @module
 */

import { broadcastFaults } from "./broadcast_faults.ts";
import { caspaxosFaults } from "./caspaxos_faults.ts";
import { counterFaults } from "./counter_faults.ts";
import { logFaults } from "./log_faults.ts";
import type { PlantedFault } from "./planted_fault.ts";
import { raftFaults } from "./raft_faults.ts";
import { registerFaults } from "./register_faults.ts";
import { replicationFaults } from "./replication_faults.ts";
import { rootFaults } from "./root_faults.ts";
import { storeFaults } from "./store_faults.ts";

/** The faults of all protocols. */
export const PLANTED_FAULTS: readonly PlantedFault[] = [
  ...replicationFaults,
  ...broadcastFaults,
  ...counterFaults,
  ...registerFaults,
  ...storeFaults,
  ...logFaults,
  ...rootFaults,
  ...raftFaults,
  ...caspaxosFaults,
];
