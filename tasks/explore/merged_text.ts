/**
 * Merged reports of an exploration as texts: for the terminal, as JUnit XML, and as Markdown.
 *
 * The texts contain neither times nor numbers of shards, so that they are equal for equal seeds.
 *
 * @module
 */

import { printable } from "../../lib/base/mod.ts";
import type { Palette } from "../../lib/report/mod.ts";
import { describeSize, type FoundFailure } from "../../lib/workbench/explore/mod.ts";
import { describeCoverage, describeFailures } from "../cli/explore_report.ts";
import { failureKey, type MergedReports } from "./merge_reports.ts";
import type { KnownCase, ReportHeader, ShrunkFailure } from "./report_lines.ts";

/** Returns the node and its arguments. */
export function nodeOf({ setup: { bin, args } }: ReportHeader): string {
  return [bin, ...args].join(" ");
}

/** Returns the cases of the ledger that still fail, and the number of the others. */
export function describeKnown(known: readonly KnownCase[], paint: Palette): string[] {
  if (known.length === 0) return [];
  const failing = known.filter(({ found }) => found.length > 0);
  return [
    `${known.length} known ${known.length === 1 ? "case" : "cases"} of the ledger: ` +
    `${failing.length} still fail, ${known.length - failing.length} pass`,
    ...failing.map(({ failure, found, seed }) => {
      const other = failureKey(found) === failureKey(failure) ? "" : `, now ${failureKey(found)}`;
      return paint.bad(`  seed ${seed} still fails: ${failureKey(failure)}${other}`);
    }),
  ];
}

/** Returns the table for the terminal. */
export function mergedTable(merged: MergedReports, paint: Palette): string {
  const { header, exploration, explored, known } = merged;
  const { seeds, operations, messages } = exploration.totals;
  const { commit, code, deno } = header.revision;
  const shrunk = exploration.failures.flatMap(({ failure }) => shrunkLines(merged, failure));
  return [
    `${header.setup.workload} with ${nodeOf(header)}: ${explored}`,
    `  commit ${commit}, code ${code}, Deno ${deno}`,
    `${seeds} seeds: ${operations} operations, ${messages} messages`,
    describeFailures(exploration, paint),
    ...(shrunk.length === 0 ? [] : ["", "Shrunk cases:", ...shrunk]),
    ...describeKnown(known, paint),
    describeCoverage(exploration, header.setup.faults, paint),
    "",
  ].join("\n");
}

function shrunkLines({ shrunk }: MergedReports, failure: readonly string[]): string[] {
  const found = shrunk.get(failureKey(failure));
  return [
    `  ${failureKey(failure)}: ` + (found === undefined ? "not shrunk" : describeShrunk(found)),
  ];
}

function describeShrunk({ seed, shrunk, runs }: ShrunkFailure): string {
  return `seed ${seed}, ${describeSize(shrunk.case)} (${runs} runs)`;
}

/** Returns JUnit XML: a test case for each failure, each known case, and each gap in the reports. */
export function junitXml(merged: MergedReports): string {
  const { header, exploration, explored, known, gaps } = merged;
  const name = header.setup.workload;
  const cases = [
    ...exploration.failures.map((found) =>
      testCase(name, failureKey(found.failure), {
        element: "failure",
        message: seedsOf(found),
        text: [...found.signature, ...shrunkLines(merged, found.failure)].join("\n"),
      })
    ),
    ...known.map(({ failure, seed, found }) =>
      testCase(
        name,
        `known case, seed ${seed}: ${failureKey(failure)}`,
        found.length === 0
          ? undefined
          : { element: "failure", message: failureKey(found), text: "the case still fails" },
      )
    ),
    ...gaps.map((gap) =>
      testCase(name, `reports: ${gap}`, { element: "error", message: gap, text: gap })
    ),
    ...(exploration.failures.length === 0
      ? [testCase(name, `${exploration.totals.seeds} seeds pass: ${explored}`)]
      : []),
  ];
  const counts = `tests="${cases.length}" ` +
    `failures="${cases.filter((text) => text.includes("<failure ")).length}" ` +
    `errors="${gaps.length}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="explore" ${counts}>`,
    `  <testsuite name="${xml(`explore ${name} with ${nodeOf(header)}`)}" ${counts}>`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(
  workload: string,
  name: string,
  problem?: { readonly element: string; readonly message: string; readonly text: string },
): string {
  const start = `    <testcase classname="${xml(`explore.${workload}`)}" name="${xml(name)}"`;
  if (problem === undefined) return `${start}/>`;
  const { element, message, text } = problem;
  return `${start}>\n      <${element} message="${xml(message)}">${xml(text)}</${element}>\n` +
    "    </testcase>";
}

/** Escapes a text for XML, without the characters that XML cannot contain. */
function xml(text: string): string {
  return printable(text).replaceAll(/[\ufffe\uffff]/g, "").replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function seedsOf({ seed, seeds }: FoundFailure): string {
  return seeds === 1 ? `seed ${seed}` : `seed ${seed} and ${seeds - 1} more`;
}

/** Returns Markdown, as the summary of a step of GitHub Actions shows it. */
export function markdownSummary(merged: MergedReports): string {
  const { header, exploration, explored, known, gaps } = merged;
  const { failures, totals } = exploration;
  const stillFailing = known.filter(({ found }) => found.length > 0);
  const isGood = failures.length === 0 && stillFailing.length === 0;
  const result = !isGood ? "failed" : gaps.length > 0 ? "incomplete" : "no seed failed";
  const reached = exploration.coveragePoints.filter(({ seeds }) => seeds > 0);
  const missed = exploration.coveragePoints.filter(({ seeds }) => seeds === 0);
  const { commit, deno } = header.revision;
  return [
    `### Explore ${text(header.setup.workload)}: ${result}`,
    "",
    `${
      text(nodeOf(header))
    }: ${explored} (${totals.seeds} seeds, ${totals.operations} operations, ` +
    `${totals.messages} messages), commit ${text(commit.slice(0, 12))}, Deno ${text(deno)}`,
    "",
    ...gaps.map((gap) => `- **incomplete:** ${text(gap)}`),
    ...describeKnownCases(known),
    ...(failures.length === 0 ? [] : [
      "",
      "| Failure | First seed | Seeds | What happened | Shrunk to |",
      "|---|---|---|---|---|",
      ...failures.map((found) => {
        const shrunk = merged.shrunk.get(failureKey(found.failure));
        const size = shrunk === undefined ? "not shrunk" : describeShrunk(shrunk);
        const happened = found.signature.map(text).join("<br>");
        return `| ${text(failureKey(found.failure))} | ${found.seed} | ${found.seeds} | ` +
          `${happened} | ${text(size)} |`;
      }),
    ]),
    "",
    `<details><summary>Coverage: ${reached.length} of ${reached.length + missed.length} points` +
    "</summary>",
    "",
    "| Point | Seeds | Times |",
    "|---|---|---|",
    ...[...reached, ...missed].map(({ name, seeds, times }) =>
      `| ${text(name)} | ${seeds} | ${times} |`
    ),
    "",
    "</details>",
    "",
  ].join("\n");
}

function describeKnownCases(known: readonly KnownCase[]): string[] {
  const failing = known.filter(({ found }) => found.length > 0);
  return [
    ...failing.map(({ failure, seed }) =>
      `- **known case still fails:** seed ${text(seed)}, ${text(failureKey(failure))}`
    ),
    ...(known.length > failing.length
      ? [`- ${known.length - failing.length} known cases pass now`]
      : []),
  ];
}

/** Escapes a text for a cell of a Markdown table, in which a node's text must not be markup. */
function text(value: string): string {
  return printable(value).replaceAll("\n", " ").replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(/[\\`*_|[\]~$@#!]/g, (mark) => `&#${mark.charCodeAt(0)};`);
}
