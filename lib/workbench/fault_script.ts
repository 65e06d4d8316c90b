/**
 * Fault scripts: faults as functions, for tests that decide themselves what fails and when.
 *
 * ```ts ignore
 * const script: FaultScript = async ({ sleep, partition, heal, kill, restart }) => {
 *   await sleep(1000);
 *   partition("n0", ["n1", "n2"]);
 *   await sleep(2000);
 *   heal();
 *   await kill("n1");
 *   await restart("n1");
 * };
 * ```
 *
 * Each function is a nemesis operation. It is recorded in the history, and with its time in the
 * run's schedule, which repeats the run without the script.
 *
 * @module
 */

import type { Grudge } from "./fault/mod.ts";
import type { ScriptClock } from "./script_clock.ts";

/** One node, or several. */
export type Nodes = string | readonly string[];

/** The plans of the faults of messages; for their fields see each fault. */
export interface MessageFaultPlans {
  /** The probability from 0 to 1 that a message is lost. */
  readonly loss: { readonly probability: number };
  /** `later` is the maximum delay of the second copy in ms. */
  readonly duplicate: { readonly probability: number; readonly later: number };
  /** `most` is the maximum delay in ms. */
  readonly reorder: { readonly probability: number; readonly most: number };
  /** `longer` is the additional latency in ms of all messages from and to the nodes. */
  readonly slow: { readonly nodes: readonly string[]; readonly longer: number };
}

/**
 * The functions of a script. Those that inject or end a fault return a promise that resolves when
 * the operation has completed. Operations never overlap: each begins when the previous one has
 * completed. They throw a {@link FaultScriptError} for an unknown node.
 */
export interface FaultControls {
  /** Milliseconds since the main phase began. */
  now(): number;
  /** Resolves at a time of the main phase, in milliseconds; immediately if it has passed. */
  at(timeMs: number): Promise<void>;
  /** Resolves after a duration. */
  sleep(durationMs: number): Promise<void>;
  /** Resolves when the condition is true, which is tested every `intervalMs` (10 by default). */
  until(condition: () => boolean, intervalMs?: number): Promise<void>;
  /** Drops all messages between two nodes, or two groups of nodes. Adds to previous partitions. */
  partition(nodes: Nodes, others: Nodes): Promise<void>;
  /** Drops all messages from nodes to others, but not those in the opposite direction. */
  partitionOneWay(from: Nodes, to: Nodes): Promise<void>;
  /** Ends all partitions, or those between two nodes or groups of nodes. */
  heal(nodes?: Nodes, others?: Nodes): Promise<void>;
  /** Kills nodes; they lose their memory. */
  kill(...nodes: readonly string[]): Promise<void>;
  /** Cuts the power of nodes' machines; they also lose records that are not synced. */
  losePower(...nodes: readonly string[]): Promise<void>;
  /** As {@link losePower}, and damages a durable byte of each disk. */
  rot(...nodes: readonly string[]): Promise<void>;
  /**
   * Restarts nodes that were killed or lost power, by default all; resolves when they have replied to
   * `init`.
   */
  restart(...nodes: readonly string[]): Promise<void>;
  /** Pauses nodes; messages to them wait. */
  pause(...nodes: readonly string[]): Promise<void>;
  /** Resumes paused nodes, by default all. */
  resume(...nodes: readonly string[]): Promise<void>;
  /**
   * Requests from the cluster to remove nodes from its members; resolves before it has done that.
   */
  removeMembers(...nodes: readonly string[]): Promise<void>;
  /** Requests from the cluster to add all removed members again. */
  addMembers(): Promise<void>;
  /** Sets a node's wall clock `offsetMs` ahead of the true time; behind it, if negative. */
  skew(node: string, offsetMs: number): Promise<void>;
  /** Sets the wall clocks of all nodes to the true time. */
  resetClocks(): Promise<void>;
  /** Starts a fault of messages; replaces the same fault if it is active. */
  start<F extends keyof MessageFaultPlans>(fault: F, plan: MessageFaultPlans[F]): Promise<void>;
  /** Stops a fault of messages. */
  stop(fault: keyof MessageFaultPlans): Promise<void>;
}

/** A script of faults. It must end before the main phase does; active faults are then healed. */
export type FaultScript = (controls: FaultControls) => void | Promise<void>;

/** Thrown for an invalid call in a script, and for a script that has not ended in time. */
export class FaultScriptError extends Error {
  /** The name of the class. */
  override readonly name = "FaultScriptError";
}

/** What a script acts on. */
export interface ScriptParts {
  readonly nodes: readonly string[];
  readonly clock: ScriptClock;
  /** The seed of faults that affect some messages at random. */
  readonly seed: string;
  /** Performs a nemesis operation after all previous ones. */
  perform(f: string, value: unknown, plan: unknown): Promise<void>;
}

const DEFAULT_POLL_MS = 10;

/** Returns the functions of a script. */
export function faultControls({ nodes, clock, seed, perform }: ScriptParts): FaultControls {
  const both = new Grudges();
  const oneWay = new Grudges();
  const powerless = new Set<string>();
  let seeds = 0;
  const nextSeed = () => `${seed}/${seeds++}`;
  const known = (given: Nodes) => knownNodes(given, nodes);
  const sleep = (durationMs: number) => clock.until(clock.now() + durationMs);
  const apply = (fault: string, grudges: Grudges, value: unknown) =>
    grudges.isEmpty
      ? perform(`stop-${fault}`, null, null)
      : perform(`start-${fault}`, value, grudges.toGrudge());
  const onNodes = (f: string, targets: readonly string[]) =>
    perform(f, targets, { nodes: known(targets) });
  const cutPower = (targets: readonly string[], rot: boolean) => {
    for (const node of targets) powerless.add(node);
    const plan = { nodes: known(targets), seed: nextSeed(), ...(rot ? { rot } : {}) };
    return perform("start-disk", targets, plan);
  };
  const stopOn = (f: string, targets: readonly string[]) =>
    targets.length === 0 ? perform(f, null, null) : onNodes(f, targets);
  return {
    now: () => clock.now(),
    at: (timeMs) => clock.until(timeMs),
    sleep,
    async until(condition, intervalMs = DEFAULT_POLL_MS) {
      while (!condition()) await sleep(intervalMs);
    },
    partition(given, others) {
      const sides = disjoint(known(given), known(others));
      both.add(...sides);
      both.add(sides[1], sides[0]);
      return apply("partition", both, sides);
    },
    partitionOneWay(from, to) {
      const sides = disjoint(known(from), known(to));
      oneWay.add(...sides);
      return apply("one-way", oneWay, sides);
    },
    async heal(given = nodes, others = nodes) {
      const sides = [known(given), known(others)] as const;
      const healed = [["partition", both], ["one-way", oneWay]] as const;
      const operations = healed.filter(([, grudges]) => grudges.remove(...sides))
        .map(([fault, grudges]) => apply(fault, grudges, sides));
      await Promise.all(operations);
    },
    kill: (...targets) => onNodes("start-kill", targets),
    losePower: (...targets) => cutPower(targets, false),
    rot: (...targets) => cutPower(targets, true),
    async restart(...targets) {
      const killed = targets.filter((node) => !powerless.has(node));
      const dark = targets.filter((node) => powerless.delete(node));
      const isAll = targets.length === 0;
      await Promise.all([
        ...(killed.length > 0 || isAll ? [stopOn("stop-kill", killed)] : []),
        ...(dark.length > 0 ? [perform("stop-disk", dark, { nodes: dark, seed: "" })] : []),
        ...(isAll && powerless.size > 0 ? [perform("stop-disk", null, null)] : []),
      ]);
      if (isAll) powerless.clear();
    },
    removeMembers: (...targets) =>
      perform("start-membership", targets, { nodes: known(targets), seed: nextSeed() }),
    addMembers: () => perform("stop-membership", null, null),
    pause: (...targets) => onNodes("start-pause", targets),
    resume: (...targets) => stopOn("stop-pause", targets),
    skew(node, offsetMs) {
      const jump = { node: known(node)[0], after: 0, offset: offsetMs };
      return perform("start-skew", { [node]: offsetMs }, { jumps: [jump] });
    },
    resetClocks: () => perform("stop-skew", null, null),
    start(fault, plan) {
      const seeded = fault === "slow" ? plan : { ...plan, seed: nextSeed() };
      return perform(`start-${fault}`, plan, seeded);
    },
    stop: (fault) => perform(`stop-${fault}`, null, null),
  };
}

/** The partitions of a script: the senders whose messages each receiver drops. */
class Grudges {
  readonly #sendersByReceiver = new Map<string, Set<string>>();

  get isEmpty(): boolean {
    return this.#sendersByReceiver.size === 0;
  }

  /** Drops messages from each of `senders` to each of `receivers`. */
  add(senders: readonly string[], receivers: readonly string[]): void {
    for (const receiver of receivers) {
      const dropped = this.#sendersByReceiver.get(receiver) ?? new Set();
      for (const sender of senders) dropped.add(sender);
      this.#sendersByReceiver.set(receiver, dropped);
    }
  }

  /** Delivers messages between the sides again; returns whether any were dropped. */
  remove(side: readonly string[], other: readonly string[]): boolean {
    let removed = false;
    for (const [receiver, dropped] of this.#sendersByReceiver) {
      for (const sender of dropped) {
        const isBetween = (side.includes(sender) && other.includes(receiver)) ||
          (other.includes(sender) && side.includes(receiver));
        if (isBetween) removed = dropped.delete(sender) || removed;
      }
      if (dropped.size === 0) this.#sendersByReceiver.delete(receiver);
    }
    return removed;
  }

  toGrudge(): Grudge {
    return Object.fromEntries(
      [...this.#sendersByReceiver].map(([receiver, senders]) => [receiver, [...senders]]),
    );
  }
}

function knownNodes(given: Nodes, nodes: readonly string[]): readonly string[] {
  const list = typeof given === "string" ? [given] : given;
  const unknown = list.find((node) => !nodes.includes(node));
  if (unknown !== undefined) {
    throw new FaultScriptError(`unknown node "${unknown}"; choose from ${nodes.join(", ")}`);
  }
  if (list.length === 0) throw new FaultScriptError("expected at least one node, got none");
  return list;
}

function disjoint(side: readonly string[], other: readonly string[]) {
  const shared = side.find((node) => other.includes(node));
  if (shared === undefined) return [side, other] as const;
  throw new FaultScriptError(`node "${shared}" cannot be on both sides of a partition`);
}
