/**
 * The signature of a failure: for each of its anomalies one line in plain words, which names nodes
 * and values.
 *
 * @module
 */

import { isJsonObject } from "../../base/mod.ts";
import { describeValue, type Verdict } from "../../check/mod.ts";
import type { History, Operation } from "../../history/mod.ts";
import type { TestOptions } from "../../workload/mod.ts";
import type { Failure } from "./failure.ts";

const MAX_CHARACTERS = 240;
/** Anomalies that are plainer as what some node never shows, or shows otherwise, in the end. */
const SEEN_IN_THE_END: ReadonlySet<string> = new Set([
  "workload: lost",
  "workload: unacceptable-read",
  "workload: unseen",
  "workload: lost-write",
]);

/** Returns a line for each entry of a failure. `disagreement` is what the nodes disagree on. */
export function signatureOf(
  failure: Failure,
  verdict: Verdict,
  { history, options, disagreement }: {
    readonly history: History;
    readonly options: TestOptions;
    readonly disagreement: string | undefined;
  },
): string[] {
  return failure.map((entry) => {
    const [checker = "", type = ""] = entry.split(": ");
    const found = SEEN_IN_THE_END.has(entry) && disagreement !== undefined
      ? disagreement
      : messageIn(verdict[checker], type);
    if (found === undefined) return entry;
    const line = namingNodes(found, history, options).replaceAll(/\s*\n\s*/g, " ").trim();
    return line.length <= MAX_CHARACTERS ? line : `${line.slice(0, MAX_CHARACTERS - 1)}…`;
  });
}

/** Returns the first message that explains an anomaly; the checkers keep it in different places. */
function messageIn(part: unknown, type: string): string | undefined {
  if (!isJsonObject(part)) return undefined;
  const { explanations, anomalies, results, [type]: own } = part as Verdict;
  const explained = Array.isArray(explanations)
    ? explanations.find((explanation) => explanation.type === type)
    : undefined;
  const recorded = isJsonObject(anomalies) ? (anomalies[type] as unknown) : undefined;
  const cases = isJsonObject(own) ? own.errs : undefined;
  for (const candidate of [explained, firstOf(recorded), firstOf(cases)]) {
    if (isJsonObject(candidate) && typeof candidate.message === "string") return candidate.message;
  }
  // Kafka's acknowledged messages that no client polled, by key.
  if (isJsonObject(own) && own.messages instanceof Map) {
    const [key, messages] = [...own.messages as Map<unknown, readonly unknown[]>][0] ?? [];
    return `No client ever polled ${
      describeValue(messages?.[0])
    } of key ${key}, which was acknowledged`;
  }
  if (!(results instanceof Map)) return undefined;
  for (const [key, result] of results) {
    const { linearizable } = result as { readonly linearizable?: Verdict };
    if (linearizable?.["valid?"] === false) return `Key ${key}: ${linearizable.message}`;
  }
  return undefined;
}

function firstOf(cases: unknown): unknown {
  return Array.isArray(cases) ? cases[0] : undefined;
}

/** Replaces processes by the nodes that they use, and adds the node to each operation. */
function namingNodes(text: string, history: History, options: TestOptions): string {
  const { concurrency, nodes } = options;
  const nodeOf = (process: number) => nodes[process % concurrency % nodes.length] as string;
  const nodeAt = (index: number) => {
    const process = (history[index] as Operation | undefined)?.process;
    return typeof process === "number" ? ` at ${nodeOf(process)}` : "";
  };
  return text
    .replaceAll(/ of process (\d+)/g, (_, process) => ` at ${nodeOf(Number(process))}`)
    .replaceAll(/\bprocess (\d+)/g, (_, process) => `a client of ${nodeOf(Number(process))}`)
    .replaceAll(/\bprocess\b/g, "client")
    .replaceAll(
      /\boperation (\d+)(?![\d ]* \()/g,
      (match, index) => `${match}${nodeAt(Number(index))}`,
    );
}
