/**
 * Tests a node that a function describes, in virtual time.
 *
 * @module
 */

import { type JsonObject, stringifyJson } from "../../../lib/base/mod.ts";
import { NetStatistics, type Verdict } from "../../../lib/check/mod.ts";
import { analyse, type RunRecord, runTest } from "../../../lib/workbench/mod.ts";
import { completeOptions, findWorkload, type Workload } from "../../../lib/workload/mod.ts";
import { LineEngine, type LineNode } from "../../support/line_engine.ts";
import { CorrectService } from "./correct_service.ts";
import type { OddLine } from "./lines.ts";
import type { WrongReply } from "./wrong_reply.ts";

/** A run's record and verdicts. */
export interface LineTestOutcome {
  readonly record: RunRecord;
  readonly results: Verdict;
}

/** Returns a node of a correct service; `write` returns the lines that it writes for a reply. */
export function lineNode(
  id: string,
  service: CorrectService,
  write: (reply: JsonObject, request: JsonObject) => readonly JsonObject[],
): LineNode {
  return ({ src, body }) => {
    const replies = write(service.reply(body), body);
    return replies.map((reply) =>
      stringifyJson({ src: id, dest: src, body: { ...reply, in_reply_to: body.msg_id } })
    );
  };
}

/** Runs a workload for 20 s on two nodes. */
export async function runLineTest(
  name: string,
  program: (id: string) => LineNode,
): Promise<LineTestOutcome> {
  const workload = findWorkload(name) as Workload;
  const options = completeOptions(workload, {
    nodes: 2,
    timeLimitSeconds: 20,
    ratePerSecond: 20,
    seed: "1",
  });
  const net = new NetStatistics();
  const record = await runTest({
    options,
    workload,
    engine: new LineEngine(program),
    signal: new AbortController().signal,
    journal: ({ type, id, message }) => net[type](id, message.src, message.dest),
    log() {},
  });
  const { history, problems, crashes } = record;
  const results = analyse({ options, workload, history, net, problems, crashes, now: () => 0 });
  return { record, results };
}

/** Runs a workload whose nodes reply wrongly now and then. */
export function runWrongReplies(
  workload: string,
  { to, reply: falsify, every = 3 }: WrongReply,
): Promise<LineTestOutcome> {
  const service = new CorrectService(workload);
  let requests = 0;
  return runLineTest(workload, (id) =>
    lineNode(id, service, (reply, request) => {
      if (request.type !== to || ++requests % every !== 0) return [reply];
      const wrong = falsify(reply as never, request, service);
      return wrong === undefined ? [] : [wrong];
    }));
}

/** Runs echo with nodes that write odd lines for every third reply. */
export function runOddLines({ lines, fromInit = false }: OddLine): Promise<LineTestOutcome> {
  const service = new CorrectService("echo");
  let replies = 0;
  return runLineTest("echo", (id) => ({ src, body }) => {
    if (String(body.type).endsWith("_ok")) return [];
    const reply = { ...service.reply(body), in_reply_to: body.msg_id as number };
    const message = { src: id, dest: src, body: reply };
    const isOdd = body.type === "init"
      ? fromInit
      : body.msg_id !== undefined && ++replies % 3 === 0;
    return isOdd ? lines(message) : [stringifyJson(message)];
  });
}

/** The lists of a verdict that name the anomalies that a checker found. */
const NAME_LISTS = ["anomaly-types", "bad-error-types"];

/** Returns the names of all that is wrong in verdicts: anomalies, and types of explanations. */
export function findingsOf(verdict: unknown): string[] {
  const names = new Set<string>();
  collect(verdict, names);
  return [...names].sort();
}

function collect(value: unknown, names: Set<string>): void {
  if (typeof value !== "object" || value === null) return;
  const verdict = value as Readonly<Record<string, unknown>>;
  for (const list of NAME_LISTS) {
    for (const name of verdict[list] as string[] | undefined ?? []) names.add(name);
  }
  for (const { type } of verdict.explanations as { type: string }[] | undefined ?? []) {
    names.add(type);
  }
  if (verdict["failures"] !== undefined && (verdict["failures"] as unknown[]).length > 0) {
    names.add("nonlinearizable");
  }
  if (verdict["lost-key"] !== undefined) names.add("lost-key");
  const parts = value instanceof Map ? value.values() : Object.values(value);
  for (const part of parts) collect(part, names);
}
