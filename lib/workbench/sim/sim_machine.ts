/**
 * The simulated machine under a node.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import type { FileUser, OpenFiles } from "./files/open_files.ts";
import type { SimulatedFolder } from "./files/simulated_folder.ts";
import type { SimulatedDisk } from "./simulated_disk.ts";

/** The simulated machine under a node. Its state survives a restart of the node. */
export interface SimMachine {
  readonly id: string;
  /** Continues after a restart, as an operating system's random source does. */
  readonly random: Random;
  /** The clock's time when the test begins, in milliseconds since 1970. */
  readonly epochMs: number;
  /** Milliseconds by which the clock is ahead of the true time; negative when it is behind. */
  clockOffsetMs: number;
  /** The disk of a node function that persists. */
  readonly disk: SimulatedDisk;
  /** The folder of a program that keeps files. */
  readonly folder: SimulatedFolder;
  /** Opens the folder for a process that has no file open. */
  openFolder(user: FileUser): OpenFiles;
}
