/**
 * Network partitions: receivers drop the messages of certain senders. Partitions affect messages
 * between nodes only, never those of clients or services. As in Maelstrom, a message is dropped
 * silently when its receiver takes it, not when it is sent.
 *
 * @module
 */

import { schema } from "../../wire/mod.ts";
import type { Envelope } from "../network.ts";
import type { NetworkRule } from "../rule.ts";
import { defineFault, type Fault, type FaultDefinition, messageLabel } from "./fault.ts";
import {
  generateGrudge,
  generateOneWayGrudge,
  type Grudge,
  ONE_WAY_SHAPES,
  PARTITION_SHAPES,
  restrictGrudge,
} from "./grudge.ts";
import { ActiveRule } from "./active_rule.ts";
import {
  generatePartialPartition,
  partialGrudgeProblem,
  restrictPartialGrudge,
} from "./partial_partition.ts";

const MESSAGE_DROPPED = "a message was dropped";

/** Returns a rule that drops the messages of the grudge. */
export function partitionRule(
  grudge: Grudge,
  onDrop: (envelope: Envelope) => void = () => {},
): NetworkRule {
  const droppedSenders = new Map(
    Object.entries(grudge).map(([receiver, senders]) => [receiver, new Set(senders)]),
  );
  return {
    name: "partition",
    mayDeliver(envelope) {
      const { message } = envelope;
      if (droppedSenders.get(message.dest)?.has(message.src) !== true) return true;
      onDrop(envelope);
      return false;
    },
  };
}

/** The fault `partition`: each plan has one of Jepsen's four shapes. */
export function partition(): Fault {
  return grudgeFault({
    name: "partition",
    summary: "nodes drop the messages of certain other nodes",
    generate(nodes, random, node) {
      const shape = random.pick(PARTITION_SHAPES);
      return { value: shape, plan: generateGrudge(shape, nodes, random, node) };
    },
  });
}

/** The fault `one-way`: partitions of one direction only. Maelstrom has no such fault. */
export function oneWay(): Fault {
  return grudgeFault({
    name: "one-way",
    summary: "messages between some nodes pass in one direction only",
    generate(nodes, random, node) {
      const shape = random.pick(ONE_WAY_SHAPES);
      return { value: shape, plan: generateOneWayGrudge(shape, nodes, random, node) };
    },
  });
}

/** The fault `partial-partition`, which stays active until the end. Maelstrom has no such fault. */
export function partialPartition(): Fault {
  return grudgeFault({
    name: "partial-partition",
    summary: "some links fail until the end, but each node reaches each other by a path",
    persists: true,
    problem: partialGrudgeProblem,
    generate: generatePartialPartition,
    restrict: restrictPartialGrudge,
  });
}

/** What differs between the faults whose plan is a grudge. */
type GrudgeFault =
  & Pick<FaultDefinition<Grudge>, "name" | "summary" | "generate" | "persists" | "problem">
  & Partial<Pick<FaultDefinition<Grudge>, "restrict">>;

function grudgeFault(fault: GrudgeFault): Fault {
  const { name } = fault;
  const activeRule = new ActiveRule();
  return defineFault<Grudge>({
    restrict: restrictGrudge,
    ...fault,
    effects: [MESSAGE_DROPPED],
    plan: schema.record(schema.array(schema.string)),
    start({ network, processes, onFaultEffect }, grudge) {
      const onDrop = (envelope: Envelope) =>
        onFaultEffect?.(name, MESSAGE_DROPPED, messageLabel(envelope));
      activeRule.replace(network, partitionRule(grudge, onDrop));
      return after(processes.partition?.(name, grudge), ["isolated", grudge]);
    },
    stop({ network, processes }) {
      activeRule.remove(network);
      return after(processes.partition?.(name, {}), "network-healed");
    },
  });
}

/** Returns a value, after a promise if there is one. */
function after<T>(promise: void | Promise<void>, value: T): T | Promise<T> {
  return promise instanceof Promise ? promise.then(() => value) : value;
}
