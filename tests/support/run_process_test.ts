/**
 * Runs a short test on the process engine, for tests of the engine itself.
 *
 * @module
 */

import { NetStatistics, type Verdict } from "../../lib/check/mod.ts";
import {
  analyse,
  type JournalEvent,
  type NemesisEvent,
  ProcessEngine,
  type RunRecord,
  runTest,
} from "../../lib/workbench/mod.ts";
import {
  DEFAULT_OPTIONS,
  findWorkload,
  nodeIds,
  type TestOptions,
} from "../../lib/workload/mod.ts";

/** A test: the program, and what differs from one node, 2 s and 20 operations per second. */
export interface ProcessTest {
  readonly bin: string;
  readonly args?: readonly string[];
  readonly nodeCount?: number;
  readonly options?: Partial<TestOptions>;
  readonly signal?: AbortSignal;
  readonly engine?: ProcessEngine;
  /** Milliseconds between healing the faults and the final operations, see quiescence.ts. */
  readonly quiescenceMs?: number;
  /** The nemesis schedule; generated from the seed by default. */
  readonly schedule?: readonly NemesisEvent[];
}

/** The result of a test with the process engine. */
export interface ProcessTestOutcome {
  readonly results: Verdict;
  readonly record: RunRecord;
  readonly journal: readonly JournalEvent[];
  readonly logs: readonly string[];
}

/** Runs a test. Rejects with a `StartError` when a node does not start. */
export async function runProcessTest(test: ProcessTest): Promise<ProcessTestOutcome> {
  const nodes = nodeIds(test.nodeCount ?? 1);
  const options: TestOptions = {
    ...DEFAULT_OPTIONS,
    workload: "echo",
    nodes,
    concurrency: nodes.length,
    timeLimitSeconds: 2,
    ratePerSecond: 20,
    ...test.options,
  };
  const workload = findWorkload(options.workload);
  if (workload === undefined) throw new Error(`unknown workload "${options.workload}"`);
  const engine = test.engine ?? new ProcessEngine(test.bin, test.args ?? []);
  const net = new NetStatistics();
  const journal: JournalEvent[] = [];
  const logs: string[] = [];
  const record = await runTest({
    options,
    workload,
    engine,
    signal: test.signal ?? new AbortController().signal,
    journal: (event) => {
      journal.push(event);
      net[event.type](event.id, event.message.src, event.message.dest);
    },
    log: (node, line) => logs.push(`${node}: ${line}`),
    ...(test.quiescenceMs === undefined ? {} : { quiescenceMs: test.quiescenceMs }),
    ...(test.schedule === undefined ? {} : { schedule: test.schedule }),
  });
  const { history, problems, crashes } = record;
  const now = () => performance.now();
  const results = analyse({ options, workload, history, net, problems, crashes, now });
  return { results, record, journal, logs };
}
