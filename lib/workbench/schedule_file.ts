/**
 * Nemesis schedules as text, to be saved, edited by hand and replayed: a JSON array with one act a
 * line, `{"at": 1500, "f": "start-partition", "value": "one", "plan": {"n0": ["n1"]}}`.
 *
 * @module
 */

import { isJsonObject, parseJson, stringifyJson } from "../base/mod.ts";
import { createFault, FAULT_NAMES, type NemesisEvent } from "./fault/mod.ts";
import { milliseconds } from "./fault/fault.ts";
import { parseNemesisOp } from "./nemesis.ts";

/** Thrown for a schedule that cannot be carried out; says which act is wrong, and how. */
export class ScheduleError extends Error {
  override readonly name = "ScheduleError";
}

/** A schedule as text, one act a line. */
export function encodeSchedule(schedule: readonly NemesisEvent[]): string {
  if (schedule.length === 0) return "[]\n";
  return `[\n${schedule.map((event) => `  ${stringifyJson(event)}`).join(",\n")}\n]\n`;
}

/** Reads a schedule for these nodes. Throws a {@link ScheduleError}. */
export function decodeSchedule(text: string, nodes: readonly string[]): NemesisEvent[] {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new ScheduleError(`a schedule must be JSON: ${(error as Error).message}`);
  }
  return toSchedule(value, nodes);
}

/**
 * Takes a JSON value for a schedule, in the order of the times. `value` and `plan` may be left out
 * of acts that stop a fault. Throws a {@link ScheduleError}.
 */
export function toSchedule(value: unknown, nodes: readonly string[]): NemesisEvent[] {
  if (!Array.isArray(value)) throw new ScheduleError("a schedule must be an array of acts");
  const events = value.map((item, index) => toEvent(item, `act ${index + 1}`, nodes));
  return events.sort((a, b) => a.at - b.at);
}

function toEvent(item: unknown, place: string, nodes: readonly string[]): NemesisEvent {
  if (!isJsonObject(item)) throw new ScheduleError(`${place} must be an object`);
  const { at, f, value = null, plan = null, ...others } = item;
  const stranger = Object.keys(others)[0];
  if (stranger !== undefined) {
    throw new ScheduleError(`${place} has a field '${stranger}'; an act has at, f, value and plan`);
  }
  const timeProblem = milliseconds.problem(at, "at");
  if (timeProblem !== undefined) throw new ScheduleError(`${place}: ${timeProblem}`);
  const act = typeof f === "string" ? parseNemesisOp(f) : undefined;
  if (act === undefined || !FAULT_NAMES.includes(act.fault)) {
    throw new ScheduleError(
      `${place}: f must be start-X or stop-X, with X one of ${FAULT_NAMES.join(", ")}; ` +
        `not ${stringifyJson(f) ?? "missing"}`,
    );
  }
  const planProblem = act.starts
    ? createFault(act.fault).planProblem(plan, nodes)
    : plan === null
    ? undefined
    : "an act that stops a fault has no plan";
  if (planProblem !== undefined) throw new ScheduleError(`${place} (${f}): ${planProblem}`);
  return { at: at as number, f: f as string, value, plan };
}
