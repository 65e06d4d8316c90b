/**
 * Network partitions: receivers that drop what certain senders send. They cut nodes from nodes
 * only, never clients or services, and a message is dropped when its receiver takes it, silently.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import { schema } from "../../wire/mod.ts";
import type { Envelope } from "../network.ts";
import type { Rule } from "../rule.ts";
import { defineFault, type Drawn, type Fault, nameOfMessage } from "./fault.ts";
import {
  drawGrudge,
  drawOneWayGrudge,
  type Grudge,
  ONE_WAY_SHAPES,
  PARTITION_SHAPES,
  restrictGrudge,
} from "./grudge.ts";
import { RuleInForce } from "./rule_in_force.ts";

const CUT = "a message was cut";

/** A rule by which receivers drop messages from those they hold a grudge against. */
export function partitionRule(
  grudge: Grudge,
  onCut: (envelope: Envelope) => void = () => {},
): Rule {
  const refused = new Map(
    Object.entries(grudge).map(([receiver, senders]) => [receiver, new Set(senders)]),
  );
  return {
    name: "partition",
    mayArrive(envelope) {
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
    return { value: shape, plan: drawGrudge(shape, nodes, random) };
  });
}

/** The fault `one-way`: partitions in which one side still hears the other. Not one of Maelstrom's. */
export function oneWay(): Fault {
  const summary = "messages between some nodes pass in one direction only";
  return grudgeFault("one-way", summary, (nodes, random) => {
    const shape = random.pick(ONE_WAY_SHAPES);
    return { value: shape, plan: drawOneWayGrudge(shape, nodes, random) };
  });
}

function grudgeFault(
  name: string,
  summary: string,
  draw: (nodes: readonly string[], random: Random) => Drawn<Grudge>,
): Fault {
  const inForce = new RuleInForce();
  return defineFault<Grudge>({
    name,
    summary,
    draw,
    effects: [CUT],
    plan: schema.record(schema.array(schema.string)),
    restrict: restrictGrudge,
    start(surface, grudge) {
      const rule = partitionRule(
        grudge,
        (envelope) => surface.happened?.(name, CUT, nameOfMessage(envelope)),
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
