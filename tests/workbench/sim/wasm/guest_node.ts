/**
 * A node, as the hosts of WebAssembly programs see it, for tests of the hosts alone.
 *
 * @module
 */

import { OpenFiles } from "../../../../lib/workbench/sim/files/open_files.ts";
import { SimulatedFolder } from "../../../../lib/workbench/sim/files/simulated_folder.ts";
import type { GuestNode } from "../../../../lib/workbench/sim/guest.ts";

/** A node whose clocks a test sets, and the output that it received. */
export class TestNode {
  readonly clock = { monotonicMs: 0, wallMs: 0 };
  readonly printed: string[] = [];
  readonly logged: string[] = [];
  readonly files: OpenFiles;
  readonly node: GuestNode;

  constructor(args: readonly string[] = []) {
    const user = {
      isRunning: () => true,
      now: () => this.clock.monotonicMs,
      wallClock: () => this.clock.wallMs,
      after: (_delayMs: number, fn: () => void) => fn(),
      resume: (fn: () => void) => fn(),
    };
    const timing = { latencyMs: () => 1, onBegin() {} };
    this.files = new OpenFiles(new SimulatedFolder(), user, timing);
    const node: Partial<GuestNode> = {
      id: "n0",
      args,
      now: () => this.clock.wallMs,
      monotonic: () => this.clock.monotonicMs,
      random: () => 0.5,
      log: (text) => void this.logged.push(text),
      print: (text) => void this.printed.push(text),
      openFolder: () => this.files,
    };
    this.node = node as GuestNode;
  }
}
