/**
 * The faults that can be injected, by name.
 *
 * @module
 */

import type { Fault } from "./fault.ts";
import { partition } from "./partition.ts";

export type { Drawn, Fault, FaultSurface, NemesisEvent, ProcessControl } from "./fault.ts";
export { drawGrudge, type Grudge, PARTITION_SHAPES, type PartitionShape } from "./grudge.ts";
export { partitionRule } from "./partition.ts";

const faults: Readonly<Record<string, () => Fault>> = { partition };

/** The names that `--nemesis` takes. */
export const FAULT_NAMES: readonly string[] = Object.keys(faults);

/** A new fault of this name. Throws a RangeError when there is none. */
export function createFault(name: string): Fault {
  const create = faults[name];
  if (create === undefined) {
    throw new RangeError(`'${name}' is no fault; there are ${FAULT_NAMES.join(", ")}`);
  }
  return create();
}
