/**
 * The target nodes of a fault.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import { type Schema, schema } from "../../wire/mod.ts";
import type { GeneratedPlan } from "./fault.ts";

/** The choices of target nodes. */
const TARGETS = ["one", "minority", "all"] as const;

/** The nodes that a fault affects. */
export interface Targets {
  readonly nodes: readonly string[];
}

/** The schema of targets in a plan. */
export const targets: Schema<Targets> = schema.object({ nodes: schema.array(schema.string) });

/** Returns the nodes in random order; `first` comes first, if there is one. */
export function shuffleNodes(
  nodes: readonly string[],
  random: Random,
  first?: string,
): readonly string[] {
  const shuffled = random.shuffle(nodes);
  return first === undefined ? shuffled : [first, ...shuffled.filter((node) => node !== first)];
}

/** Chooses one node, a minority (at least one node) or all nodes at random; with `node` among them. */
export function generateTargets(
  nodes: readonly string[],
  random: Random,
  node?: string,
): GeneratedPlan<Targets> {
  const value = random.pick(TARGETS);
  const minority = Math.max(1, Math.ceil(nodes.length / 2) - 1);
  const count = { one: 1, minority, all: nodes.length }[value];
  return { value, plan: { nodes: shuffleNodes(nodes, random, node).slice(0, count).sort() } };
}

/** Returns the targets among these nodes; undefined if there are none. */
export function restrictTargets(plan: Targets, nodes: readonly string[]): Targets | undefined {
  const remaining = plan.nodes.filter((node) => nodes.includes(node));
  return remaining.length === 0 ? undefined : { ...plan, nodes: remaining };
}
