/**
 * The faults that can be injected, by name.
 *
 * @module
 */

import type { Fault } from "./fault.ts";
import { duplicate, loss, reorder, slow } from "./message_fault.ts";
import { oneWay, partition } from "./partition.ts";
import { kill, pause } from "./process_fault.ts";
import { skew } from "./skew.ts";

export {
  type Fault,
  type FaultContext,
  type GeneratedPlan,
  type NemesisEvent,
  PlanError,
  type ProcessControl,
} from "./fault.ts";
export {
  generateGrudge,
  generateOneWayGrudge,
  type Grudge,
  ONE_WAY_SHAPES,
  type OneWayShape,
  PARTITION_SHAPES,
  type PartitionShape,
} from "./grudge.ts";
export { partitionRule } from "./partition.ts";
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
  skew,
}));

/** The names that `--nemesis` takes. */
export const FAULT_NAMES: readonly string[] = [...faults.keys()];

/** A new fault of this name, not in force. Throws a RangeError when there is none. */
export function createFault(name: string): Fault {
  const create = faults.get(name);
  if (create === undefined) {
    throw new RangeError(`'${name}' is no fault; there are ${FAULT_NAMES.join(", ")}`);
  }
  return create();
}
