/**
 * What a fault is: something that can be drawn at random, put in force, and healed.
 *
 * A nemesis schedule is data. What a fault draws holds everything random about it (who is cut off
 * from whom, which messages are lost), so that a schedule that is saved, edited and replayed does
 * the same again. A fault that is random for each message has a seed of its own in its plan.
 *
 * @module
 */

import { canonicalJson, type Random } from "../../base/mod.ts";
import { type Schema, schema } from "../../wire/mod.ts";
import type { Clock } from "../clock.ts";
import type { Envelope, Network } from "../network.ts";

/** What faults act on. */
export interface FaultContext {
  readonly clock: Clock;
  readonly network: Network;
  readonly nodes: readonly string[];
  readonly processes: ProcessControl;
  /**
   * Is told each time a fault really did something, with one of its {@link Fault.effects}, and to
   * what: a node, or a message as `#7 n0 → n1`.
   */
  readonly onFaultEffect?: (fault: string, effect: string, to: string) => void;
}

/** What can be done to the processes of nodes. */
export interface ProcessControl {
  /** Ends a node's process without warning; its memory is gone. */
  kill(node: string): Promise<void>;
  /** Starts a killed node's process again and initialises it. */
  restart(node: string): Promise<void>;
  /** Stops a node's process for a while: it receives, but does nothing. */
  pause(node: string): void;
  /** Lets a paused node go on. */
  resume(node: string): void;
  /**
   * Makes a node's clock jump to so many milliseconds ahead of the true time (behind, when
   * negative). It stays so when the node is killed and restarted.
   */
  skew(node: string, offsetMs: number): void;
}

/** One act of the nemesis. */
export interface NemesisEvent {
  /** Milliseconds since the test began. */
  readonly at: number;
  /** `start-partition`, `stop-partition`, … */
  readonly f: string;
  /** What the history shows as asked for: the shape of a partition, …; null when stopping. */
  readonly value: unknown;
  /** What exactly is to be done, as drawn; null when stopping. */
  readonly plan: unknown;
}

/** What a fault drew. */
export interface GeneratedPlan<P = unknown> {
  readonly value: unknown;
  readonly plan: P;
}

/** A fault as its author defines it, with plans of type `P`. */
export interface FaultDefinition<P> {
  /** Its name for `--nemesis`. */
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** What can come of it, for reports on what a test has covered. */
  readonly effects: readonly string[];
  /** What its plans look like. */
  readonly plan: Schema<P>;
  /** Draws what is to be done. */
  generate(nodes: readonly string[], random: Random): GeneratedPlan<P>;
  /** The part of a plan that concerns these nodes; undefined when nothing is left of it. */
  restrict(plan: P, nodes: readonly string[]): P | undefined;
  /** Does it; returns what the history shows as its result. Done twice, it adds or replaces. */
  start(surface: FaultContext, plan: P): unknown | Promise<unknown>;
  /** Undoes everything that `start` did; returns what the history shows as its result. */
  stop(surface: FaultContext): unknown | Promise<unknown>;
}

/** A fault whose plans come from outside and are checked. */
export interface Fault extends FaultDefinition<unknown> {
  /** What is wrong with a plan for these nodes; undefined when nothing is. */
  planProblem(plan: unknown, nodes: readonly string[]): string | undefined;
}

/** Thrown when a fault is started with a plan that is none of its own. */
export class PlanError extends Error {
  override readonly name = "PlanError";
}

/** Makes a fault of its definition, so that it is started with plans of the right shape only. */
export function defineFault<P>(definition: FaultDefinition<P>): Fault {
  const { name, plan: shape } = definition;
  const planProblem = (plan: unknown, nodes: readonly string[]) =>
    shape.problem(plan, `the plan of ${name}`) ?? unknownNodeProblem(definition, plan as P, nodes);
  return {
    ...definition,
    planProblem,
    plan: shape,
    restrict: (plan, nodes) => definition.restrict(plan as P, nodes),
    start(surface, plan) {
      const problem = planProblem(plan, surface.nodes);
      if (problem !== undefined) throw new PlanError(problem);
      return definition.start(surface, plan as P);
    },
  };
}

/** A plan that is not the same when it is restricted to the nodes there are names a stranger. */
function unknownNodeProblem<P>(
  { name, restrict }: FaultDefinition<P>,
  plan: P,
  nodes: readonly string[],
): string | undefined {
  if (canonicalJson(restrict(plan, nodes)) === canonicalJson(plan)) return undefined;
  return `the plan of ${name} names nodes that do not exist (there are ${nodes.join(", ")}), ` +
    "or no nodes at all";
}

/** A message in the words of {@link FaultContext.onFaultEffect}. */
export function messageLabel({ id, message }: Envelope): string {
  return `#${id} ${message.src} → ${message.dest}`;
}

/** Between 0 and 1, both included. */
export const probability: Schema<number> = {
  expectation: "a number from 0 to 1",
  problem: (value, path) => schema.number.problem(value, path) ?? rangeProblem(value, path, 0, 1),
};

/** Milliseconds from 0. */
export const milliseconds: Schema<number> = {
  expectation: "a number of milliseconds from 0",
  problem: (value, path) =>
    schema.number.problem(value, path) ?? rangeProblem(value, path, 0, Infinity),
};

function rangeProblem(
  value: unknown,
  path: string,
  least: number,
  most: number,
): string | undefined {
  const number = value as number;
  if (number >= least && number <= most) return undefined;
  return `${path} must be from ${least}${most === Infinity ? "" : ` to ${most}`}, not ${number}`;
}
