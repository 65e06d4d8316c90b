/**
 * The fault `membership`: nodes leave the cluster and join it again. A removed node keeps running, and
 * clients still send requests to it.
 *
 * A change is a request of `contract.membership`. It is sent to one random node after another until a
 * node replies without an error. That takes time, in which other faults start and stop. So the fault
 * only begins a change when it starts or stops, and the nemesis waits for the last changes when it
 * has healed all faults. Changes of several nodes are requested at the same time: a cluster must make
 * them one by one. The changes of one node follow each other.
 *
 * @module
 */

import { Random } from "../../base/mod.ts";
import { type Schema, schema } from "../../wire/mod.ts";
import { sleep } from "../clock.ts";
import { defineFault, type Fault, type FaultContext } from "./fault.ts";
import { restrictTargets, shuffleNodes, type Targets } from "./targets.ts";

/** The nodes that leave. */
interface MembershipPlan extends Targets {
  /** Decides which nodes the requests go to. */
  readonly seed: string;
}

const planSchema: Schema<MembershipPlan> = schema.object({
  nodes: schema.array(schema.string),
  seed: schema.string,
});

/** Three members survive the loss of one; a single member is the smallest cluster. */
const MIN_MEMBERS = [1, 3] as const;
/** How long a node may take to reply to a change. */
const REQUEST_TIMEOUT_MS = 2000;
const RETRY_DELAY_MS = 100;
/** How long a change is retried, and once more after all faults were healed. */
const MAX_CHANGE_MS = 10_000;

/** How long a request without a reply may still have an effect. */
const MAX_LATENESS_MS = 5000;

const REMOVED = "a member was removed";
const ADDED = "a member was added";

/** The fault `membership`. */
export function membership(): Fault {
  /** The nodes that should not be members. */
  const removed = new Set<string>();
  /** The nodes that may not be members although they should: a change was given up or is late. */
  const unconfirmed = new Set<string>();
  /** The last change of each node. */
  const changes = new Map<string, Promise<void>>();

  /** Requests a change from random nodes, as long as it is still to be done. */
  async function change(context: FaultContext, node: string, random: Random): Promise<void> {
    const { clock, nodes, request, onFaultEffect } = context;
    const isRemoval = removed.has(node);
    const endMs = clock.now() + MAX_CHANGE_MS;
    const body = { type: isRemoval ? "remove_member" : "add_member", node };
    const effect = (name: string) => onFaultEffect?.("membership", name, node);
    while (removed.has(node) === isRemoval) {
      const outcome = await request(random.pick(nodes), body, REQUEST_TIMEOUT_MS);
      if (outcome === "done") return effect(isRemoval ? REMOVED : ADDED);
      if (outcome === "not supported") return effect("no change is supported");
      // A request without a reply may still remove the node, also after it was added again.
      if (isRemoval) unconfirmed.add(node);
      if (clock.now() >= endMs) {
        unconfirmed.add(node);
        return effect("a change was given up");
      }
      await sleep(clock, RETRY_DELAY_MS);
    }
  }

  function enqueue(context: FaultContext, node: string, random: Random): void {
    const last = changes.get(node) ?? Promise.resolve();
    changes.set(node, last.then(() => change(context, node, random)));
  }

  return defineFault<MembershipPlan>({
    name: "membership",
    summary: "members leave the cluster and join it again",
    effects: [REMOVED, ADDED],
    plan: planSchema,
    problem: ({ nodes: leaving }, nodes) =>
      leaving.length < nodes.length ? undefined : "the plan of membership leaves no member",
    generate(nodes, random, node) {
      const minima = MIN_MEMBERS.filter((min) => min < nodes.length);
      const count = minima.length === 0
        ? 0
        : 1 + random.integer(nodes.length - random.pick(minima));
      const leaving = shuffleNodes(nodes, random, node).slice(0, count).sort();
      return { value: leaving, plan: { nodes: leaving, seed: random.uint32().toString(36) } };
    },
    restrict(plan, nodes) {
      if (plan.nodes.length === 0) return plan;
      const leaving = restrictTargets(plan, nodes)?.nodes.slice(0, nodes.length - 1) ?? [];
      return leaving.length === 0 ? undefined : { ...plan, nodes: leaving };
    },
    start(context, { nodes, seed }) {
      for (const node of nodes) {
        if (removed.has(node) || removed.size + 1 >= context.nodes.length) continue;
        removed.add(node);
        enqueue(context, node, new Random(`${seed}/${node}`));
      }
      return Object.fromEntries(nodes.map((node) => [node, "leaving"]));
    },
    stop(context) {
      const nodes = [...removed];
      removed.clear();
      for (const node of nodes) enqueue(context, node, new Random(`${nodes.join()}/${node}`));
      return Object.fromEntries(nodes.map((node) => [node, "joining"]));
    },
    async settled(context) {
      await Promise.all(changes.values());
      const random = new Random("settled");
      if (unconfirmed.size > 0) await sleep(context.clock, MAX_LATENESS_MS);
      for (const node of unconfirmed) await change(context, node, random);
    },
  });
}
