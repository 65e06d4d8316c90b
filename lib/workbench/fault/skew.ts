/**
 * Clock skew: each jump sets the offset of a node's clock. When the fault stops, all offsets become
 * 0, which is a jump too, often into the past.
 *
 * The offsets are those of Jepsen's clock faults: 4 ms to 262 s forward or backward, with a uniform
 * exponent, so that small and large jumps are equally frequent.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import { type Schema, schema } from "../../wire/mod.ts";
import { defineFault, type Fault, milliseconds } from "./fault.ts";
import { generateTargets } from "./targets.ts";

/** One jump of one clock. */
interface Jump {
  readonly node: string;
  /** Milliseconds after the fault started. */
  readonly after: number;
  /** Milliseconds by which the clock is then ahead of the true time; negative if behind. */
  readonly offset: number;
}

const MAX_LATER_JUMPS = 4;
const MAX_LATER_JUMP_DELAY_MS = 2000;
const JUMPED = "a clock jumped";
const JUMPED_BACK = "a clock jumped back";

const jumps: Schema<{ jumps: Jump[] }> = schema.object({
  jumps: schema.array(
    schema.object({ node: schema.string, after: milliseconds, offset: schema.number }),
  ),
});

/** The fault `skew`. */
export function skew(): Fault {
  const offsets = new Map<string, number>();
  const pending = new Set<() => void>();
  return defineFault({
    name: "skew",
    summary: "the nodes' clocks jump apart",
    effects: [JUMPED, JUMPED_BACK],
    plan: jumps,
    generate(nodes, random) {
      const { value, plan } = generateTargets(nodes, random);
      return { value, plan: { jumps: generateJumps(plan.nodes, random) } };
    },
    restrict(plan, nodes) {
      const left = plan.jumps.filter((jump) => nodes.includes(jump.node));
      return left.length === 0 ? undefined : { ...plan, jumps: left };
    },
    start({ clock, processes, onFaultEffect }, plan) {
      const jump = ({ node, offset }: Jump) => {
        onFaultEffect?.("skew", offset < (offsets.get(node) ?? 0) ? JUMPED_BACK : JUMPED, node);
        offsets.set(node, offset);
        processes.skew(node, offset);
      };
      for (const planned of plan.jumps) {
        if (planned.after === 0) {
          jump(planned);
          continue;
        }
        const cancel = clock.after(planned.after, () => {
          pending.delete(cancel);
          jump(planned);
        });
        pending.add(cancel);
      }
      return "skewed";
    },
    stop({ processes }) {
      for (const cancel of pending) cancel();
      pending.clear();
      for (const node of offsets.keys()) processes.skew(node, 0);
      offsets.clear();
      return "clocks-reset";
    },
  });
}

function generateJumps(nodes: readonly string[], random: Random): Jump[] {
  const first = nodes.map((node) => ({ node, after: 0, offset: generateOffset(random) }));
  const later = Array.from({ length: random.integer(MAX_LATER_JUMPS + 1) }, () => ({
    node: random.pick(nodes),
    after: 1 + random.integer(MAX_LATER_JUMP_DELAY_MS),
    offset: generateOffset(random),
  }));
  return [...first, ...later.sort((a, b) => a.after - b.after)];
}

function generateOffset(random: Random): number {
  const magnitudeMs = Math.round(2 ** (2 + 16 * random.next()));
  return random.chance(0.5) ? magnitudeMs : -magnitudeMs;
}
