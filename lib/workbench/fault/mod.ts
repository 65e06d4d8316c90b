/**
 * All faults, by name.
 *
 * @module
 */

import type { Fault } from "./fault.ts";
import { disk } from "./disk.ts";
import { membership } from "./membership.ts";
import { duplicate, loss, reorder, slow, slowServices } from "./message_fault.ts";
import { oneWay, partialPartition, partition } from "./partition.ts";
import { kill, pause } from "./process_fault.ts";
import { skew } from "./skew.ts";

export { ActiveGrudges } from "./active_grudges.ts";
export {
  type Fault,
  type FaultContext,
  type GeneratedPlan,
  type NemesisEvent,
  PlanError,
  type ProcessControl,
  type RequestOutcome,
} from "./fault.ts";
export { POWER_LOST } from "./disk.ts";
export {
  generateGrudge,
  generateOneWayGrudge,
  type Grudge,
  ONE_WAY_SHAPES,
  type OneWayShape,
  PARTITION_SHAPES,
  type PartitionShape,
} from "./grudge.ts";
export { lostMessages } from "./message_fault.ts";
export { partitionRule } from "./partition.ts";
export {
  generatePartialGrudge,
  PARTIAL_PARTITION_SHAPES,
  type PartialPartitionShape,
} from "./partial_partition.ts";
export { PROCESS_KILLED } from "./process_fault.ts";

const faults: ReadonlyMap<string, () => Fault> = new Map(Object.entries({
  partition,
  "one-way": oneWay,
  kill,
  pause,
  loss,
  duplicate,
  reorder,
  slow,
  "slow-services": slowServices,
  skew,
  "partial-partition": partialPartition,
  disk,
  membership,
}));

/** The names that `--nemesis` takes. */
export const FAULT_NAMES: readonly string[] = [...faults.keys()];

/** Describes the first unknown name of a fault; undefined when all are known. */
export function faultNamesProblem(names: readonly string[]): string | undefined {
  const unknown = names.find((name) => !faults.has(name));
  if (unknown === undefined) return undefined;
  return `unknown fault "${unknown}"; choose from ${FAULT_NAMES.join(", ")}`;
}

/** The faults that stay active until the end of a run. */
export const PERSISTENT_FAULT_NAMES: readonly string[] = FAULT_NAMES.filter((name) =>
  createFault(name).persists === true
);

/** Creates a fault by name; the fault is not started. Throws a RangeError for an unknown name. */
export function createFault(name: string): Fault {
  const create = faults.get(name);
  if (create === undefined) throw new RangeError(faultNamesProblem([name]));
  return create();
}
