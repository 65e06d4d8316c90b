/**
 * The page of a ledger of explorations: known failing cases, and how many seeds passed.
 *
 * @module
 */

import { plainPage, text } from "./plain_page.ts";

/** A known case. */
export interface CaseRow {
  /** Whether the case passed when it was last run. */
  readonly ok: boolean;
  readonly workload: string;
  /** The node and its arguments. */
  readonly node: string;
  readonly failure: string;
  /** What happened, in lines. */
  readonly signature: readonly string[];
  readonly seed: string;
  /** The size of the shrunk case, in words. */
  readonly size: string;
  readonly seconds: number;
  readonly count: number;
  readonly commit: string;
  readonly found: string;
  readonly at: string;
}

/** How many seeds passed at a commit. */
export interface PassesRow {
  readonly workload: string;
  readonly node: string;
  readonly commit: string;
  readonly count: number;
  readonly at: string;
}

const COMMIT_CHARACTERS = 12;

/** Returns the page. */
export function ledgerPage(cases: readonly CaseRow[], passes: readonly PassesRow[]): string {
  const failing = cases.filter(({ ok }) => !ok).length;
  return plainPage("Ledger of explorations", [
    "<h1>Ledger of explorations</h1>",
    `<p class="${
      failing === 0 ? "good" : "bad"
    }">${failing} of ${cases.length} known cases fail.</p>`,
    "<h2>Known cases</h2>",
    table(
      [
        "now",
        "workload",
        "node",
        "failure",
        "seed",
        "shrunk to",
        "seeds",
        "commit",
        "found",
        "run",
      ],
      cases.map(caseRow),
    ),
    "<h2>Seeds that passed</h2>",
    table(["workload", "node", "commit", "seeds", "run"], passes.map(passesRow)),
  ]);
}

function caseRow(row: CaseRow): string {
  const { ok, workload, node, failure, signature, seed, size, seconds, count, commit } = row;
  return cells([
    `<span class="badge ${ok ? "good" : "bad"}">${ok ? "passes" : "fails"}</span>`,
    text(workload),
    `<code>${text(node)}</code>`,
    [`<strong>${text(failure)}</strong>`, ...signature.map(text)].join("<br>"),
    text(seed),
    `${text(size)} · ${seconds.toFixed(3)} s`,
    text(count),
    commitOf(commit),
    text(row.found),
    text(row.at),
  ]);
}

function passesRow({ workload, node, commit, count, at }: PassesRow): string {
  return cells([
    text(workload),
    `<code>${text(node)}</code>`,
    commitOf(commit),
    text(count),
    text(at),
  ]);
}

function commitOf(commit: string): string {
  return `<code title="${text(commit)}">${text(commit.slice(0, COMMIT_CHARACTERS))}</code>`;
}

function table(heads: readonly string[], rows: readonly string[]): string {
  if (rows.length === 0) return '<p class="dim">none</p>';
  const head = heads.map((name) => `<th scope="col">${name}</th>`).join("");
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join("\n")}</tbody></table>`;
}

function cells(values: readonly string[]): string {
  return `<tr>${values.map((value) => `<td>${value}</td>`).join("")}</tr>`;
}
