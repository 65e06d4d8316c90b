/**
 * Faults: each can generate a random plan, start with a plan, and stop.
 *
 * A nemesis schedule is data. A plan holds every random choice of its fault (which nodes are
 * partitioned, which messages are lost), so that a saved and edited schedule replays exactly. A
 * fault that decides at random for each message has a seed in its plan.
 *
 * @module
 */

import { type Json, jsonEquals, type Random } from "../../base/mod.ts";
import { type Body, type Schema, schema } from "../../wire/mod.ts";
import type { Clock } from "../clock.ts";
import type { DiskDamage, PowerLoss } from "../engine.ts";
import type { Envelope, Network } from "../network.ts";
import type { Grudge } from "./grudge.ts";

/** What a fault acts on: the network, the nodes' processes and the clock. */
export interface FaultContext {
  readonly clock: Clock;
  readonly network: Network;
  readonly nodes: readonly string[];
  readonly processes: ProcessControl;
  /** Sends a request to a node and resolves to its outcome. */
  readonly request: (node: string, body: Body, timeoutMs: number) => Promise<RequestOutcome>;
  /**
   * Called each time a fault has an effect, with one of its {@link Fault.effects} and the target: a
   * node, or a message as `#7 n0 → n1`.
   */
  readonly onFaultEffect?: (fault: string, effect: string, target: string) => void;
}

/** A node's reply to a request of the nemesis. Each error but error 10 counts as a failure. */
export type RequestOutcome = "done" | "not supported" | "failed";

/** Controls the nodes' processes. */
export interface ProcessControl {
  /** Kills a node's process; its memory is lost. */
  kill(node: string): Promise<void>;
  /** Restarts a killed node and sends it `init`; does nothing if the node runs. */
  restart(node: string): Promise<void>;
  /** Pauses a node's process; messages to it wait in its input. */
  pause(node: string): void;
  /** Resumes a paused node's process. */
  resume(node: string): void;
  /**
   * Makes a node's clock jump to `offsetMs` ahead of the true time (behind, if negative). The
   * offset survives a restart of the node.
   */
  skew(node: string, offsetMs: number): void;
  /**
   * Makes nodes drop the messages of a fault's grudge themselves, if they exchange messages without
   * the workbench's network. Replaces the fault's previous grudge. Returns a promise when there are
   * such nodes.
   */
  partition?(fault: string, grudge: Grudge): void | Promise<void>;
  /** Kills a node by cutting the power of its machine, which also affects the disk. */
  losePower(node: string, loss: PowerLoss): Promise<DiskDamage>;
  /**
   * Calls `run` once, during the next operation that makes something durable on a node's disk: after
   * a fraction of its duration, in [0, 1). Returns a function that cancels this. Some engines cannot do
   * it, and never call `run`.
   */
  interruptSync(node: string, fraction: number, run: () => void): () => void;
}

/** One fault event of a nemesis schedule: a fault starts or stops. */
export interface NemesisEvent {
  /** Milliseconds since the test began. */
  readonly at: number;
  /** `start-partition`, `stop-partition`, … */
  readonly f: string;
  /**
   * The value of the operation in the history, such as the shape of a partition; null for a stop.
   */
  readonly value: unknown;
  /**
   * The fault's plan, which fixes every detail. Null for a stop of the whole fault; faults of
   * processes may also stop for some nodes.
   */
  readonly plan: unknown;
}

/** A generated plan, with the value that the history shows for it. */
export interface GeneratedPlan<P = unknown> {
  readonly value: unknown;
  readonly plan: P;
}

/** The definition of a fault whose plans have type `P`. */
export interface FaultDefinition<P> {
  /** The fault's name for `--nemesis`. */
  readonly name: string;
  /** What the fault does, in one line. */
  readonly summary: string;
  /** The effects that the fault can have, for coverage reports. */
  readonly effects: readonly string[];
  /** Whether the fault stays active when the nemesis heals all other faults; false by default. */
  readonly persists?: boolean;
  /** The schema of the fault's plans. */
  readonly plan: Schema<P>;
  /** Returns the problem of a plan that matches the schema; undefined if the plan is valid. */
  problem?(plan: P, nodes: readonly string[]): string | undefined;
  /** Generates a random plan; one that affects `node`, if it is given and the fault is one of nodes. */
  generate(nodes: readonly string[], random: Random, node?: string): GeneratedPlan<P>;
  /** Returns the part of a plan that concerns these nodes; undefined if that is empty. */
  restrict(plan: P, nodes: readonly string[]): P | undefined;
  /**
   * Starts the fault; returns the result that the history shows. A second start, without a stop in
   * between, adds to the first or replaces it.
   */
  start(context: FaultContext, plan: P): unknown | Promise<unknown>;
  /**
   * Undoes all effects of `start`, or with a plan those on the plan's nodes. Returns the result that
   * the history shows.
   */
  stop(context: FaultContext, plan: P | null): unknown | Promise<unknown>;
  /** Resolves when everything is undone that a stop has begun to undo. */
  settled?(context: FaultContext): Promise<void>;
  /** Whether the fault can stop with a plan; false by default. */
  readonly stopsInPart?: boolean;
}

/** A fault that validates its plans, which may come from a file. */
export interface Fault extends Omit<FaultDefinition<unknown>, "problem"> {
  /** Returns the problem of a plan for these nodes; undefined if the plan is valid. */
  planProblem(plan: unknown, nodes: readonly string[]): string | undefined;
  /** Returns the problem of the plan of a stop, which may be null; undefined if it is valid. */
  stopProblem(plan: unknown, nodes: readonly string[]): string | undefined;
  /** See {@link FaultDefinition.stop}; without a plan the whole fault stops. */
  stop(context: FaultContext, plan?: unknown): unknown | Promise<unknown>;
}

/** Thrown when a fault is started or stopped with an invalid plan. */
export class PlanError extends Error {
  override readonly name = "PlanError";
}

/** Makes a fault from its definition. The fault starts with valid plans only. */
export function defineFault<P>(definition: FaultDefinition<P>): Fault {
  const { name, plan: planSchema, stopsInPart = false } = definition;
  const planProblem = (plan: unknown, nodes: readonly string[]) =>
    planSchema.problem(plan, `the plan of ${name}`) ??
      definition.problem?.(plan as P, nodes) ??
      unknownNodeProblem(definition, plan as P, nodes);
  const stopProblem = (plan: unknown, nodes: readonly string[]) => {
    if (plan === null) return undefined;
    return stopsInPart
      ? planProblem(plan, nodes)
      : `an event that stops ${name} must not have a plan, since the whole fault stops`;
  };
  return {
    ...definition,
    planProblem,
    stopProblem,
    plan: planSchema,
    restrict: (plan, nodes) => definition.restrict(plan as P, nodes),
    start(context, plan) {
      const problem = planProblem(plan, context.nodes);
      if (problem !== undefined) throw new PlanError(problem);
      return definition.start(context, plan as P);
    },
    stop(context, plan = null) {
      const problem = stopProblem(plan, context.nodes);
      if (problem !== undefined) throw new PlanError(problem);
      return definition.stop(context, plan as P | null);
    },
  };
}

/**
 * Reports unknown nodes: a plan that names some changes when it is restricted to the known nodes.
 */
function unknownNodeProblem<P>(
  { name, restrict }: FaultDefinition<P>,
  plan: P,
  nodes: readonly string[],
): string | undefined {
  const known = restrict(plan, nodes);
  if (known !== undefined && jsonEquals(known as Json, plan as Json)) return undefined;
  return `the plan of ${name} names unknown nodes, or no nodes; choose from ${nodes.join(", ")}`;
}

/** Returns a message as a target of {@link FaultContext.onFaultEffect}. */
export function messageLabel({ id, message }: Envelope): string {
  return `#${id} ${message.src} → ${message.dest}`;
}

/** A probability in [0, 1]. */
export const probability: Schema<number> = {
  expectation: "a number from 0 to 1",
  problem: (value, path) => schema.number.problem(value, path) ?? rangeProblem(value, path, 0, 1),
};

/** A number of milliseconds from 0. */
export const milliseconds: Schema<number> = {
  expectation: "a number of milliseconds from 0",
  problem: (value, path) =>
    schema.number.problem(value, path) ?? rangeProblem(value, path, 0, Infinity),
};

function rangeProblem(
  value: unknown,
  path: string,
  min: number,
  max: number,
): string | undefined {
  const number = value as number;
  if (number >= min && number <= max) return undefined;
  return `${path} must be from ${min}${max === Infinity ? "" : ` to ${max}`}, got ${number}`;
}
