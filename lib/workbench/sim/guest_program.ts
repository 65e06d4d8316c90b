/**
 * Programs of simulated nodes that are not node functions, such as WebAssembly modules. How each is
 * started stays inside of the simulator.
 *
 * @module
 */

import type { LoadGuest } from "./guest.ts";

/** A loaded program that is not a node function; `loadAnyProgram` returns it. */
export interface GuestProgram {
  /** The path of the program's file. */
  readonly path: string;
}

const loads = new WeakMap<GuestProgram, LoadGuest>();

/** Returns the program of a file, which `load` loads for each incarnation of a node. */
export function createGuestProgram(path: string, load: LoadGuest): GuestProgram {
  const program = { path };
  loads.set(program, load);
  return program;
}

/** Returns how a program is loaded. Throws a `TypeError` for an object of another origin. */
export function loadGuestOf(program: GuestProgram): LoadGuest {
  const load = loads.get(program);
  if (load !== undefined) return load;
  throw new TypeError("expected a node function, or a program that loadAnyProgram returned");
}
