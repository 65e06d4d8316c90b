/**
 * Faults of messages: loss, duplication, reordering, latency.
 *
 * All but `slow-services` affect only messages between nodes. Messages of clients and services are
 * exempt, as in Maelstrom: an operation must not fail because the network lost the client's request,
 * and partitions do not affect services either. The nemesis generates a new plan for each start of a
 * fault.
 *
 * @module
 */

import { isJsonObject, Random } from "../../base/mod.ts";
import { involvesClient, type Schema, schema } from "../../wire/mod.ts";
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

/** Whether a message is from a node, and whether it is to one. */
interface Ends {
  readonly isFromNode: boolean;
  readonly isToNode: boolean;
}

interface MessageFault<P> {
  readonly name: string;
  readonly summary: string;
  readonly effect: string;
  readonly plan: Parameters<typeof defineFault<P>>[0]["plan"];
  generate(nodes: readonly string[], random: Random): GeneratedPlan<P>;
  /** Whether a message is affected, by its ends; messages between nodes by default. */
  concerns?(ends: Ends): boolean;
  /** Returns the part of the plan that concerns these nodes; by default the whole plan. */
  restrict?(plan: P, nodes: readonly string[]): P | undefined;
  /** Returns the function that decides what happens to an affected message. */
  sendAction(plan: P): (envelope: Envelope) => SendAction;
}

function messageFault<P>(fault: MessageFault<P>): Fault {
  const { name, summary, effect, plan, generate } = fault;
  const concerns = fault.concerns ?? (({ isFromNode, isToNode }: Ends) => isFromNode && isToNode);
  const activeRule = new ActiveRule();
  return defineFault<P>({
    name,
    summary,
    plan,
    generate,
    effects: [effect],
    restrict: fault.restrict ?? ((whole) => whole),
    start({ nodes, network, onFaultEffect }, plan) {
      const affected = new Set(nodes);
      const actionFor = fault.sendAction(plan);
      activeRule.replace(network, {
        name,
        onSend(envelope) {
          const { src, dest } = envelope.message;
          const ends = { isFromNode: affected.has(src), isToNode: affected.has(dest) };
          if (src === dest || involvesClient(envelope.message) || !concerns(ends)) return PASS;
          const action = actionFor(envelope);
          if (action.kind !== "pass") onFaultEffect?.(name, effect, messageLabel(envelope));
          return action;
        },
      });
      return "started";
    },
    stop({ network }) {
      activeRule.remove(network);
      return "network-healed";
    },
  });
}

/** The seed in the plan of a fault that affects some messages at random. */
const seed = schema.string;
const generateSeed = (random: Random) => random.uint32().toString(36);

/** The messages that are lost: a fraction of them, or those with these numbers from the start on. */
type LossPlan =
  | { readonly probability: number; readonly seed: string }
  | { readonly messages: readonly number[] };

const listedLoss = schema.object({ messages: schema.array(schema.natural) });
const randomLoss = schema.object({ probability, seed });
const lossPlan: Schema<LossPlan> = {
  expectation: `${randomLoss.expectation} or ${listedLoss.expectation}`,
  problem: (value, path) =>
    (isJsonObject(value) && "messages" in value ? listedLoss : randomLoss).problem(value, path),
};

/** The fault `loss`: a fraction of the messages between nodes are lost, or single messages. */
export function loss(): Fault {
  return messageFault<LossPlan>({
    name: "loss",
    summary: "a fraction of the messages between nodes are lost",
    effect: "a message was lost",
    plan: lossPlan,
    generate(_nodes, random) {
      const probability = random.pick([0.01, 0.05, 0.1, 0.2, 0.5]);
      return { value: { probability }, plan: { probability, seed: generateSeed(random) } };
    },
    sendAction(plan) {
      const isLost = lossOf(plan);
      return () => isLost() ? { kind: "drop" } : PASS;
    },
  });
}

/** Returns a function that decides for each message in turn whether it is lost. */
function lossOf(plan: LossPlan): () => boolean {
  if ("messages" in plan) {
    let number = 0;
    return () => plan.messages.includes(number++);
  }
  const random = new Random(plan.seed);
  return () => random.chance(plan.probability);
}

/** Returns the numbers of the messages that a plan of `loss` loses, of the first `count` ones. */
export function lostMessages(plan: unknown, count: number): number[] {
  const isLost = lossOf(plan as LossPlan);
  return Array.from({ length: count }, (_, number) => number).filter(() => isLost());
}

/**
 * How long some networks keep a copy of a message, in milliseconds, and how often a fault is of that
 * kind. The copy may then arrive at another incarnation of its receiver.
 */
const LATE_COPY_MS = 60_000;
const LATE_COPY_PROBABILITY = 1 / 8;

/** The fault `duplicate`: a fraction of the messages between nodes are delivered twice. */
export function duplicate(): Fault {
  return messageFault({
    name: "duplicate",
    summary: "a fraction of the messages between nodes are delivered twice",
    effect: "a message was duplicated",
    plan: schema.object({ probability, later: milliseconds, seed }),
    generate(_nodes, random) {
      const probability = random.pick([0.05, 0.1, 0.3, 1]);
      const usual = random.pick([0, 10, 100, 1000, 5000]);
      const later = random.fork("late copy").chance(LATE_COPY_PROBABILITY) ? LATE_COPY_MS : usual;
      const value = { probability, later };
      return { value, plan: { ...value, seed: generateSeed(random) } };
    },
    sendAction({ probability, later, seed }) {
      const random = new Random(seed);
      return () =>
        random.chance(probability) ? { kind: "duplicate", delayMs: random.next() * later } : PASS;
    },
  });
}

/**
 * The fault `reorder`: a fraction of the messages between nodes are delayed, so that later ones
 * overtake.
 */
export function reorder(): Fault {
  return messageFault({
    name: "reorder",
    summary:
      "a fraction of the messages between nodes are delayed, so that later ones overtake them",
    effect: "a message was delayed",
    plan: schema.object({ probability, most: milliseconds, seed }),
    generate(_nodes, random) {
      const value = {
        probability: random.pick([0.05, 0.2, 0.5]),
        most: random.pick([5, 20, 100, 500, 2000]),
      };
      return { value, plan: { ...value, seed: generateSeed(random) } };
    },
    sendAction: delayAtRandom,
  });
}

/** A fraction of the messages, and the longest delay, in milliseconds. */
interface DelayPlan {
  readonly probability: number;
  readonly most: number;
  readonly seed: string;
}

function delayAtRandom({ probability, most, seed }: DelayPlan): () => SendAction {
  const random = new Random(seed);
  return () => random.chance(probability) ? { kind: "delay", delayMs: random.next() * most } : PASS;
}

/**
 * The fault `slow`: a latency spike. All messages from and to some nodes take longer by a constant
 * time, which keeps their order.
 */
export function slow(): Fault {
  return messageFault({
    name: "slow",
    summary: "all messages from and to some nodes take longer",
    effect: "a message was delayed",
    plan: schema.object({ nodes: schema.array(schema.string), longer: milliseconds }),
    generate(nodes, random) {
      const count = random.pick([1, Math.ceil(nodes.length / 2), nodes.length]);
      const longer = random.pick([50, 200, 500, 1000, 3000]);
      const slowed = random.shuffle(nodes).slice(0, count).sort();
      return { value: { longer, nodes: slowed }, plan: { longer, nodes: slowed } };
    },
    restrict(plan, nodes) {
      const slowed = plan.nodes.filter((node) => nodes.includes(node));
      return slowed.length === 0 ? undefined : { ...plan, nodes: slowed };
    },
    sendAction({ nodes, longer }) {
      const slowed = new Set(nodes);
      const delay: SendAction = { kind: "delay", delayMs: longer };
      return ({ message }) => slowed.has(message.src) || slowed.has(message.dest) ? delay : PASS;
    },
  });
}

/**
 * The fault `slow-services`: requests to services and their replies are delayed, each by another
 * time, so that a request takes effect after its node has given it up. Maelstrom has no
 * such fault.
 */
export function slowServices(): Fault {
  return messageFault({
    name: "slow-services",
    summary: "messages to and from services take longer, and overtake each other",
    effect: "a message was delayed",
    concerns: ({ isFromNode, isToNode }) => isFromNode !== isToNode,
    plan: schema.object({ probability, most: milliseconds, seed }),
    generate(_nodes, random) {
      const value = {
        probability: random.pick([0.1, 0.5, 1]),
        most: random.pick([100, 1000, 4000, 8000]),
      };
      return { value, plan: { ...value, seed: generateSeed(random) } };
    },
    sendAction: delayAtRandom,
  });
}
