/**
 * A stage for faults: nodes that only receive, on a network under virtual time.
 *
 * @module
 */

import { Random } from "../../../lib/base/mod.ts";
import type { FaultContext, ProcessControl } from "../../../lib/workbench/fault/mod.ts";
import { Network } from "../../../lib/workbench/network.ts";
import { VirtualClock } from "../../../lib/workbench/sim/virtual_clock.ts";

/** A message that arrived: when, at whom, from whom, and its number. */
export interface Arrival {
  readonly at: number;
  readonly dest: string;
  readonly src: string;
  readonly number: number;
}

/** The stage. */
export class FaultHarness {
  readonly clock = new VirtualClock();
  readonly nodes: readonly string[];
  readonly arrivals: Arrival[] = [];
  /** What faults said they did, as `fault: effect (to what)`. */
  readonly effects: string[] = [];
  /** What was done to processes, as `kill n0`, `skew n0 250`, … */
  readonly acts: string[] = [];
  readonly network: Network;
  readonly context: FaultContext;

  constructor(nodes: readonly string[], latency = 0) {
    this.nodes = nodes;
    this.network = new Network({
      clock: this.clock,
      random: new Random("network"),
      latency: { mean: latency, distribution: "constant" },
      journal: () => {},
    });
    for (const id of [...nodes, "lin-kv"]) {
      this.network.add(id, ({ src, dest, body }) => {
        const { number } = body as { readonly number: number };
        this.arrivals.push({ at: this.clock.now(), dest, src, number });
      });
    }
    this.context = {
      nodes,
      clock: this.clock,
      network: this.network,
      processes: this.#processes(),
      onFaultEffect: (fault, effect, to) => {
        this.effects.push(`${fault}: ${effect} (${to})`);
      },
    };
  }

  /** Sends messages with these numbers. */
  send(src: string, dest: string, ...numbers: number[]): void {
    for (const number of numbers) {
      this.network.send({ src, dest, body: { type: "test", number } });
    }
  }

  /** The numbers that arrived at a node, in order. */
  arrivedAt(dest: string): number[] {
    return this.arrivals.filter((arrival) => arrival.dest === dest).map(({ number }) => number);
  }

  /** Lets time pass until nothing is left to happen. */
  async settle(): Promise<void> {
    await this.#drain();
    while (this.clock.step()) await this.#drain();
  }

  /** Lets time pass up to a time. */
  async until(at: number): Promise<void> {
    let there = false;
    this.clock.after(at - this.clock.now(), () => there = true);
    await this.#drain();
    while (!there && this.clock.step()) await this.#drain();
  }

  async #drain(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }

  #processes(): ProcessControl {
    const act = (name: string) => (node: string) => void this.acts.push(`${name} ${node}`);
    return {
      kill: (node) => Promise.resolve(act("kill")(node)),
      restart: (node) => Promise.resolve(act("restart")(node)),
      pause: act("pause"),
      resume: act("resume"),
      skew: (node, offset) => void this.acts.push(`skew ${node} ${offset}`),
    };
  }
}
