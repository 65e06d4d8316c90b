/**
 * Faults that strike some of the nodes.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import { type Schema, schema } from "../../wire/mod.ts";
import type { GeneratedPlan } from "./fault.ts";

/** How many nodes a fault strikes. */
export const TARGETS = ["one", "minority", "all"] as const;

/** The nodes that a fault strikes. */
export interface Targets {
  readonly nodes: readonly string[];
}

/** Targets as a plan has them. */
export const targets: Schema<Targets> = schema.object({ nodes: schema.array(schema.string) });

/** Draws one node, a minority (at least one) or all; the value says which. */
export function generateTargets(nodes: readonly string[], random: Random): GeneratedPlan<Targets> {
  const value = random.pick(TARGETS);
  const minority = Math.max(1, Math.ceil(nodes.length / 2) - 1);
  const count = { one: 1, minority, all: nodes.length }[value];
  return { value, plan: { nodes: random.shuffle(nodes).slice(0, count).sort() } };
}

/** The targets among these nodes; undefined when there are none. */
export function restrictTargets(plan: Targets, nodes: readonly string[]): Targets | undefined {
  const left = plan.nodes.filter((node) => nodes.includes(node));
  return left.length === 0 ? undefined : { ...plan, nodes: left };
}
