/**
 * Repeats a case of explore inside a page. A case has more settings than a test, such as the
 * operations that its clients make.
 *
 * @module
 */

import { stringifyJson } from "../../base/mod.ts";
import { plainResults } from "../../check/mod.ts";
import { encodeHistoryJsonl } from "../../history/mod.ts";
import type { NodeFunction } from "../../node/mod.ts";
import { runCase } from "../../workbench/explore/run_case.ts";
import { argumentsOf, decodeCase } from "../../workbench/explore/test_case.ts";
import { JournalEncoder } from "../../workbench/journal.ts";
import { SimEngine } from "../../workbench/sim/sim_engine.ts";
import { StateLog } from "../../workbench/sim/state_log.ts";
import { findWorkload, optionsProblem } from "../../workload/mod.ts";
import type { RunFiles } from "../run_files.ts";
import { parseSchedule, type RunAgain, type RunRequest } from "./run_again.ts";

/** Returns a function that repeats the case of a request, with its options and its schedule. */
export function runnerOfCases(programs: Readonly<Record<string, NodeFunction>>): RunAgain {
  return async (request) => {
    const program = programs[request.bin];
    if (program === undefined) throw new RangeError(`this page does not carry ${request.bin}`);
    return await repeatCase(program, request);
  };
}

async function repeatCase(program: NodeFunction, request: RunRequest): Promise<RunFiles> {
  const { options, args, schedule, bin, case: text = "" } = request;
  const { case: recorded } = decodeCase(text);
  const merged = { ...recorded.options, ...options };
  const workload = findWorkload(merged.workload);
  const problem = workload === undefined ? "unknown workload" : optionsProblem(workload, merged);
  if (problem !== undefined) throw new RangeError(problem);
  const testCase = {
    ...recorded,
    args,
    options: merged,
    schedule: parseSchedule(schedule === "" ? "[]" : schedule, merged.nodes),
  };
  const journal = new JournalEncoder();
  const lines: string[] = [];
  const logs: Record<string, string> = {};
  let engine: SimEngine | undefined;
  const states = new StateLog((id) => merged.nodes.includes(id) ? engine?.stateOf(id) : undefined);
  const { diskLatencyMs } = recorded;
  const engineOptions = diskLatencyMs === undefined ? {} : { meanDiskLatencyMs: diskLatencyMs };
  const all = argumentsOf(testCase);
  const create = () => engine = new SimEngine(program, all, merged.seed, engineOptions);
  const { record, verdict } = await runCase(testCase, create, {
    journal(event) {
      lines.push(`${journal.encode(event)}\n`);
      states.observe(event);
    },
    log: (node, line) => logs[node] = `${logs[node] ?? ""}${line}\n`,
  });
  states.end(merged.nodes);
  return {
    logs,
    schedule,
    case: text,
    test: stringifyJson({ options: merged, engine: "sim", bin, args }),
    results: stringifyJson(plainResults(verdict)),
    history: encodeHistoryJsonl(record.history),
    states: states.text,
    messages: lines.join(""),
  };
}
