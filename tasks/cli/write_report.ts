/**
 * Writes the report page of a run into the run's folder: `report.html`. Beside it are the files that
 * users of Jepsen and Maelstrom know: plots, `messages.svg`, `history.txt`, `timeline.html`.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { pageHtml } from "../../lib/page/html.ts";
import { plotsOf } from "../../lib/page/plots.ts";
import { readRun } from "../../lib/page/run_data.ts";
import { pack, packRunFiles, type RunFiles } from "../../lib/page/run_files.ts";
import type { Operation } from "../../lib/history/mod.ts";
import {
  lamportSvg,
  type NetworkEvent,
  palette,
  proofOf,
  summarise,
} from "../../lib/report/mod.ts";
import { bundlePage, bundleRunner } from "./bundle_page.ts";
import { unlessMissing } from "./file_problem.ts";

const PAGE_FILE = "report.html";
/** Jepsen's name for the picture of all operations. */
const TIMELINE =
  '<!doctype html><meta http-equiv="refresh" content="0; url=report.html#operations">' +
  '<a href="report.html#operations">The operations are in report.html</a>\n';
/** `messages.svg` is for a glance at the proof, or the start; the report page draws all messages. */
const MAX_DRAWN_EVENTS = 2000;
/** The part of the summary that a browser without JavaScript shows. */
const MAX_SUMMARY_LINES = 20;
/** The end of each node's log that a page shows. */
const MAX_LOG_CHARACTERS = 20_000;
/** A page holds the whole run in memory. */
const MAX_FILE_BYTES = 64 * 2 ** 20;

/** Files that replace those in a run's folder; the history is made only when it is wanted. */
export type NewFiles = Partial<Pick<RunFiles, "test" | "results">> & {
  readonly history?: () => string;
};

/** Writes a page; returns its path, or a sentence that says why there is none. */
export async function tryToWriteReport(folder: string, files: NewFiles = {}): Promise<string> {
  try {
    return await writeReport(folder, files);
  } catch (error) {
    return `not written: ${error instanceof Error ? error.message : error}`;
  }
}

/**
 * Writes the page of the run in a folder; returns its path. Throws an error for a folder without
 * history or results, for a run that is too large, and when the page's program cannot be bundled.
 */
export async function writeReport(folder: string, files: NewFiles = {}): Promise<string> {
  const run = readRunFiles(folder, files);
  const path = `${folder}/${PAGE_FILE}`;
  // A folder that is checked again may hold files of the real Maelstrom under the same names.
  if (files.results === undefined) writeFamiliarFiles(folder, run);
  await Deno.writeTextFile(
    path,
    pageHtml({
      title: titleOf(run),
      summary: summaryOf(run),
      script: await bundlePage(),
      data: await packRunFiles(run),
      runner: await packRunner(run),
    }),
  );
  return path;
}

/** Returns the simulator with the run's program; empty for a run that a page cannot repeat. */
async function packRunner({ test, case: own }: RunFiles): Promise<string> {
  const { engine, bin, workloadModule } = test === undefined
    ? {}
    : JSON.parse(test) as Record<string, string>;
  if (
    workloadModule !== undefined || engine !== "sim" || bin === undefined ||
    !/\.[mc]?[jt]s$/.test(bin)
  ) return "";
  try {
    const program = { bin, url: pathToFileURL(Deno.realPathSync(bin)).href };
    return await pack(await bundleRunner([program], own === undefined ? "tests" : "cases"));
  } catch {
    // A program that needs its host cannot run in a page.
    return "";
  }
}

/** Writes the files that users of Jepsen and Maelstrom look for. */
function writeFamiliarFiles(folder: string, files: RunFiles): void {
  const write = (name: string, text: string) => Deno.writeTextFileSync(`${folder}/${name}`, text);
  write("timeline.html", TIMELINE);
  write("history.txt", historyText(files.history));
  const run = readRun({ ...files, messages: undefined });
  for (const [name, svg] of Object.entries(plotsOf(run))) write(name, svg);
  if (files.messages === undefined) return;
  const journal = files.messages.split("\n").filter((line) => line !== "").map(toNetworkEvent);
  const history = files.history.split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Operation);
  const { nodes, workers: concurrency } = run;
  const results = JSON.parse(files.results);
  const { events, marks } = proofOf({ results, history, journal, nodes, concurrency });
  write("messages.svg", lamportSvg(events, { marks, maxEvents: MAX_DRAWN_EVENTS }));
}

/** Returns a history in Jepsen's columns: process, type, function, value, error. */
function historyText(history: string): string {
  return history.split("\n").filter((line) => line !== "").map((line) => {
    const { process, type, f, value, error } = JSON.parse(line);
    const columns = [process, `:${type}`, `:${f}`, JSON.stringify(value)];
    return `${[...columns, ...(error === undefined ? [] : [JSON.stringify(error)])].join("\t")}\n`;
  }).join("");
}

function toNetworkEvent(line: string): NetworkEvent {
  const { type, time, id, src, dest, body } = JSON.parse(line);
  return { type, time, id, message: { src, dest, body } };
}

function readRunFiles(folder: string, files: NewFiles): RunFiles {
  requirePageSize(folder);
  const logs: Record<string, string> = {};
  for (const { name } of entriesOf(`${folder}/node-logs`)) {
    const text = Deno.readTextFileSync(`${folder}/node-logs/${name}`);
    logs[name.replace(/\.log$/, "")] = text.slice(-MAX_LOG_CHARACTERS);
  }
  return {
    logs,
    test: files.test ?? unlessMissing(() => Deno.readTextFileSync(`${folder}/test.json`)),
    results: files.results ?? Deno.readTextFileSync(`${folder}/results.json`),
    history: files.history?.() ?? Deno.readTextFileSync(`${folder}/history.jsonl`),
    schedule: unlessMissing(() => Deno.readTextFileSync(`${folder}/schedule.json`)),
    case: unlessMissing(() => Deno.readTextFileSync(`${folder}/case.json`)),
    states: unlessMissing(() => Deno.readTextFileSync(`${folder}/states.jsonl`)),
    messages: unlessMissing(() => Deno.readTextFileSync(`${folder}/messages.jsonl`)),
  };
}

/** Throws an error for a run whose page a browser could not open in reasonable time. */
function requirePageSize(folder: string): void {
  for (const name of ["history.jsonl", "history.edn", "messages.jsonl"]) {
    const bytes = unlessMissing(() => Deno.statSync(`${folder}/${name}`).size) ?? 0;
    if (bytes <= MAX_FILE_BYTES) continue;
    const megabytes = (size: number) => Math.round(size / 2 ** 20);
    throw new Error(
      `${name} has ${megabytes(bytes)} MiB; a page can show at most ${megabytes(MAX_FILE_BYTES)}`,
    );
  }
}

function titleOf({ test, results }: RunFiles): string {
  const workload = test === undefined ? "history" : JSON.parse(test).options?.workload ?? "history";
  const valid = JSON.parse(results)["valid?"];
  return `${workload}: ${valid === true ? "valid" : valid === false ? "invalid" : "unknown"}`;
}

/** Returns the first lines of what the console shows of the results. */
function summaryOf({ results }: RunFiles): string[] {
  return summarise(JSON.parse(results), palette(false)).split("\n").slice(0, MAX_SUMMARY_LINES);
}

function entriesOf(folder: string): Deno.DirEntry[] {
  return unlessMissing(() => [...Deno.readDirSync(folder)]) ?? [];
}
