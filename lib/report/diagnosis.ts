/**
 * What a run shows beside its verdict, in lines for the console: why operations did not succeed, how
 * long the others took, what nodes wrote to their logs.
 *
 * @module
 */

import { stringifyJson } from "../base/mod.ts";
import type { Verdict } from "../check/mod.ts";
import { type History, type Operation, pairOperations } from "../history/mod.ts";
import type { ReplyProblem } from "./reply_watch.ts";

/** A line of a summary. */
export interface Finding {
  readonly label: string;
  readonly text: string;
}

/** The log of one node. */
export interface LogTail {
  readonly lines: number;
  readonly last: string;
}

/** What a diagnosis looks at. */
export interface DiagnosedRun {
  readonly history: History;
  readonly replies: readonly ReplyProblem[];
  /** The logs of the nodes that wrote any. */
  readonly logs: ReadonlyMap<string, LogTail>;
  /** The rate of operations that was asked for, a second. */
  readonly ratePerSecond: number;
  readonly nodes: readonly string[];
  readonly concurrency: number;
  readonly timeLimitSeconds: number;
  readonly results: Verdict;
}

const MAX_REASONS = 4;
const MAX_LOGS = 4;
const MAX_LINE_CHARACTERS = 100;
/** A lower part of the requested rate is worth a line. */
const MIN_RATE_PART = 0.8;
/** Below this number of operations a rate says nothing. */
const MIN_RATED_OPERATIONS = 20;

/** Returns the findings, most helpful first. */
export function diagnose(run: DiagnosedRun): Finding[] {
  const pairs = pairOperations(run.history);
  return [
    ...failures(pairs, run),
    ...run.replies.map(({ count, text }) => ({
      label: "replies",
      text: `${text}${count === 1 ? "" : `; ${count} such replies`}`,
    })),
    ...isolation(run),
    ...latency(pairs),
    ...rate(pairs, run),
    ...logs(run.logs),
  ];
}

/** Why operations of a function did not succeed. */
interface Reason {
  count: number;
  readonly example: string;
  /** The nodes whose clients saw it. */
  readonly nodes: Set<string>;
}

type Pairs = ReturnType<typeof pairOperations>;

/** For each function: how many operations did not succeed, and why. */
function failures(pairs: Pairs, { nodes, concurrency }: DiagnosedRun): Finding[] {
  const findings: Finding[] = [];
  for (const [f, own] of Map.groupBy(pairs, ({ invocation }) => invocation.f)) {
    const failed = own.filter(({ completion }) => completion?.type !== "ok");
    const reasons = new Map<string, Reason>();
    for (const { invocation, completion } of failed) {
      const [reason, example] = failureReason(invocation, completion) ?? [];
      if (reason === undefined) continue;
      let known = reasons.get(reason);
      if (known === undefined) {
        known = { count: 0, example: example ?? "", nodes: new Set() };
        reasons.set(reason, known);
      }
      known.count++;
      const worker = invocation.process as number % concurrency;
      known.nodes.add(nodes[worker % nodes.length] ?? "?");
    }
    if (reasons.size === 0) continue;
    const sorted = [...reasons].sort(([, a], [, b]) => b.count - a.count);
    const shown = sorted.slice(0, MAX_REASONS).map(([reason, { count, example, nodes: at }]) => {
      const place = at.size < nodes.length ? ` at ${[...at].join(", ")} only` : "";
      const text = `${reason}${place}${example === "" ? "" : ` (such as ${example})`}`;
      return sorted.length === 1 ? text : `${count} ${text}`;
    });
    const more = sorted.length > MAX_REASONS
      ? [`${sorted.length - MAX_REASONS} other reasons`]
      : [];
    findings.push({
      label: "no success",
      text: `${failed.length} of ${own.length} ${f}: ${[...shown, ...more].join(", ")}`,
    });
  }
  return findings;
}

/** Returns why an operation did not succeed, and an example of the error's text. */
export function failureReason(
  invocation: Operation,
  completion: Operation | undefined,
): readonly [reason: string, example?: string] | undefined {
  if (completion === undefined) return ["still waiting at the end"];
  const { error, exception } = completion;
  if (exception !== undefined) return ["malformed reply, see exceptions"];
  if (error === "net-timeout") {
    const seconds = Math.round((completion.time - invocation.time) / 1e8) / 10;
    return [`no reply within ${seconds} s`];
  }
  if (Array.isArray(error)) {
    return [`error ${error[0]}`, `"${shorten(String(error[1]))}"`];
  }
  return error === undefined ? undefined : [`error ${shorten(stringifyJson(error) ?? "")}`];
}

/** Nodes that never sent a message to each other, or to a service, cannot agree. */
function isolation({ nodes, results }: DiagnosedRun): Finding[] {
  const { net, workload } = results;
  const servers = isObject(net) && isObject(net.servers) ? net.servers["msg-count"] : undefined;
  const isInvalid = isObject(workload) && workload["valid?"] === false;
  if (nodes.length < 2 || servers !== 0 || !isInvalid) return [];
  return [{
    label: "messages",
    text: `none between nodes: ${nodes.length} nodes agree only if they send messages to each ` +
      "other or to a service",
  }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function latency(pairs: Pairs): Finding[] {
  const times = pairs.flatMap(({ invocation, completion }) =>
    completion?.type === "ok" ? [(completion.time - invocation.time) / 1e6] : []
  ).sort((a, b) => a - b);
  if (times.length === 0) return [];
  const at = (part: number) => times[Math.min(times.length - 1, Math.floor(part * times.length))];
  const text = `median ${ms(at(0.5))}, p95 ${ms(at(0.95))}, max ${ms(times.at(-1))}`;
  return [{ label: "latency", text }];
}

function rate(
  pairs: Pairs,
  { ratePerSecond, concurrency, timeLimitSeconds }: DiagnosedRun,
): Finding[] {
  const main = pairs.filter(({ invocation }) => invocation.final !== true).length;
  const reached = main / timeLimitSeconds;
  const wanted = ratePerSecond * timeLimitSeconds;
  if (wanted < MIN_RATED_OPERATIONS || reached >= MIN_RATE_PART * ratePerSecond) return [];
  return [{
    label: "rate",
    text: `${reached.toFixed(1)} operations a second instead of ${ratePerSecond}: all ` +
      `${concurrency} workers waited for replies; raise --concurrency, or answer faster`,
  }];
}

function logs(tails: ReadonlyMap<string, LogTail>): Finding[] {
  const all = [...tails];
  const shown = all.slice(0, MAX_LOGS).map(([node, { lines, last }]): Finding => ({
    label: "stderr",
    text: `${node} wrote ${lines} ${lines === 1 ? "line" : "lines"}, the last: ${shorten(last)} ` +
      `(node-logs/${node}.log)`,
  }));
  const more = all.length - MAX_LOGS;
  return more <= 0
    ? shown
    : [...shown, { label: "stderr", text: `${more} more nodes wrote to stderr, see node-logs` }];
}

function ms(value: number | undefined): string {
  const shown = value ?? 0;
  return `${shown >= 10 ? Math.round(shown) : Math.round(shown * 100) / 100} ms`;
}

function shorten(text: string): string {
  return text.length <= MAX_LINE_CHARACTERS ? text : `${text.slice(0, MAX_LINE_CHARACTERS - 1)}…`;
}
