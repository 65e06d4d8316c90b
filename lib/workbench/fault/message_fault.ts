/**
 * Faults that a message meets on its way: it is lost, comes twice, is held back, takes long.
 *
 * They concern messages from one node to another only. What passes between clients and nodes, or
 * nodes and services, stays as Maelstrom has it: a client must not be blamed for what the network
 * did to its request, and services are beyond the reach of a partition too. Each has probabilities
 * and times drawn anew whenever it starts.
 *
 * @module
 */

import { Random } from "../../base/mod.ts";
import { schema } from "../../wire/mod.ts";
import type { Envelope } from "../network.ts";
import { PASS, type SendAction } from "../rule.ts";
import {
  defineFault,
  type Fault,
  type GeneratedPlan,
  messageLabel,
  milliseconds,
  probability,
} from "./fault.ts";
import { ActiveRule } from "./active_rule.ts";

interface MessageFault<P> {
  readonly name: string;
  readonly summary: string;
  readonly effect: string;
  readonly plan: Parameters<typeof defineFault<P>>[0]["plan"];
  generate(nodes: readonly string[], random: Random): GeneratedPlan<P>;
  /** The part of the plan that concerns these nodes; the plan itself when not given. */
  restrict?(plan: P, nodes: readonly string[]): P | undefined;
  /** What becomes of a message from node to node, by what the plan says. */
  sendAction(plan: P): (envelope: Envelope) => SendAction;
}

function messageFault<P>(fault: MessageFault<P>): Fault {
  const { name, summary, effect, plan, generate } = fault;
  const inForce = new ActiveRule();
  return defineFault<P>({
    name,
    summary,
    plan,
    generate,
    effects: [effect],
    restrict: fault.restrict ?? ((whole) => whole),
    start(surface, plan) {
      const nodes = new Set(surface.nodes);
      const rule = fault.sendAction(plan);
      inForce.replace(surface.network, {
        name,
        onSend(envelope) {
          const { src, dest } = envelope.message;
          if (src === dest || !nodes.has(src) || !nodes.has(dest)) return PASS;
          const ruling = rule(envelope);
          if (ruling.kind !== "pass") surface.onFaultEffect?.(name, effect, messageLabel(envelope));
          return ruling;
        },
      });
      return "started";
    },
    stop({ network }) {
      inForce.remove(network);
      return "network-healed";
    },
  });
}

/** What a plan of a fault holds that strikes some messages at random. */
const seed = schema.string;
const generateSeed = (random: Random) => random.uint32().toString(36);

/** The fault `loss`: a fraction of the messages between nodes vanish. */
export function loss(): Fault {
  return messageFault({
    name: "loss",
    summary: "a fraction of the messages between nodes vanish",
    effect: "a message was lost",
    plan: schema.object({ probability, seed }),
    generate(_nodes, random) {
      const probability = random.pick([0.01, 0.05, 0.1, 0.2, 0.5]);
      return { value: { probability }, plan: { probability, seed: generateSeed(random) } };
    },
    sendAction({ probability, seed }) {
      const random = new Random(seed);
      return () => random.chance(probability) ? { kind: "drop" } : PASS;
    },
  });
}

/** The fault `duplicate`: a fraction of the messages between nodes arrive once more, later. */
export function duplicate(): Fault {
  return messageFault({
    name: "duplicate",
    summary: "a fraction of the messages between nodes arrive once more, later",
    effect: "a message came twice",
    plan: schema.object({ probability, later: milliseconds, seed }),
    generate(_nodes, random) {
      const probability = random.pick([0.05, 0.1, 0.3, 1]);
      const later = random.pick([0, 10, 100, 1000, 5000]);
      const value = { probability, later };
      return { value, plan: { ...value, seed: generateSeed(random) } };
    },
    sendAction({ probability, later, seed }) {
      const random = new Random(seed);
      return () =>
        random.chance(probability)
          ? { kind: "duplicate", milliseconds: random.next() * later }
          : PASS;
    },
  });
}

/** The fault `reorder`: a fraction of the messages between nodes are held back, so that others overtake. */
export function reorder(): Fault {
  return messageFault({
    name: "reorder",
    summary: "a fraction of the messages between nodes are held back, so that others overtake them",
    effect: "a message was held back",
    plan: schema.object({ probability, most: milliseconds, seed }),
    generate(_nodes, random) {
      const value = {
        probability: random.pick([0.05, 0.2, 0.5]),
        most: random.pick([5, 20, 100, 500, 2000]),
      };
      return { value, plan: { ...value, seed: generateSeed(random) } };
    },
    sendAction({ probability, most, seed }) {
      const random = new Random(seed);
      return () =>
        random.chance(probability) ? { kind: "delay", milliseconds: random.next() * most } : PASS;
    },
  });
}

/**
 * The fault `slow`: a spike of latency. All messages from and to some nodes take so much longer, in
 * the order in which they were sent.
 */
export function slow(): Fault {
  return messageFault({
    name: "slow",
    summary: "all messages of some nodes take much longer",
    effect: "a message was delayed",
    plan: schema.object({ nodes: schema.array(schema.string), longer: milliseconds }),
    generate(nodes, random) {
      const count = random.pick([1, Math.ceil(nodes.length / 2), nodes.length]);
      const longer = random.pick([50, 200, 500, 1000, 3000]);
      const slowed = random.shuffle(nodes).slice(0, count).sort();
      return { value: { longer, nodes: slowed }, plan: { longer, nodes: slowed } };
    },
    restrict(plan, left) {
      const slowed = plan.nodes.filter((node) => left.includes(node));
      return slowed.length === 0 ? undefined : { ...plan, nodes: slowed };
    },
    sendAction({ nodes, longer }) {
      const slowed = new Set(nodes);
      const ruling: SendAction = { kind: "delay", milliseconds: longer };
      return ({ message }) => slowed.has(message.src) || slowed.has(message.dest) ? ruling : PASS;
    },
  });
}
