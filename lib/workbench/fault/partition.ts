/**
 * Network partitions: receivers that drop what certain senders send. They cut nodes from nodes
 * only, never clients or services, and a message is dropped when its receiver takes it, silently.
 *
 * @module
 */

import type { Rule } from "../rule.ts";
import type { Fault } from "./fault.ts";
import { drawGrudge, type Grudge, PARTITION_SHAPES } from "./grudge.ts";

/** A rule by which receivers drop messages from those they hold a grudge against. */
export function partitionRule(grudge: Grudge): Rule {
  const refused = new Map(
    Object.entries(grudge).map(([receiver, senders]) => [receiver, new Set(senders)]),
  );
  return {
    name: "partition",
    mayArrive: ({ message }) => refused.get(message.dest)?.has(message.src) !== true,
  };
}

/** The fault `partition`, in one of Jepsen's four shapes each time. */
export function partition(): Fault {
  let inForce: Rule | undefined;
  return {
    name: "partition",
    draw(nodes, random) {
      const shape = random.pick(PARTITION_SHAPES);
      return { value: shape, plan: drawGrudge(shape, nodes, random) };
    },
    start({ network }, plan) {
      if (inForce !== undefined) network.removeRule(inForce);
      inForce = partitionRule(plan as Grudge);
      network.addRule(inForce);
      return ["isolated", plan];
    },
    stop({ network }) {
      if (inForce !== undefined) network.removeRule(inForce);
      inForce = undefined;
      return "network-healed";
    },
  };
}
