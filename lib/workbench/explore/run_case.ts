/**
 * Runs a case on the simulated engine and judges what came of it.
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
import { findWorkload } from "../../workload/mod.ts";
import { analyse } from "../analysis.ts";
import { type Engine, NotReadyError } from "../engine.ts";
import type { JournalEvent } from "../journal.ts";
import { type RunRecord, runTest, type TestSetup } from "../run_test.ts";
import { DeadlockError, LivelockError } from "../sim/mod.ts";
import { Coverage, type FeatureCounts } from "./coverage.ts";
import { type Failure, failureOf } from "./failure.ts";
import { TwoPhases } from "./phases.ts";
import type { TestCase } from "./test_case.ts";

/** Makes the engine that a case runs on: a new one, with its time at 0. */
export type EngineFactory = (testCase: TestCase) => Engine;

/** Is told what happens while a case runs. */
export interface CaseObserver {
  journal?(event: JournalEvent): void;
  log?(node: string, line: string): void;
  happened?(fault: string, effect: string, to: string): void;
  operation?(operation: Operation): void;
}

/** What came of a case. */
export interface CaseOutcome {
  readonly verdict: Verdict;
  readonly valid: Valid;
  readonly failure: Failure;
  readonly record: RunRecord;
  readonly features: FeatureCounts;
  /** Messages sent. */
  readonly messages: number;
  /** Milliseconds that passed on the engine's clock. */
  readonly elapsed: number;
}

/** Runs a case. Throws a `StartError` when a node cannot be started, or does not take its arguments. */
export async function runCase(
  testCase: TestCase,
  createEngine: EngineFactory,
  observer: CaseObserver = {},
): Promise<CaseOutcome> {
  const { options, schedule, serialDelivery, mostOperations } = testCase;
  const found = findWorkload(options.workload);
  if (found === undefined) throw new RangeError(`there is no workload '${options.workload}'`);
  const workload = new TwoPhases(found, mostOperations);
  const engine = createEngine(testCase);
  const coverage = new Coverage();
  let messages = 0;
  const setup: TestSetup = {
    options,
    workload,
    engine,
    schedule,
    serialDelivery,
    signal: new AbortController().signal,
    journal(event) {
      if (event.type === "send") messages++;
      coverage.journal(event);
      observer.journal?.(event);
    },
    log(node, line) {
      coverage.log(line);
      observer.log?.(node, line);
    },
    onOperation: (operation) => observer.operation?.(operation),
    onFaultEffect(fault, effect, to) {
      coverage.happened(fault, effect, to);
      observer.happened?.(fault, effect, to);
    },
  };
  const { record, verdict } = await runAndJudge(testCase, workload, setup);
  coverage.history(record.history);
  return {
    record,
    verdict,
    messages,
    valid: verdict["valid?"],
    failure: failureOf(verdict),
    features: coverage.counts,
    elapsed: engine.clock.now(),
  };
}

async function runAndJudge(testCase: TestCase, workload: TwoPhases, setup: TestSetup) {
  try {
    const record = await runTest(setup);
    return { record, verdict: judge(testCase, workload, record) };
  } catch (error) {
    const stuck = stuckVerdict(error);
    if (stuck === undefined) throw error;
    const { schedule } = testCase;
    const record: RunRecord = {
      schedule,
      history: [],
      problems: [],
      crashes: [],
      interrupted: false,
    };
    return { record, verdict: stuck };
  }
}

/** The verdict on a test that could not begin or go on; undefined if no node is to blame. */
function stuckVerdict(error: unknown): Verdict | undefined {
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
 * All checks of a test but `stats`, which blames a kind of operation that never succeeded (a run of
 * a second under faults may well have none), and two more: liveness, and replies of a wrong shape.
 * Availability is that of the nodes: what clients end themselves (kafka's crashes) does not count.
 */
function judge({ options }: TestCase, workload: TwoPhases, record: RunRecord): Verdict {
  const { history, problems, crashes } = record;
  const analysis = analyse({
    options,
    workload,
    history,
    problems,
    crashes,
    now: stepClock(),
  });
  const { "valid?": _, "maelstrom-valid?": __, stats: ___, ...verdicts } = analysis;
  const requests = history.filter(({ f }) => !workload.mayNeverSucceed.includes(f));
  return mergeVerdicts({
    ...verdicts as Record<string, Verdict>,
    availability: checkAvailability(requests, options.availability),
    liveness: workload.checkLiveness(history, options),
    replies: checkReplies(record),
  });
}

const STEPS_PER_MS = 50;

/**
 * A clock that counts how often it is looked at. Checkers that give up after a while then do so at
 * the same point on every machine.
 */
function stepClock(): () => number {
  let steps = 0;
  return () => steps++ / STEPS_PER_MS;
}

/** Invalid when a reply did not have the form it must have (Maelstrom lets that pass as `info`). */
function checkReplies({ history }: RunRecord): Verdict {
  const { exceptions } = checkExceptions(history);
  const malformed = Array.isArray(exceptions)
    ? exceptions.find((thrown) => thrown.class === "MalformedReplyError")
    : undefined;
  if (malformed === undefined) return { "valid?": true };
  const explanations: Explanation[] = [{
    type: "malformed-reply",
    message: messageOf(malformed.example) ?? "A reply did not have the form it must have.",
  }];
  return { "valid?": false, count: malformed.count, explanations };
}

function messageOf(operation: unknown): string | undefined {
  const { exception } = operation as { exception?: { via?: readonly { message?: string }[] } };
  return exception?.via?.[0]?.message;
}
