/**
 * Runs a failing case once more and stores its files.
 *
 * @module
 */

import { NetStatistics } from "../../lib/check/mod.ts";
import {
  type CaseFile,
  encodeCase,
  type EngineFactory,
  runCase,
  type RunOutcome,
  traceObserver,
} from "../../lib/workbench/explore/mod.ts";
import { type Engine, RunFolder, SimEngine, StateLog } from "../../lib/workbench/mod.ts";
import { tryToWriteReport } from "./write_report.ts";

/** A stored case. */
export interface SavedCase {
  /** The path of its `case.json`. */
  readonly path: string;
  /** The path of its report page, or a sentence that says why there is none. */
  readonly report: string;
  readonly outcome: RunOutcome;
}

/**
 * Runs a case and stores the files of a test under `root`, and beside them `case.json` (for the
 * replay), `found.json` (the case before shrinking) and `trace.log` (the events).
 */
export async function saveCase(
  root: string,
  shrunk: CaseFile,
  found: CaseFile,
  createEngine: EngineFactory,
): Promise<SavedCase> {
  const { options, bin, args } = shrunk.case;
  const folder = new RunFolder(`${root}/explore`, options.workload, new Date().toISOString());
  const net = new NetStatistics();
  const trace: string[] = [];
  let engine: Engine | undefined;
  const states = new StateLog((id) => engine instanceof SimEngine ? engine.stateOf(id) : undefined);
  const tracer = traceObserver(() => engine?.clock.now() ?? 0, (line) => trace.push(line));
  try {
    folder.describe({ options, bin, args, engine: "sim" });
    const write = (name: string, text: string) =>
      Deno.writeTextFileSync(`${folder.path}/${name}`, text);
    write("case.json", encodeCase(shrunk));
    write("found.json", encodeCase(found));
    const outcome = await runCase(shrunk.case, (testCase) => engine = createEngine(testCase), {
      ...tracer,
      journal(event) {
        tracer.journal(event);
        folder.journal(event);
        states.observe(event);
        net[event.type](event.id, event.message.src, event.message.dest);
      },
      log(node, line) {
        tracer.log(node, line);
        folder.log(node, line);
      },
    });
    write("trace.log", trace.map((line) => `${line}\n`).join(""));
    for (const operation of outcome.record.history) folder.operation(operation);
    states.end(options.nodes);
    folder.writeStates(states.text);
    folder.writeSchedule(outcome.record.schedule);
    folder.writeResults(outcome.verdict);
    folder.close();
    return {
      outcome,
      path: `${folder.path}/case.json`,
      report: await tryToWriteReport(folder.path),
    };
  } finally {
    folder.close();
  }
}
