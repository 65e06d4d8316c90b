/**
 * The simulation engine: all nodes run in this process under virtual time, and all random choices
 * follow from one seed. The network, the services, the workers and the nemesis are the same code as
 * with the process engine; only the clock and the nodes differ.
 *
 * @module
 */

import { InvariantError, Random } from "../../base/mod.ts";
import type { NodeFunction } from "../../node/mod.ts";
import type { Clock } from "../clock.ts";
import type { Engine, NodeHandle, NodeListener } from "../engine.ts";
import { installTraps } from "./ambient/install_traps.ts";
import { drive } from "./drive.ts";
import { OpenFiles } from "./files/open_files.ts";
import { SimulatedFolder } from "./files/simulated_folder.ts";
import type { LoadGuest } from "./guest.ts";
import { type GuestProgram, loadGuestOf } from "./guest_program.ts";
import type { SimMachine } from "./sim_machine.ts";
import { SimNode } from "./sim_node.ts";
import { currentNode } from "./current_node.ts";
import { EPOCH_MS } from "./epoch.ts";
import { SimulatedDisk } from "./simulated_disk.ts";
import { loadNodeFunction } from "./typescript_guest.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** Options of the simulation engine. */
export interface SimOptions {
  /**
   * The nodes' time when the test begins, in milliseconds since 1970; by default the start of 2025.
   */
  readonly epochMs?: number;
  /** Number of events at one instant after which a run is a livelock; a million by default. */
  readonly maxEventsPerInstant?: number;
  /** The mean duration of an fsync in milliseconds; 1 by default, as on a solid-state disk. */
  readonly meanDiskLatencyMs?: number;
}

const MEAN_DISK_LATENCY_MS = 1;
const MAX_EVENTS_PER_INSTANT = 1_000_000;

/** Runs nodes in this process under virtual time. An engine runs one test. */
export class SimEngine implements Engine {
  readonly name = "sim";
  /** Virtual time, which passes as events need it, and the number of events so far. */
  readonly clock: Clock & { readonly steps: number };
  readonly #clock = new VirtualClock();
  readonly missingFaults: readonly string[] = [];
  readonly #load: LoadGuest;
  readonly #args: readonly string[];
  readonly #random: Random;
  readonly #epochMs: number;
  readonly #maxEventsPerInstant: number;
  readonly #meanDiskLatencyMs: number;
  readonly #machines = new Map<string, SimMachine>();
  readonly #nodes = new Map<string, SimNode>();

  /** Every node runs `program` with `args`; the nodes' random numbers follow from `seed`. */
  constructor(
    program: NodeFunction | GuestProgram,
    args: readonly string[] = [],
    seed = "0",
    options: SimOptions = {},
  ) {
    this.clock = this.#clock;
    this.#load = typeof program === "function" ? loadNodeFunction(program) : loadGuestOf(program);
    this.#args = args;
    this.#random = new Random(seed).fork("machines");
    this.#epochMs = options.epochMs ?? EPOCH_MS;
    this.#maxEventsPerInstant = options.maxEventsPerInstant ?? MAX_EVENTS_PER_INSTANT;
    this.#meanDiskLatencyMs = options.meanDiskLatencyMs ?? MEAN_DISK_LATENCY_MS;
  }

  start(id: string, listener: NodeListener): NodeHandle {
    const node = new SimNode({
      load: this.#load,
      args: this.#args,
      machine: this.#machine(id),
      clock: this.#clock,
      listener,
    });
    this.#nodes.set(id, node);
    return node;
  }

  /** Returns the state that a node exposes (`node.exposeState`); the last one if it has ended. */
  stateOf(id: string): unknown {
    return this.#nodes.get(id)?.state;
  }

  /** Whether a node has created a file in its folder. */
  get keepsFiles(): boolean {
    return [...this.#machines.values()].some(({ folder }) => folder.isUsed);
  }

  /**
   * As {@link Engine.run}; throws a `DeadlockError` or `LivelockError` when the test cannot end.
   */
  async run<T>(test: () => Promise<T>): Promise<T> {
    const uninstall = installTraps();
    globalThis.addEventListener("unhandledrejection", this.#onUnhandledRejection);
    globalThis.addEventListener("error", this.#onError);
    try {
      return await drive(test, {
        clock: this.#clock,
        maxEventsPerInstant: this.#maxEventsPerInstant,
      });
    } finally {
      uninstall();
      globalThis.removeEventListener("unhandledrejection", this.#onUnhandledRejection);
      globalThis.removeEventListener("error", this.#onError);
      for (const node of this.#nodes.values()) node.kill();
    }
  }

  readonly #onUnhandledRejection = (event: PromiseRejectionEvent) => {
    this.#onUncaught(event, "unhandled promise rejection", event.reason);
  };

  readonly #onError = (event: ErrorEvent) => {
    this.#onUncaught(event, "uncaught exception", event.error ?? event.message);
  };

  /** Logs what no code of a node caught, or ends the node, as `serve` does in a process. */
  #onUncaught(event: Event, kind: string, error: unknown): void {
    const { node } = currentNode;
    if (node === undefined) return;
    event.preventDefault();
    if (error instanceof InvariantError) node.fail(error);
    else node.log(`${kind}: ${error instanceof Error ? error.stack : error}`);
  }

  #machine(id: string): SimMachine {
    let machine = this.#machines.get(id);
    if (machine === undefined) {
      const random = this.#random.fork(id);
      const diskRandom = random.fork("disk");
      const latencyMs = () => diskRandom.exponential(this.#meanDiskLatencyMs);
      const isReplaced = () => diskRandom.chance(1 / 2);
      const disk = new SimulatedDisk({ latencyMs, isReplaced });
      const folder = new SimulatedFolder();
      machine = {
        id,
        random,
        epochMs: this.#epochMs,
        clockOffsetMs: 0,
        disk,
        folder,
        openFolder: (user) => {
          const onBegin = (durationMs: number) => disk.beginSync(user, durationMs);
          return new OpenFiles(folder, user, { latencyMs, onBegin });
        },
      };
      this.#machines.set(id, machine);
    }
    return machine;
  }
}
