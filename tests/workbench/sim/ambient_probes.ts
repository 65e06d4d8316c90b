/**
 * Probes: nodes that reach time, chance, or the machine in some way, and what a simulation reports.
 *
 * @module
 */

import { chance } from "./probes/chance.ts";
import { clocks } from "./probes/clocks.ts";
import { machine } from "./probes/machine.ts";
import type { Probe } from "./probes/probe.ts";
import { repeatable } from "./probes/repeatable.ts";
import { timers } from "./probes/timers.ts";

/** All probes by what they reach. */
export const PROBES: Readonly<Record<string, readonly Probe[]>> = {
  clocks,
  chance,
  "timers and other threads": timers,
  "the machine": machine,
  "nothing that differs": repeatable,
};
