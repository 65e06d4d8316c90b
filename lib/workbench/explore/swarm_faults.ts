/**
 * The faults of a generated case: a subset of those that are allowed. Most of them start and stop at
 * random times; in some cases coverage points trigger them.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import type { TestOptions } from "../../workload/mod.ts";
import { FAULT_NAMES, type NemesisEvent } from "../fault/mod.ts";
import { generateSchedule } from "../nemesis.ts";
import type { SwarmConfig } from "./swarm.ts";
import type { TestCase } from "./test_case.ts";
import { TRIGGERED_FAULT_NAMES, type Triggers } from "./triggers.ts";
import { heldFault, type World } from "./worlds.ts";

/** Mean times between the events of a fault, in seconds. */
const MEAN_INTERVALS_S = [0.1, 0.3, 1, 3, 5] as const;
const NO_FAULTS_PROBABILITY = 1 / 8;
/** How often a case has each fault: many faults together leave little time for progress. */
const FAULT_PROBABILITIES = [1 / 2, 1 / 2, 1 / 5] as const;
/** How often coverage points trigger faults, and then each of the chosen ones. */
const TRIGGERS_PROBABILITY = 1 / 5;
const TRIGGERED_PROBABILITY = 2 / 3;
/** The maximum delays of triggered faults, in mean latencies, but at least some milliseconds. */
const TRIGGER_DELAYS = [1, 3, 10] as const;
const MIN_TRIGGER_DELAY_MS = 2;

/**
 * Chooses a subset of faults, and generates a schedule for each with its own mean interval. Some
 * of them may be triggered instead.
 */
export function generateFaults(
  { faults: names, triggered = false }: Pick<SwarmConfig, "faults" | "triggered">,
  world: World,
  options: TestOptions,
  random: Random,
): Pick<TestCase, "schedule" | "triggers"> {
  const faults = names.filter((name) => FAULT_NAMES.includes(name));
  if (faults.length === 0 || random.chance(NO_FAULTS_PROBABILITY)) return { schedule: [] };
  const probability = random.fork("probability").pick(FAULT_PROBABILITIES);
  let chosen = faults.filter(() => random.chance(probability));
  if (chosen.length === 0) chosen.push(random.pick(faults));
  const { maxFaults } = world;
  if (maxFaults !== undefined) chosen = random.fork("few").shuffle(chosen).slice(0, maxFaults);
  const held = world.holdsFault === true ? chosen[0] : undefined;
  const { nodes, timeLimitSeconds } = options;
  const durationMs = timeLimitSeconds * 1000;
  const intervals = world.meanIntervalsSeconds ?? MEAN_INTERVALS_S;
  const triggers = generateTriggers(
    chosen.filter((fault) => fault !== held),
    options.latency.meanMs,
    intervals,
    random.fork("triggers"),
    triggered,
  );
  const events = chosen.flatMap((fault): NemesisEvent[] => {
    const source = random.fork(fault);
    if (fault === held) return heldFault(fault, nodes, durationMs, source);
    if (triggers?.faults.includes(fault)) return [];
    const intervalMs = source.fork("interval").pick(intervals) * 1000;
    return generateSchedule({ faults: [fault], nodes, intervalMs, durationMs }, source);
  });
  return {
    schedule: events.sort((a, b) => a.at - b.at),
    ...(triggers === undefined ? {} : { triggers }),
  };
}

/** Chooses the faults that coverage points trigger; undefined for none. */
function generateTriggers(
  chosen: readonly string[],
  latencyMs: number,
  intervalsSeconds: readonly number[],
  random: Random,
  isAlways: boolean,
): Triggers | undefined {
  if (!isAlways && !random.chance(TRIGGERS_PROBABILITY)) return undefined;
  const faults = TRIGGERED_FAULT_NAMES.filter((name) =>
    chosen.includes(name) && (isAlways || random.chance(TRIGGERED_PROBABILITY))
  );
  if (faults.length === 0) return undefined;
  return {
    faults,
    maxDelayMs: Math.max(MIN_TRIGGER_DELAY_MS, latencyMs * random.pick(TRIGGER_DELAYS)),
    meanDurationMs: random.pick(intervalsSeconds) * 1000,
  };
}
