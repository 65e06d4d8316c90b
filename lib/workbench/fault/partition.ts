/**
 * Network partitions: receivers that drop what certain senders send. They cut nodes from nodes
 * only, never clients or services, and a message is dropped when its receiver takes it, silently.
 *
 * @module
 */

import { schema } from "../../wire/mod.ts";
import type { Rule } from "../rule.ts";
import { defineFault, type Fault } from "./fault.ts";
import {
  drawGrudge,
  drawOneWayGrudge,
  type Grudge,
  ONE_WAY_SHAPES,
  PARTITION_SHAPES,
  restrictGrudge,
} from "./grudge.ts";
import type { Drawn } from "./fault.ts";
import type { Random } from "../../base/mod.ts";
import { RuleInForce } from "./rule_in_force.ts";

const CUT = "a message was cut";

/** A rule by which receivers drop messages from those they hold a grudge against. */
export function partitionRule(grudge: Grudge, onCut: () => void = () => {}): Rule {
  const refused = new Map(
    Object.entries(grudge).map(([receiver, senders]) => [receiver, new Set(senders)]),
  );
  return {
    name: "partition",
    mayArrive({ message }) {
      if (refused.get(message.dest)?.has(message.src) !== true) return true;
      onCut();
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
      inForce.replace(surface.network, partitionRule(grudge, () => surface.happened?.(name, CUT)));
      return ["isolated", grudge];
    },
    stop({ network }) {
      inForce.remove(network);
      return "network-healed";
    },
  });
}
