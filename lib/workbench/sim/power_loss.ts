/**
 * What a loss of power does to a simulated machine: to its disk, and to its folder.
 *
 * @module
 */

import { Random } from "../../base/mod.ts";
import { frameEnds } from "../../node/storage/mod.ts";
import type { DiskDamage, PowerLoss } from "../engine.ts";
import type { SimMachine } from "./sim_machine.ts";
import type { SimulatedDisk } from "./simulated_disk.ts";

/** Cuts the power of a machine, with what its disk and its folder have not made durable. */
export function loseMachinePower({ disk, folder }: SimMachine, loss: PowerLoss): DiskDamage {
  const onDisk = losePower(disk, loss);
  if (!folder.isUsed) return onDisk;
  const random = new Random(loss.seed).fork("folder");
  const { lostChanges, isTorn } = folder.losePower(random);
  const isRotten = loss.rots && folder.flipByte(random);
  return {
    lostRecords: onDisk.lostRecords + lostChanges,
    isTorn: onDisk.isTorn || isTorn,
    isRotten: onDisk.isRotten || isRotten,
  };
}

/**
 * Cuts the power under a disk. A random number of the records that are not durable survive, from the
 * first one. In half of the cases in which one is lost, its beginning survives, too.
 */
export function losePower(disk: SimulatedDisk, { seed, rots }: PowerLoss): DiskDamage {
  const random = new Random(seed);
  let lostRecords = 0;
  let isTorn = false;
  disk.losePower((unsynced) => {
    const ends = [0, ...frameEnds(unsynced)];
    const kept = random.integer(ends.length);
    const cut = ends[kept] as number;
    lostRecords = ends.length - 1 - kept;
    isTorn = lostRecords > 0 && random.chance(1 / 2);
    const tornLength = isTorn ? ends[kept + 1] as number - cut : 0;
    return tornLength > 1 ? cut + 1 + random.integer(tornLength - 1) : cut;
  });
  const isRotten = rots && disk.durableBytes > 0;
  if (isRotten) disk.flipByte(random.integer(disk.durableBytes));
  return { lostRecords, isTorn, isRotten };
}
