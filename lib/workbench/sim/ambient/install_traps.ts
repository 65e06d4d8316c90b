/**
 * Installs all traps for the duration of a simulation, or of the import of a node's modules.
 *
 * Simulations of one thread may overlap: the traps stay installed until the last one has ended.
 *
 * @module
 */

import { clockTraps } from "./clocks.ts";
import { consoleTraps } from "./console.ts";
import { namespaceTraps } from "./deno_namespace.ts";
import { randomnessTraps } from "./randomness.ts";
import { timerTraps } from "./timers.ts";
import { install, type Trap, uninstall } from "./trap.ts";

let traps: readonly Trap[] | undefined;
let users = 0;

/** Installs the traps; returns a function that uninstalls them, once no one else uses them. */
export function installTraps(): () => void {
  traps ??= [
    ...randomnessTraps(),
    ...clockTraps(),
    ...timerTraps(),
    ...consoleTraps(),
    ...namespaceTraps(),
  ];
  if (users++ === 0) traps.forEach(install);
  let isInstalled = true;
  return () => {
    if (!isInstalled) return;
    isInstalled = false;
    if (--users === 0) traps?.forEach(uninstall);
  };
}
