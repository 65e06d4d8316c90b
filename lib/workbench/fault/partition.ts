/**
 * Network partitions: receivers that drop what certain senders send. They cut nodes from nodes
 * only, never clients or services, and a message is dropped when its receiver takes it, silently.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import { schema } from "../../wire/mod.ts";
import type { Envelope } from "../network.ts";
import type { NetworkRule } from "../rule.ts";
import { defineFault, type Fault, type GeneratedPlan, messageLabel } from "./fault.ts";
import {
  generateGrudge,
  generateOneWayGrudge,
  type Grudge,
  ONE_WAY_SHAPES,
  PARTITION_SHAPES,
  restrictGrudge,
} from "./grudge.ts";
import { ActiveRule } from "./active_rule.ts";

const MESSAGE_DROPPED = "a message was cut";

/** A rule by which receivers drop messages from those they hold a grudge against. */
export function partitionRule(
  grudge: Grudge,
  onCut: (envelope: Envelope) => void = () => {},
): NetworkRule {
  const refused = new Map(
    Object.entries(grudge).map(([receiver, senders]) => [receiver, new Set(senders)]),
  );
  return {
    name: "partition",
    mayDeliver(envelope) {
      const { message } = envelope;
      if (refused.get(message.dest)?.has(message.src) !== true) return true;
      onCut(envelope);
      return false;
    },
  };
}

/** The fault `partition`, in one of Jepsen's four shapes each time. */
export function partition(): Fault {
  return grudgeFault("partition", "nodes do not hear certain others", (nodes, random) => {
    const shape = random.pick(PARTITION_SHAPES);
    return { value: shape, plan: generateGrudge(shape, nodes, random) };
  });
}

/** The fault `one-way`: partitions in which one side still hears the other. Not one of Maelstrom's. */
export function oneWay(): Fault {
  const summary = "messages between some nodes pass in one direction only";
  return grudgeFault("one-way", summary, (nodes, random) => {
    const shape = random.pick(ONE_WAY_SHAPES);
    return { value: shape, plan: generateOneWayGrudge(shape, nodes, random) };
  });
}

function grudgeFault(
  name: string,
  summary: string,
  generate: (nodes: readonly string[], random: Random) => GeneratedPlan<Grudge>,
): Fault {
  const inForce = new ActiveRule();
  return defineFault<Grudge>({
    name,
    summary,
    generate,
    effects: [MESSAGE_DROPPED],
    plan: schema.record(schema.array(schema.string)),
    restrict: restrictGrudge,
    start(surface, grudge) {
      const rule = partitionRule(
        grudge,
        (envelope) => surface.onFaultEffect?.(name, MESSAGE_DROPPED, messageLabel(envelope)),
      );
      inForce.replace(surface.network, rule);
      return ["isolated", grudge];
    },
    stop({ network }) {
      inForce.remove(network);
      return "network-healed";
    },
  });
}
