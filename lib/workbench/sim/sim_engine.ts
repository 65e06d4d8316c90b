/**
 * The simulation engine: many nodes in this process, time that jumps, and one seed from which all
 * that is random follows. The network, the services, the workers and the nemesis are the process
 * engine's own; only the clock and where nodes run are others.
 *
 * @module
 */

import { Random } from "../../base/mod.ts";
import type { NodeFunction } from "../../node/mod.ts";
import type { Engine, NodeListener } from "../engine.ts";
import { NondeterminismTraps } from "./nondeterminism_traps.ts";
import { drive } from "./drive.ts";
import { type SimMachine, SimNode } from "./sim_node.ts";
import type { CurrentNode } from "./current_node.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** What can be changed about a simulation. */
export interface SimOptions {
  /** What nodes' clocks show when the test begins, in milliseconds since 1970: 2025 began. */
  readonly epochMs?: number;
  /** How many events there may be at one instant before time is held to stand still: a million. */
  readonly maxEventsPerInstant?: number;
}

/** 1 January 2025, midnight UTC. */
const EPOCH_MS = 1_735_689_600_000;
const MAX_EVENTS_PER_INSTANT = 1_000_000;

/** Runs nodes in this process under virtual time. Good for one test. */
export class SimEngine implements Engine {
  readonly name = "sim";
  readonly clock = new VirtualClock();
  readonly missingFaults: readonly string[] = [];
  readonly #program: NodeFunction;
  readonly #args: readonly string[];
  readonly #random: Random;
  readonly #epochMs: number;
  readonly #maxEventsPerInstant: number;
  readonly #currentNode: CurrentNode = { node: undefined };
  readonly #machines = new Map<string, SimMachine>();
  readonly #nodes = new Map<string, SimNode>();

  /** Every node runs `program` with `args`; what is random for nodes follows from `seed`. */
  constructor(
    program: NodeFunction,
    args: readonly string[] = [],
    seed = "0",
    options: SimOptions = {},
  ) {
    this.#program = program;
    this.#args = args;
    this.#random = new Random(seed).fork("machines");
    this.#epochMs = options.epochMs ?? EPOCH_MS;
    this.#maxEventsPerInstant = options.maxEventsPerInstant ?? MAX_EVENTS_PER_INSTANT;
  }

  start(id: string, listener: NodeListener): SimNode {
    const node = new SimNode({
      program: this.#program,
      args: this.#args,
      machine: this.#machine(id),
      clock: this.clock,
      currentNode: this.#currentNode,
      listener,
    });
    this.#nodes.set(id, node);
    return node;
  }

  /**
   * The state of a node whose function returns it, or returns a function that does; the last one it
   * had if it has ended.
   */
  stateOf(id: string): unknown {
    return this.#nodes.get(id)?.state;
  }

  /** As {@link Engine.run}; throws a `DeadlockError` or a `LivelockError` when the test cannot end. */
  async run<T>(test: () => Promise<T>): Promise<T> {
    const traps = new NondeterminismTraps(this.#currentNode);
    globalThis.addEventListener("unhandledrejection", this.#onUnhandledRejection);
    globalThis.addEventListener("error", this.#onError);
    try {
      return await drive(test, {
        clock: this.clock,
        currentNode: this.#currentNode,
        maxEventsPerInstant: this.#maxEventsPerInstant,
        beforeBatch: () => traps.install(),
        afterBatch: () => traps.uninstall(),
      });
    } finally {
      globalThis.removeEventListener("unhandledrejection", this.#onUnhandledRejection);
      globalThis.removeEventListener("error", this.#onError);
      for (const node of this.#nodes.values()) node.kill();
    }
  }

  /** As `serve` does for a process: a node's promise that nobody minds ends up in its log. */
  readonly #onUnhandledRejection = (event: PromiseRejectionEvent) => {
    const { node: actor } = this.#currentNode;
    if (actor === undefined) return;
    event.preventDefault();
    const { reason } = event;
    actor.log(`a promise was rejected and nobody minded: ${reason?.stack ?? reason}`);
  };

  /** The same for what it throws where nobody catches, in a microtask of its own. */
  readonly #onError = (event: ErrorEvent) => {
    const { node: actor } = this.#currentNode;
    if (actor === undefined) return;
    event.preventDefault();
    actor.log(`an error was thrown and nobody minded: ${event.error?.stack ?? event.message}`);
  };

  #machine(id: string): SimMachine {
    let machine = this.#machines.get(id);
    if (machine === undefined) {
      machine = { id, random: this.#random.fork(id), epochMs: this.#epochMs, clockOffsetMs: 0 };
      this.#machines.set(id, machine);
    }
    return machine;
  }
}
