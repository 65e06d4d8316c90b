/**
 * Nemesis schedules as text, which can be saved, edited and replayed: a JSON array with one fault
 * event a line, `{"at": 1500, "f": "start-partition", "value": "one", "plan": {"n0": ["n1"]}}`.
 *
 * @module
 */

import { isJsonObject, parseJson, stringifyJson } from "../base/mod.ts";
import { createFault, FAULT_NAMES, type NemesisEvent } from "./fault/mod.ts";
import { milliseconds } from "./fault/fault.ts";
import { parseNemesisOp } from "./nemesis.ts";

/** Thrown for an invalid schedule; the message names the event and its problem. */
export class ScheduleError extends Error {
  /** The name of the class. */
  override readonly name = "ScheduleError";
}

/** Returns a schedule as text, one fault event a line. */
export function encodeSchedule(schedule: readonly NemesisEvent[]): string {
  if (schedule.length === 0) return "[]\n";
  return `[\n${schedule.map((event) => `  ${stringifyJson(event)}`).join(",\n")}\n]\n`;
}

/** Parses a schedule for these nodes. Throws a {@link ScheduleError}. */
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
 * Validates a JSON value as a schedule and sorts its events by time. `value` and `plan` are
 * optional in events that stop a fault. Throws a {@link ScheduleError}.
 */
export function toSchedule(value: unknown, nodes: readonly string[]): NemesisEvent[] {
  if (!Array.isArray(value)) throw new ScheduleError("a schedule must be an array of fault events");
  const events = value.map((item, index) => toEvent(item, `event ${index + 1}`, nodes));
  return events.sort((a, b) => a.at - b.at);
}

function toEvent(item: unknown, location: string, nodes: readonly string[]): NemesisEvent {
  if (!isJsonObject(item)) throw new ScheduleError(`${location} must be an object`);
  const { at, f, value = null, plan = null, ...others } = item;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) {
    throw new ScheduleError(
      `${location} has an unknown field '${unknown}'; the fields are at, f, value and plan`,
    );
  }
  const timeProblem = milliseconds.problem(at, "at");
  if (timeProblem !== undefined) throw new ScheduleError(`${location}: ${timeProblem}`);
  const op = typeof f === "string" ? parseNemesisOp(f) : undefined;
  if (op === undefined || !FAULT_NAMES.includes(op.fault)) {
    throw new ScheduleError(
      `${location}: f must be start-X or stop-X, with X one of ${FAULT_NAMES.join(", ")}; ` +
        `got ${stringifyJson(f) ?? "nothing"}`,
    );
  }
  const fault = createFault(op.fault);
  const planProblem = op.starts ? fault.planProblem(plan, nodes) : fault.stopProblem(plan, nodes);
  if (planProblem !== undefined) throw new ScheduleError(`${location} (${f}): ${planProblem}`);
  return { at: at as number, f: f as string, value, plan };
}
