/**
 * Runs a simulation inside a page, and returns what a run's folder would hold.
 *
 * @module
 */

import { stringifyJson } from "../../base/mod.ts";
import { plainResults } from "../../check/mod.ts";
import { encodeHistoryJsonl } from "../../history/mod.ts";
import type { NodeFunction } from "../../node/mod.ts";
import { JournalEncoder } from "../../workbench/journal.ts";
import type { NemesisEvent } from "../../workbench/fault/mod.ts";
import { toSchedule } from "../../workbench/schedule_file.ts";
import { StateLog } from "../../workbench/sim/state_log.ts";
import { simulate } from "../../workbench/sim/simulate.ts";
import { findWorkload, OPTION_NAMES, type TestOptions } from "../../workload/mod.ts";
import type { RunFiles } from "../run_files.ts";

/** A simulation that a page asks for. */
export interface RunRequest {
  readonly options: Partial<TestOptions> & { readonly workload: string };
  /** The arguments of the nodes. */
  readonly args: readonly string[];
  /** The nemesis schedule as JSON; generated from the seed if it is empty. */
  readonly schedule: string;
  /** A case of explore, whose operations and delivery the run keeps. */
  readonly case?: string;
  /** The program, for the head of the page. */
  readonly bin: string;
}

/** Runs a simulation. Rejects with an error that says what is wrong with the request. */
export type RunAgain = (request: RunRequest) => Promise<RunFiles>;

/** Returns a function that runs simulations of programs; `programs` are by the name of their file. */
export function runnerOf(programs: Readonly<Record<string, NodeFunction>>): RunAgain {
  return async ({ options, args, schedule, bin }) => {
    const program = programs[bin];
    const workload = findWorkload(options.workload);
    if (program === undefined) throw new RangeError(`this page does not carry ${bin}`);
    if (workload === undefined) throw new RangeError(`unknown workload "${options.workload}"`);
    const { nemesis = [], nodes = [], ...others } = options;
    const given = Object.entries(others).filter(([name]) => OPTION_NAMES.includes(name));
    let states: StateLog | undefined;
    const run = await simulate(program, workload, {
      ...Object.fromEntries(given),
      nodes,
      args,
      onJournalEvent(event, node) {
        states ??= new StateLog((id) => nodes.includes(id) ? node(id).state : undefined);
        states.observe(event);
      },
      ...(schedule.trim() === ""
        ? { faults: nemesis }
        : { schedule: parseSchedule(schedule, nodes) }),
    });
    states?.end(nodes);
    const journal = new JournalEncoder();
    const logs: Record<string, string> = {};
    for (const { node, line } of run.log) logs[node] = `${logs[node] ?? ""}${line}\n`;
    return {
      logs,
      test: stringifyJson({ options: run.options, engine: "sim", bin, args }),
      results: stringifyJson(plainResults(run.results)),
      history: encodeHistoryJsonl(run.history),
      states: states?.text,
      messages: run.journal.map((event) => `${journal.encode(event)}\n`).join(""),
    };
  };
}

/** Parses a schedule. Throws a RangeError for an invalid one. */
export function parseSchedule(schedule: string, nodes: readonly string[]): NemesisEvent[] {
  try {
    return toSchedule(JSON.parse(schedule), nodes);
  } catch (error) {
    throw new RangeError(`the schedule is not valid: ${(error as Error).message}`);
  }
}
