/**
 * The fault `disk`: machines lose power, and with it what their disks have not made durable. When the
 * fault stops for a machine, its node is restarted.
 *
 * A disk is seldom busy, so a loss of power at a random time seldom has an effect. Most losses
 * therefore wait for the machine's next fsync and happen during it, or after a limited time if there
 * is none.
 * A machine that still waits when the fault stops keeps its power.
 *
 * The fault `kill` ends a process only: the operating system keeps what the process has written.
 *
 * @module
 */

import { Random } from "../../base/mod.ts";
import { type Schema, schema } from "../../wire/mod.ts";
import { defineFault, type Fault, type FaultContext, milliseconds } from "./fault.ts";
import { takeFrom } from "./process_fault.ts";
import { generateTargets, restrictTargets, type Targets } from "./targets.ts";

/** The first effect of the fault `disk`. */
export const POWER_LOST = "a machine lost power";
/** The effect of a loss of power during an fsync. */
export const POWER_LOST_DURING_SYNC = "a machine lost power during an fsync";
/** The effect of a loss of power after which a disk lacks records that no fsync had covered. */
const RECORDS_LOST = "records that were not synced were lost";
/** The effect of a loss of power that cuts a record in its middle. */
const RECORD_TORN = "a record was torn";
const RESTARTED = "a machine was restarted";

/** The machines that lose power, and what happens to their disks. */
interface PowerLossPlan extends Targets {
  /** Decides when in an fsync power is lost, which records survive, and the damaged byte. */
  readonly seed: string;
  /**
   * Each machine loses power during its next fsync, or after this time in milliseconds if there is
   * none; immediately if absent.
   */
  readonly within?: number | undefined;
  /**
   * Whether a durable byte of each disk is damaged; false if absent. It is never generated: a node
   * must refuse such a disk, and stays down.
   */
  readonly rot?: boolean | undefined;
}

const planSchema: Schema<PowerLossPlan> = schema.object({
  nodes: schema.array(schema.string),
  seed: schema.string,
  within: schema.optional(milliseconds),
  rot: schema.optional(schema.boolean),
});

/** How often a loss of power waits for an fsync, and for how long. */
const WAIT_PROBABILITY = 7 / 8;
const MAX_WAITS_MS = [1000, 10_000] as const;

/** The fault `disk`. */
export function disk(): Fault {
  const down = new Set<string>();
  /** The losses of power that wait for an fsync, by machine. */
  const waiting = new Map<string, WaitingLoss>();
  return defineFault<PowerLossPlan>({
    name: "disk",
    summary: "machines lose power: records that are not synced are lost or torn",
    effects: [POWER_LOST, POWER_LOST_DURING_SYNC, RECORDS_LOST, RECORD_TORN, RESTARTED],
    plan: planSchema,
    generate(nodes, random, node) {
      const { value, plan } = generateTargets(nodes, random, node);
      const seed = random.uint32().toString(36);
      const within = random.pick(MAX_WAITS_MS);
      const wait = random.chance(WAIT_PROBABILITY) ? { within } : {};
      return { value, plan: { ...plan, seed, ...wait } };
    },
    restrict: (plan, nodes) => {
      const targets = restrictTargets(plan, nodes);
      return targets === undefined ? undefined : { ...plan, ...targets };
    },
    async start(context, plan) {
      const { nodes, within } = plan;
      const results = await Promise.all(nodes.map(async (node) => {
        down.add(node);
        if (within === undefined) return [node, await losePower(context, plan, node)] as const;
        if (!waiting.has(node)) waiting.set(node, losePowerWithin(context, plan, within, node));
        return [node, "loses power"] as const;
      }));
      return Object.fromEntries(results);
    },
    stopsInPart: true,
    async stop({ processes, onFaultEffect }, plan) {
      const nodes = takeFrom(down, plan);
      const results = await Promise.all(nodes.map(async (node) => {
        const loss = waiting.get(node);
        waiting.delete(node);
        if (loss?.cancel() === true) return [node, "kept power"];
        await loss?.happened;
        await processes.restart(node);
        onFaultEffect?.("disk", RESTARTED, node);
        return [node, "started"];
      }));
      return Object.fromEntries(results);
    },
  });
}

/** Cuts a machine's power; resolves to the result that the history shows. */
async function losePower(
  { processes, onFaultEffect }: FaultContext,
  { seed, rot = false }: PowerLossPlan,
  node: string,
): Promise<string> {
  const effect = (name: string) => onFaultEffect?.("disk", name, node);
  const { lostRecords, isTorn, isRotten } = await processes.losePower(node, {
    seed: `${seed}/${node}`,
    rots: rot,
  });
  effect(POWER_LOST);
  if (lostRecords > 0) effect(RECORDS_LOST);
  if (isTorn) effect(RECORD_TORN);
  if (isRotten) effect("a durable record was damaged");
  return isRotten ? "lost power, and its disk is damaged" : "lost power";
}

/** A loss of power that waits for an fsync. */
interface WaitingLoss {
  /** Resolves when power was lost. */
  readonly happened: Promise<unknown>;
  /** Prevents it; returns false if it has happened. */
  cancel(): boolean;
}

/** Cuts a machine's power during its next fsync, or when the time is over. */
function losePowerWithin(
  context: FaultContext,
  plan: PowerLossPlan,
  within: number,
  node: string,
): WaitingLoss {
  const { clock, processes, onFaultEffect } = context;
  const { promise, resolve } = Promise.withResolvers<unknown>();
  let isWaiting = true;
  const cancel = () => {
    const wasWaiting = isWaiting;
    isWaiting = false;
    cancelTimer();
    cancelInterruption();
    return wasWaiting;
  };
  const lose = async () => {
    if (!cancel()) return false;
    resolve(losePower(context, plan, node));
    await promise;
    return true;
  };
  const fraction = new Random(`${plan.seed}/${node}/fsync`).next();
  const cancelInterruption = processes.interruptSync(node, fraction, async () => {
    if (await lose()) onFaultEffect?.("disk", POWER_LOST_DURING_SYNC, node);
  });
  const cancelTimer = clock.after(within, () => void lose());
  return { happened: promise, cancel };
}
