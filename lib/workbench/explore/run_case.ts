/**
 * Runs a case and checks its history.
 *
 * @module
 */

import {
  checkAvailability,
  checkExceptions,
  type Explanation,
  mergeVerdicts,
  type Valid,
  type Verdict,
} from "../../check/mod.ts";
import type { Operation } from "../../history/mod.ts";
import { findWorkload, type Workload } from "../../workload/mod.ts";
import { analyse } from "../analysis.ts";
import { type Engine, NotReadyError } from "../engine.ts";
import type { JournalEvent } from "../journal.ts";
import { unknownWorkload } from "../load_workload.ts";
import { type RunRecord, runTest, type TestSetup } from "../run_test.ts";
import { DeadlockError, LivelockError } from "../sim/mod.ts";
import type { NemesisEvent } from "../fault/mod.ts";
import { Coverage, type CoverageCounts } from "./coverage.ts";
import { type Failure, failureOf, isLoss } from "./failure.ts";
import { checkMonotonicReads } from "./monotonic_reads.ts";
import { TwoPhases } from "./phases.ts";
import { signatureOf } from "./signature.ts";
import type { TestCase } from "./test_case.ts";
import { TriggeredFaults } from "./triggers.ts";

/** Creates an engine for one run of a case, with its clock at 0. */
export type EngineFactory = (testCase: TestCase) => Engine;

/** Callbacks for the events of a run. */
export interface RunObserver {
  journal?(event: JournalEvent): void;
  log?(node: string, line: string): void;
  onFaultEffect?(fault: string, effect: string, to: string): void;
  onOperation?(operation: Operation): void;
}

/** The checked result of a run. */
export interface RunOutcome {
  readonly verdict: Verdict;
  readonly valid: Valid;
  readonly failure: Failure;
  /** A line in plain words for each entry of the failure. */
  readonly signature: readonly string[];
  /** The case with all faults in its schedule: a case that repeats the run without triggers. */
  readonly scheduledCase: TestCase;
  readonly record: RunRecord;
  readonly coverage: CoverageCounts;
  /** The number of messages sent. */
  readonly messages: number;
  /** The duration of the run on the engine's clock. */
  readonly elapsedMs: number;
}

/**
 * Runs a case and checks its history. A livelock, a deadlock, and a node that never becomes ready
 * are failures, not errors. `ownWorkload` is the workload of a case that is not one of Maelstrom's.
 *
 * @throws {RangeError} When the workload is unknown.
 * @throws {StartError} When a node cannot be started or rejects its arguments.
 */
export async function runCase(
  testCase: TestCase,
  createEngine: EngineFactory,
  observer: RunObserver = {},
  ownWorkload?: Workload,
): Promise<RunOutcome> {
  const { options, schedule, serialDelivery, triggers, ...rest } = testCase;
  const { convergenceMs: quiescenceMs } = testCase;
  const found = ownWorkload ?? findWorkload(options.workload);
  if (found === undefined) throw new RangeError(unknownWorkload(options.workload));
  const workload = new TwoPhases(found, testCase);
  const engine = createEngine(testCase);
  const coverage = new Coverage();
  let messages = 0;
  const triggered: NemesisEvent[] = [];
  const faults = triggers && new TriggeredFaults(triggers, options.nodes, options.seed);
  const setup: TestSetup = {
    options,
    workload,
    engine,
    schedule,
    ...(faults === undefined ? {} : {
      trigger(...reached) {
        const events = faults.reached(...reached);
        triggered.push(...events);
        return events;
      },
    }),
    serialDelivery,
    ...(quiescenceMs === undefined ? {} : { quiescenceMs }),
    signal: new AbortController().signal,
    journal(event) {
      if (event.type === "send") messages++;
      coverage.journal(event);
      observer.journal?.(event);
    },
    log: (node, line) => observer.log?.(node, line),
    onReached: (_node, mark) => coverage.reached(mark),
    onOperation(operation) {
      workload.observe(operation);
      observer.onOperation?.(operation);
    },
    onFaultEffect(fault, effect, to) {
      coverage.onFaultEffect(fault, effect, to);
      observer.onFaultEffect?.(fault, effect, to);
    },
  };
  const { record, verdict } = await runAndCheck(testCase, workload, setup);
  coverage.history(record.history);
  const failure = failureOf(verdict);
  return {
    record,
    verdict,
    messages,
    failure,
    signature: failure.length === 0 ? [] : signatureOf(failure, verdict, {
      options,
      history: record.history,
      disagreement: workload.checkAgreement(record.history, options).explanations?.[0]?.message,
    }),
    valid: verdict["valid?"],
    scheduledCase: {
      ...rest,
      options,
      serialDelivery,
      schedule: [...schedule, ...triggered].toSorted((one, other) => one.at - other.at),
    },
    coverage: coverage.counts,
    elapsedMs: engine.clock.now(),
  };
}

async function runAndCheck(testCase: TestCase, workload: TwoPhases, setup: TestSetup) {
  try {
    const record = await runTest(setup);
    return { record, verdict: check(testCase, workload, record) };
  } catch (error) {
    const verdict = abortedRunVerdict(error);
    if (verdict === undefined) throw error;
    const { schedule } = testCase;
    const record: RunRecord = {
      schedule,
      history: [],
      problems: [],
      crashes: [],
      interrupted: false,
    };
    return { record, verdict };
  }
}

/** Returns the verdict for an error that a node caused; undefined for any other error. */
function abortedRunVerdict(error: unknown): Verdict | undefined {
  const type = error instanceof LivelockError
    ? "livelock"
    : error instanceof DeadlockError
    ? "deadlock"
    : error instanceof NotReadyError
    ? "not-ready"
    : undefined;
  if (type === undefined) return undefined;
  const explanations: Explanation[] = [{ type, message: (error as Error).message }];
  return { "valid?": false, engine: { "valid?": false, explanations } };
}

/**
 * Runs all checkers of a test except `stats`, and checks liveness, agreement and the schema of
 * replies.
 *
 * `stats` requires a success of each operation type, which a short run under faults may lack.
 * Availability excludes operations that clients abort themselves, such as kafka's crashes.
 */
function check(testCase: TestCase, workload: TwoPhases, record: RunRecord): Verdict {
  const { options } = testCase;
  const { history, problems, crashes } = record;
  const analysis = analyse({
    options,
    workload,
    history,
    problems,
    crashes,
    now: countingClock(),
  });
  const { "valid?": _, "maelstrom-valid?": __, stats: ___, ...verdicts } = analysis;
  const judged = analysis.workload;
  const isTolerated = testCase.toleratesLoss === true && judged["valid?"] === false &&
    isLoss(judged, workload.stateReads?.losses);
  const serverOperations = history.filter(({ f }) => !workload.mayNeverSucceed.includes(f));
  return mergeVerdicts({
    ...verdicts as Record<string, Verdict>,
    ...(isTolerated ? { workload: { ...judged, "valid?": true, "maelstrom-valid?": false } } : {}),
    availability: checkAvailability(serverOperations, options.availability),
    liveness: workload.checkLiveness(history, options),
    // Where Maelstrom's own checker finds what the nodes have lost, that is enough.
    ...(judged["valid?"] === false && !isTolerated
      ? {}
      : { agreement: workload.checkAgreement(history, options) }),
    ...(testCase.monotonicReads === true
      ? { "monotonic-reads": checkMonotonicReads(history, workload.stateReads, options) }
      : {}),
    replies: checkReplies(record),
  });
}

const READINGS_PER_MS = 50;

/**
 * Returns a clock in milliseconds that advances with each reading. A checker with a time limit then
 * times out at the same step on every machine.
 */
function countingClock(): () => number {
  let readings = 0;
  return () => readings++ / READINGS_PER_MS;
}

/** Returns an invalid verdict if a reply did not match its schema; Maelstrom makes it `info`. */
function checkReplies({ history }: RunRecord): Verdict {
  const { exceptions } = checkExceptions(history);
  const malformed = Array.isArray(exceptions)
    ? exceptions.find((thrown) => thrown.class === "MalformedReplyError")
    : undefined;
  if (malformed === undefined) return { "valid?": true };
  const explanations: Explanation[] = [{
    type: "malformed-reply",
    message: messageOf(malformed.example) ?? "A reply did not match its schema.",
  }];
  return { "valid?": false, count: malformed.count, explanations };
}

function messageOf(operation: unknown): string | undefined {
  const { exception } = operation as { exception?: { via?: readonly { message?: string }[] } };
  return exception?.via?.[0]?.message;
}
