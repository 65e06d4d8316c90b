/**
 * Runs a case and stores the files of its run.
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
import type { Workload } from "../../lib/workload/mod.ts";
import { StoreError, WriteFailures } from "./file_problem.ts";
import { tryToWriteReport } from "./write_report.ts";

/** A stored case. */
export interface SavedCase {
  /** The folder of the run, which holds `case.json`. */
  readonly folder: string;
  /** The path of its report page, or a sentence that says why there is none. */
  readonly report: string;
  readonly outcome: RunOutcome;
}

/** How a case is stored. */
export interface SaveSettings {
  /** The folder below which the run gets a folder of its own. */
  readonly root: string;
  readonly createEngine: EngineFactory;
  /** The workload of a case that is not one of Maelstrom's. */
  readonly workload?: Workload;
  /** The case before it was shrunk, for `found.json`. */
  readonly found?: CaseFile;
  /** Called with each line of the trace when it happens. */
  onTrace?(line: string): void;
}

/**
 * Runs a case and stores the files of a test, and beside them `case.json` (for the replay),
 * `found.json` and `trace.log` (the events). Throws a {@link StoreError} when that is not possible.
 */
export async function saveCase(saved: CaseFile, settings: SaveSettings): Promise<SavedCase> {
  const { root, found, workload, createEngine, onTrace } = settings;
  const { options, bin, args, workloadModule } = saved.case;
  const writing = new WriteFailures();
  const folder = new RunFolder(
    root,
    options.workload,
    new Date().toISOString(),
    (path, error) => writing.add(path, error),
  );
  const net = new NetStatistics();
  let engine: Engine | undefined;
  const states = new StateLog((id) => engine instanceof SimEngine ? engine.stateOf(id) : undefined);
  const tracer = traceObserver(() => engine?.clock.now() ?? 0, (line) => {
    folder.trace(line);
    onTrace?.(line);
  });
  try {
    const ownWorkload = workloadModule === undefined ? {} : { workloadModule };
    folder.describe({ options, bin, args, engine: "sim", ...ownWorkload });
    const write = (name: string, text: string) =>
      Deno.writeTextFileSync(`${folder.path}/${name}`, text);
    write("case.json", encodeCase(saved));
    if (found !== undefined) write("found.json", encodeCase(found));
    const outcome = await runCase(saved.case, (testCase) => engine = createEngine(testCase), {
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
    }, workload);
    for (const operation of outcome.record.history) folder.operation(operation);
    states.end(options.nodes);
    folder.writeStates(states.text);
    folder.writeSchedule(outcome.record.schedule);
    folder.writeResults(outcome.verdict);
    folder.close();
    if (writing.problem !== undefined) throw new StoreError(folder.path, writing.problem);
    return { outcome, folder: folder.path, report: await tryToWriteReport(folder.path) };
  } finally {
    folder.close();
  }
}
