/**
 * All faults, by name.
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

/** Describes the first unknown name of a fault; undefined when all are known. */
export function faultNamesProblem(names: readonly string[]): string | undefined {
  const unknown = names.find((name) => !faults.has(name));
  if (unknown === undefined) return undefined;
  return `unknown fault "${unknown}"; choose from ${FAULT_NAMES.join(", ")}`;
}

/** Creates a fault by name; the fault is not started. Throws a RangeError for an unknown name. */
export function createFault(name: string): Fault {
  const create = faults.get(name);
  if (create === undefined) throw new RangeError(faultNamesProblem([name]));
  return create();
}
