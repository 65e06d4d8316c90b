/**
 * The verdict in words: each check with its result and its reasons. Operations that a reason names
 * are links to them.
 *
 * @module
 */

import { reasonsOf } from "../../report/reasons.ts";
import type { DrawnOperation, RunData } from "../run_data.ts";
import { cycleGraph } from "./cycle.ts";
import { button, h, shorten } from "./dom.ts";
import type { View } from "./view.ts";

/** What each check looks at. */
const CHECKS: Readonly<Record<string, string>> = {
  stats: "Did some operations of each kind succeed?",
  availability: "How many operations succeeded?",
  exceptions: "Did a client meet a malformed reply?",
  net: "How many messages were sent?",
  nodes: "Did nodes write anything that is not a message?",
  crash: "Did a node end before the test did?",
  workload: "Do the results of the operations agree with the workload's rules?",
};
const MAX_REASONS = 5;
const MAX_MORE_REASONS = 200;
const MAX_CYCLES = 3;
const MAX_FIGURE_LENGTH = 160;

type Part = Readonly<Record<string, unknown>>;

/** Returns the section, and the operations of the first reason, where the failure is. */
export function verdictSection(
  view: View,
): { readonly element: HTMLElement; readonly failure: readonly DrawnOperation[] } {
  const { results } = view.run;
  const parts = Object.entries(results).flatMap(([name, part]) =>
    isPart(part) ? [{ name, part }] : []
  );
  const worst = parts.toSorted((a, b) => rank(a.part["valid?"]) - rank(b.part["valid?"]));
  let failure: readonly DrawnOperation[] = [];
  const items = worst.map(({ name, part }) => {
    const reasons = reasonsOf(part);
    const texts = reasons.map(({ subject, text }) => subject === "" ? text : `${subject}: ${text}`);
    if (failure.length === 0 && part["valid?"] !== true) {
      failure = texts.map((text) => operationsIn(text, view)).find((found) => found.length > 0) ??
        [];
    }
    return checkItem(view, name, part, texts);
  });
  const element = h(
    "section",
    { id: "verdict", "aria-labelledby": "verdict-title" },
    h("h2", { id: "verdict-title" }, "Verdict"),
    h("p", {}, sentence(view.run)),
    ...items,
  );
  return { element, failure };
}

/** Returns the word for a verdict, and its class. */
export function verdictWord(valid: unknown): { readonly word: string; readonly kind: string } {
  if (valid === true) return { word: "Valid", kind: "good" };
  if (valid === false) return { word: "Invalid", kind: "bad" };
  return { word: "Unknown", kind: "unsure" };
}

function sentence({ results, operations }: RunData): string {
  const failed = Object.entries(results).filter(([, part]) =>
    isPart(part) && part["valid?"] !== true
  ).map(([name]) => name);
  const ok = operations.filter(({ type }) => type === "ok").length;
  const outcome = failed.length === 0
    ? "Every check passed."
    : `${failed.length === 1 ? "One check" : `${failed.length} checks`} did not pass: ` +
      `${failed.join(", ")}.`;
  return `${outcome} ${ok} of ${operations.length} operations succeeded.`;
}

function checkItem(view: View, name: string, part: Part, texts: readonly string[]): HTMLElement {
  const { word, kind } = verdictWord(part["valid?"]);
  const figures = Object.entries(part).flatMap(([key, value]) => {
    const isFigure = typeof value === "number" || typeof value === "string" ||
      (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item !== "object"));
    return isFigure && key !== "error"
      ? [`${key} ${shorten(JSON.stringify(value), MAX_FIGURE_LENGTH)}`]
      : [];
  });
  const cycles = cyclesOf(part);
  const shownCycles = cycles.slice(0, MAX_CYCLES);
  const inGraphs = new Set(shownCycles.map(({ type, message }) => `${type}: ${message}`));
  const listed = texts.filter((text) => !inGraphs.has(text));
  const details = h(
    "details",
    { class: "panel", open: part["valid?"] !== true },
    h(
      "summary",
      {},
      h("span", { class: `badge ${kind}` }, word),
      ` ${name}`,
      h("span", { class: "dim" }, ` ${CHECKS[name] ?? ""}`),
    ),
    figures.length === 0 ? undefined : h("p", { class: "dim" }, figures.join(" · ")),
    ...shownCycles.map((cycle) => cycleGraph(view, cycle)),
    ...listed.slice(0, MAX_REASONS).map((text) => reason(view, text)),
    listed.length <= MAX_REASONS ? undefined : h(
      "details",
      {},
      h("summary", {}, `${listed.length - MAX_REASONS} more`),
      ...listed.slice(MAX_REASONS, MAX_MORE_REASONS).map((text) => reason(view, text)),
    ),
  );
  return details;
}

/** Returns a reason, in which each "operation 12" is a button. */
function reason(view: View, text: string): HTMLElement {
  const children: (Node | string)[] = [];
  let at = 0;
  for (const match of text.matchAll(/operation (\d+)/gi)) {
    const operation = view.operationAt(Number(match[1]));
    if (operation === undefined) continue;
    children.push(text.slice(at, match.index));
    children.push(button(match[0], () => view.open([operation]), { class: "link" }));
    at = match.index + match[0].length;
  }
  children.push(text.slice(at));
  const operations = operationsIn(text, view);
  if (operations.length > 1) {
    children.push(" ", button("Show them all", () => view.open(operations)));
  }
  return h("p", { class: "reason" }, ...children);
}

/** Returns the operations that a text names. */
function operationsIn(text: string, view: View): DrawnOperation[] {
  const indexes = [...text.matchAll(/operations? \[?([\d, ]+)/gi)]
    .flatMap(([, list]) => list!.split(",").map(Number));
  return [...new Set(indexes.flatMap((index) => view.operationAt(index) ?? []))];
}

/** A cycle of transactions, as the checkers write it. */
export interface Cycle {
  readonly type: string;
  readonly cycle: readonly number[];
  readonly message: string;
  readonly steps: readonly {
    readonly type: string;
    readonly from: number;
    readonly to: number;
    readonly message: string;
  }[];
}

function cyclesOf(part: Part): Cycle[] {
  const anomalies = part.anomalies;
  if (typeof anomalies !== "object" || anomalies === null) return [];
  return Object.values(anomalies).flat().filter((anomaly): anomaly is Cycle =>
    typeof anomaly === "object" && anomaly !== null && "cycle" in anomaly && "steps" in anomaly
  ).sort((a, b) => a.steps.length - b.steps.length);
}

function isPart(value: unknown): value is Part {
  return typeof value === "object" && value !== null && "valid?" in value;
}

function rank(valid: unknown): number {
  return valid === false ? 0 : valid === true ? 2 : 1;
}
