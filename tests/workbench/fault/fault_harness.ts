/**
 * A harness for faults: nodes that only receive, on a network under virtual time.
 *
 * @module
 */

import { Random } from "../../../lib/base/mod.ts";
import type {
  FaultContext,
  ProcessControl,
  RequestOutcome,
} from "../../../lib/workbench/fault/mod.ts";
import { Network } from "../../../lib/workbench/network.ts";
import { VirtualClock } from "../../../lib/workbench/sim/virtual_clock.ts";

/** A delivered message: its time in milliseconds, receiver, sender and number. */
export interface Arrival {
  readonly at: number;
  readonly dest: string;
  readonly src: string;
  readonly number: number;
}

/** A network with nodes, and the context of a fault under test. */
export class FaultHarness {
  readonly clock = new VirtualClock();
  readonly nodes: readonly string[];
  readonly arrivals: Arrival[] = [];
  /** The effects that faults reported, as `fault: effect (target)`. */
  readonly effects: string[] = [];
  /** The calls of {@link ProcessControl}, as `kill n0`, `skew n0 250`, … */
  readonly processCalls: string[] = [];
  /** The requests of faults, as `n0 remove_member n1`. */
  readonly requests: string[] = [];
  /** Replies to a request of a fault. */
  reply: (node: string) => Promise<RequestOutcome> = () => Promise.resolve("done");
  /** What each loss of power does to a disk. */
  damage = { lostRecords: 0, isTorn: false };
  /** Interrupts the next fsync of each node for which a fault waits. */
  readonly interruptSync = new Map<string, () => void>();
  readonly network: Network;
  readonly context: FaultContext;

  constructor(nodes: readonly string[], latency = 0) {
    this.nodes = nodes;
    this.network = new Network({
      clock: this.clock,
      random: new Random("network"),
      latency: { meanMs: latency, distribution: "constant" },
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
      request: (node, body) => {
        this.requests.push(`${node} ${body.type} ${body.node}`);
        return this.reply(node);
      },
      onFaultEffect: (fault, effect, target) => {
        this.effects.push(`${fault}: ${effect} (${target})`);
      },
    };
  }

  /** Sends messages with these numbers. */
  send(src: string, dest: string, ...numbers: number[]): void {
    for (const number of numbers) {
      this.network.send({ src, dest, body: { type: "test", number } });
    }
  }

  /** The numbers of the messages that a node received, in order. */
  arrivedAt(dest: string): number[] {
    return this.arrivals.filter((arrival) => arrival.dest === dest).map(({ number }) => number);
  }

  /** Advances time until no event is scheduled. */
  async settle(): Promise<void> {
    await this.#drain();
    while (this.clock.step()) await this.#drain();
  }

  /** Advances time to a time. */
  async until(at: number): Promise<void> {
    let reached = false;
    this.clock.after(at - this.clock.now(), () => reached = true);
    await this.#drain();
    while (!reached && this.clock.step()) await this.#drain();
  }

  async #drain(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }

  #processes(): ProcessControl {
    const record = (name: string) => (node: string) =>
      void this.processCalls.push(`${name} ${node}`);
    return {
      kill: (node) => Promise.resolve(record("kill")(node)),
      restart: (node) => Promise.resolve(record("restart")(node)),
      pause: record("pause"),
      resume: record("resume"),
      losePower: (node, { seed, rots }) => {
        this.processCalls.push(`lose power ${node} ${seed}${rots ? " rots" : ""}`);
        return Promise.resolve({ ...this.damage, isRotten: rots });
      },
      interruptSync: (node, _fraction, run) => {
        this.interruptSync.set(node, run);
        return () => void this.interruptSync.delete(node);
      },
      skew: (node, offset) => void this.processCalls.push(`skew ${node} ${offset}`),
    };
  }
}
