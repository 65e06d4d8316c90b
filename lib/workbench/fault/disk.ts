/**
 * The fault `disk`: machines lose power, and with it what their disks have not made durable. When the
 * fault stops for a machine, its node is restarted.
 *
 * The fault `kill` ends a process only: the operating system keeps what the process has written.
 *
 * @module
 */

import { type Schema, schema } from "../../wire/mod.ts";
import { defineFault, type Fault } from "./fault.ts";
import { takeFrom } from "./process_fault.ts";
import { generateTargets, restrictTargets, type Targets } from "./targets.ts";

/** The first effect of the fault `disk`. */
export const POWER_LOST = "a machine lost power";
/** The effect of a loss of power after which a disk lacks records that no fsync had covered. */
export const RECORDS_LOST = "records that were not synced were lost";
/** The effect of a loss of power that cuts a record in its middle. */
export const RECORD_TORN = "a record was torn";

/** The machines that lose power, and what happens to their disks. */
interface PowerLossPlan extends Targets {
  /** Decides which records survive that are not durable, and the damaged byte. */
  readonly seed: string;
  /**
   * Whether a durable byte of each disk is damaged; false if absent. It is never generated: a node
   * must refuse such a disk, and stays down.
   */
  readonly rot?: boolean | undefined;
}

const planSchema: Schema<PowerLossPlan> = schema.object({
  nodes: schema.array(schema.string),
  seed: schema.string,
  rot: schema.optional(schema.boolean),
});

/** The fault `disk`. */
export function disk(): Fault {
  const RESTARTED = "a machine was restarted";
  const down = new Set<string>();
  return defineFault<PowerLossPlan>({
    name: "disk",
    summary: "machines lose power: records that are not synced are lost or torn",
    effects: [POWER_LOST, RECORDS_LOST, RECORD_TORN, RESTARTED],
    plan: planSchema,
    generate(nodes, random) {
      const { value, plan } = generateTargets(nodes, random);
      return { value, plan: { ...plan, seed: random.uint32().toString(36) } };
    },
    restrict: (plan, nodes) => {
      const targets = restrictTargets(plan, nodes);
      return targets === undefined ? undefined : { ...plan, ...targets };
    },
    async start({ processes, onFaultEffect }, { nodes, seed, rot = false }) {
      const effect = (name: string, node: string) => onFaultEffect?.("disk", name, node);
      const results = await Promise.all(nodes.map(async (node) => {
        down.add(node);
        const { lostRecords, isTorn, isRotten } = await processes.losePower(node, {
          seed: `${seed}/${node}`,
          rots: rot,
        });
        effect(POWER_LOST, node);
        if (lostRecords > 0) effect(RECORDS_LOST, node);
        if (isTorn) effect(RECORD_TORN, node);
        if (isRotten) effect("a durable record was damaged", node);
        return [node, isRotten ? "lost power, and its disk is damaged" : "lost power"] as const;
      }));
      return Object.fromEntries(results);
    },
    stopsInPart: true,
    async stop({ processes, onFaultEffect }, plan) {
      const nodes = takeFrom(down, plan);
      await Promise.all(nodes.map(async (node) => {
        await processes.restart(node);
        onFaultEffect?.("disk", RESTARTED, node);
      }));
      return Object.fromEntries(nodes.map((node) => [node, "started"]));
    },
  });
}
