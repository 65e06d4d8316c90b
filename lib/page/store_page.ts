/**
 * The pages of `deno task serve`: the runs in a store, and two runs side by side.
 *
 * @module
 */

import { plainPage, text } from "./plain_page.ts";

/** A run in a store. */
export interface StoredRun {
  /** Its folder below the store: `broadcast/20261126T192556.918Z`. */
  readonly path: string;
  readonly workload: string;
  /** The name of its folder: the time at which it started. */
  readonly time: string;
  /** The program and its arguments. */
  readonly command: string;
  readonly verdict: "valid" | "invalid" | "unknown" | "unfinished";
  /** Figures by name, to compare runs. */
  readonly figures: Readonly<Record<string, string | number>>;
  readonly hasReport: boolean;
}

/** What a reader has chosen to see. */
export interface StoreFilter {
  readonly workload: string;
  readonly verdict: string;
}

const VERDICTS = ["valid", "invalid", "unknown", "unfinished"] as const;
const KINDS = { valid: "good", invalid: "bad", unknown: "unsure", unfinished: "dim" } as const;

/** Returns the list of runs, newest first. */
export function storePage(runs: readonly StoredRun[], filter: StoreFilter): string {
  const shown = runs.filter(({ workload, verdict }) =>
    (filter.workload === "" || workload === filter.workload) &&
    (filter.verdict === "" || verdict === filter.verdict)
  );
  const workloads = [...new Set(runs.map(({ workload }) => workload))].sort();
  return plainPage("Runs", [
    `<h1>Runs</h1>`,
    `<form class="tools">`,
    select("workload", workloads, filter.workload),
    select("verdict", VERDICTS, filter.verdict),
    `<button>Filter</button> <span class="dim">${shown.length} of ${runs.length} runs</span></form>`,
    `<form action="/compare">`,
    `<table><thead><tr><th scope="col">compare</th><th scope="col">time</th>` +
    `<th scope="col">workload</th><th scope="col">verdict</th><th scope="col">program</th>` +
    `<th scope="col">files</th></tr></thead><tbody>`,
    ...shown.map(row),
    `</tbody></table><p class="tools"><button>Compare two runs</button></p></form>`,
  ]);
}

/** Returns two runs side by side: their figures, and what differs. */
export function comparisonPage(first: StoredRun, second: StoredRun): string {
  const names = [...new Set([first, second].flatMap(({ figures }) => Object.keys(figures)))];
  const line = (name: string, a: string | number, b: string | number) =>
    `<tr${a === b ? "" : ' class="selected"'}><th scope="row">${text(name)}</th>` +
    `<td>${text(a)}</td><td>${text(b)}</td><td>${ratio(a, b)}</td></tr>`;
  return plainPage("Two runs", [
    `<nav><a href="/">all runs</a></nav><h1>Two runs</h1>`,
    `<table><thead><tr><th></th>${[first, second].map(head).join("")}` +
    `<th scope="col">second / first</th></tr></thead><tbody>`,
    line("verdict", first.verdict, second.verdict),
    line("program", first.command, second.command),
    ...names.map((name) => line(name, first.figures[name] ?? "", second.figures[name] ?? "")),
    `</tbody></table>`,
  ]);
}

/** Returns the list of the files of a run; `names` are relative to its folder. */
export function filesPage(folder: string, names: readonly string[]): string {
  return plainPage(folder, [
    `<nav><a href="/">all runs</a></nav><h1>${text(folder)}</h1><ul>`,
    ...names.map((name) =>
      `<li><a href="${name.split("/").map(encodeURIComponent).join("/")}">${text(name)}</a></li>`
    ),
    `</ul>`,
  ]);
}

/** Returns a page with a sentence, for what cannot be shown. */
export function messagePage(title: string, sentence: string): string {
  return plainPage(title, [
    `<nav><a href="/">all runs</a></nav><h1>${text(title)}</h1><p>${text(sentence)}</p>`,
  ]);
}

function row({ path, workload, time, command, verdict, hasReport }: StoredRun): string {
  const folder = path.split("/").map(encodeURIComponent).join("/");
  const report = hasReport ? `<a href="/runs/${folder}/report.html">report</a>` : "no report";
  return `<tr><td><input type="checkbox" name="run" value="${text(path)}" ` +
    `aria-label="compare ${text(path)}"></td><td>${text(time)}</td><td>${text(workload)}</td>` +
    `<td class="badge ${KINDS[verdict]}">${verdict}</td><td><code>${text(command)}</code></td>` +
    `<td>${report} · <a href="/runs/${folder}/">files</a> · ` +
    `<a href="/zip/${folder}">zip</a></td></tr>`;
}

function head({ path, workload, time }: StoredRun): string {
  const folder = path.split("/").map(encodeURIComponent).join("/");
  return `<th scope="col"><a href="/runs/${folder}/report.html">${text(workload)} ` +
    `${text(time)}</a></th>`;
}

function ratio(first: string | number, second: string | number): string {
  if (typeof first !== "number" || typeof second !== "number" || first === 0) return "";
  return (second / first).toPrecision(3);
}

function select(name: string, values: readonly string[], chosen: string): string {
  const options = ["", ...values].map((value) =>
    `<option value="${text(value)}"${value === chosen ? " selected" : ""}>` +
    `${value === "" ? "all" : text(value)}</option>`
  );
  return `<label>${name} <select name="${name}">${options.join("")}</select></label>`;
}
