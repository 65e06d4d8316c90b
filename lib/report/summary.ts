/**
 * A summary of a test's results for the console: counts, figures and the reasons for each verdict.
 *
 * @module
 */

import { printable, stringifyJson } from "../base/mod.ts";
import { maelstromValid, plainResults, type Valid, type Verdict } from "../check/mod.ts";
import type { Palette } from "./colour.ts";
import type { Finding } from "./diagnosis.ts";
import { holdsReasons, reasonsOf } from "./reasons.ts";

const LABEL_WIDTH = 15;
const MAX_REASONS = 5;
const MAX_VALUE_WIDTH = 100;
const MAX_REASON_WIDTH = 400;

/** Returns the last line of a test's output, which is Maelstrom's. */
export function lastLine(valid: Valid): string {
  if (valid === true) return "Everything looks good! ヽ(‘ー`)ノ";
  if (valid === false) return "Analysis invalid! (ﾉಥ益ಥ）ﾉ ┻━┻";
  return "Errors occurred during analysis, but no anomalies found. ಠ~ಠ";
}

/** Returns a summary of results and of further findings, without a final newline. */
export function summarise(
  results: Verdict,
  paint: Palette,
  findings: readonly Finding[] = [],
): string {
  const lines = [
    ...statsLines(results.stats as Verdict | undefined, paint),
    ...netLines(results.net as Verdict | undefined),
    ...findings.map(({ label, text }) => row(label, printable(text))),
    ...Object.entries(results).flatMap(([name, part]) =>
      isVerdict(part) && name !== "stats" && name !== "net" ? partLines(name, part, paint) : []
    ),
  ];
  if (maelstromValid(results) !== results["valid?"]) {
    lines.push(paint.dim(
      row(
        "note",
        `Maelstrom's verdict would be ${validText(maelstromValid(results))} (see results.json)`,
      ),
    ));
  }
  return lines.join("\n");
}

function statsLines(stats: Verdict | undefined, paint: Palette): string[] {
  if (stats === undefined) return [];
  const byF = Object.entries((stats["by-f"] ?? {}) as Record<string, Verdict>);
  const lines = [row("operations", countsOf(stats))];
  if (byF.length > 1) {
    for (const [f, counts] of byF) lines.push(paint.dim(row(`  ${f}`, countsOf(counts))));
  }
  return lines.concat(reasonLines(stats, paint));
}

function countsOf(stats: Verdict): string {
  return `${stats.count}: ${stats["ok-count"]} ok, ${stats["fail-count"]} fail, ` +
    `${stats["info-count"]} info`;
}

function netLines(net: Verdict | undefined): string[] {
  if (net === undefined) return [];
  const of = (part: string) => (net[part] ?? {}) as Record<string, number>;
  const perOperation = (part: string) =>
    of(part)["msgs-per-op"] === undefined
      ? ""
      : ` (${rounded(of(part)["msgs-per-op"] as number)} per operation)`;
  return [
    row(
      "messages",
      `${of("all")["msg-count"]}${perOperation("all")}; ` +
        `between servers ${of("servers")["msg-count"]}${perOperation("servers")}`,
    ),
  ];
}

function partLines(name: string, part: Verdict, paint: Palette): string[] {
  const valid = part["valid?"];
  const figures = Object.entries(part)
    .filter(([key]) => key !== "valid?" && key !== "maelstrom-valid?")
    .flatMap(([key, value]) => holdsReasons(key, value) ? [] : figure(key, value));
  const reasons = reasonLines(part, paint);
  if (valid === true && figures.length === 0 && reasons.length === 0) return [];
  const colour = valid === true ? paint.good : valid === false ? paint.bad : paint.unsure;
  const lines = [row(name, colour(validText(valid)))];
  for (const text of figures) lines.push(row("", text));
  return lines.concat(reasons);
}

/** Returns a number with at most four decimals. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/** Returns a figure of a verdict as text; an empty list if the value is empty. */
function figure(key: string, value: unknown): string[] {
  const plain = plainResults(value);
  if (plain === null || plain === undefined) return [];
  if (Array.isArray(plain)) {
    return plain.length === 0 ? [] : [`${key}: ${truncate(stringifyJson(plain), MAX_VALUE_WIDTH)}`];
  }
  if (typeof plain === "object") {
    const members = sortNumericKeys(Object.entries(plain));
    if (members.length === 0) return [];
    const text = members.map(([name, member]) => `${name} → ${stringifyJson(member)}`).join(", ");
    return [`${key}: ${truncate(text, MAX_VALUE_WIDTH)}`];
  }
  return [`${key}: ${typeof plain === "number" ? rounded(plain) : printable(String(plain))}`];
}

/** Sorts numeric keys by value, because JavaScript lists integer keys before all others. */
function sortNumericKeys(members: [string, unknown][]): [string, unknown][] {
  const numeric = members.every(([name]) => Number.isFinite(Number(name)));
  return numeric ? members.sort(([a], [b]) => Number(a) - Number(b)) : members;
}

function reasonLines(part: Verdict, paint: Palette): string[] {
  const all = reasonsOf(part);
  const colour = part["valid?"] === false ? paint.bad : paint.unsure;
  const shown = all.slice(0, MAX_REASONS).flatMap(({ subject, text }) =>
    `${subject === "" ? "" : `${subject}: `}${text}`.split("\n")
      .map((line) => row("", colour(truncate(line, MAX_REASON_WIDTH))))
  );
  const more = all.length - MAX_REASONS;
  return more > 0 ? [...shown, row("", `… and ${more} more in results.json`)] : shown;
}

function validText(valid: Valid): string {
  return valid === true ? "valid" : valid === false ? "INVALID" : "unknown";
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)} ${text}`;
}

/** Shortens a text, which may come from a node. */
function truncate(text: string, width: number): string {
  return printable(text.length <= width ? text : `${text.slice(0, width - 1)}…`);
}

function isVerdict(part: unknown): part is Verdict {
  return typeof part === "object" && part !== null && "valid?" in part;
}
