/**
 * The program of a report page: shows the embedded run, and runs it again where the page carries the
 * simulator and the node.
 *
 * @module
 */

/// <reference lib="dom" />

import type { RunAgain, RunRequest } from "../again/run_again.ts";
import { type RunFiles, unpack, unpackRunFiles } from "../run_files.ts";
import { againSection, type AgainStart } from "./again_section.ts";
import { h } from "./dom.ts";
import { showRun } from "./run_page.ts";

const page = document.getElementById("page")!;
const embedded = (id: string) => document.getElementById(id)?.textContent ?? "";

/** Loads the simulator and the programs that the page carries, once. */
const loadRunner = (() => {
  let loaded: Promise<RunAgain> | undefined;
  const load = async () => {
    const code = await unpack(embedded("runner"));
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    return (await import(url)).runAgain as RunAgain;
  };
  return () => loaded ??= load();
})();

/** Shows a run, with the form that runs it again below. */
function show(files: RunFiles, start: AgainStart, note: string): void {
  const again = againSection(start, loadRunner, (next, request, text) => {
    show(next, { ...start, request }, text);
    document.getElementById("again")?.scrollIntoView();
  }, note);
  showRun(page, files, again);
}

async function main(): Promise<void> {
  const programs = embedded("programs");
  if (programs !== "") {
    // A playground has no recorded run: it begins with its form.
    const byName = JSON.parse(programs) as Readonly<Record<string, string>>;
    const [bin, workload] = Object.entries(byName)[0] as [string, string];
    const request: RunRequest = { bin, args: [], schedule: "", options: { workload } };
    const start = { request, programs: byName, recorded: undefined };
    const next = (files: RunFiles, chosen: RunRequest, note: string) =>
      show(files, { ...start, request: chosen }, note);
    page.replaceChildren(h("h1", {}, "Playground"), againSection(start, loadRunner, next));
    return;
  }
  const files = await unpackRunFiles(embedded("data"));
  if (embedded("runner") === "") return showRun(page, files);
  const { options, bin, args } = JSON.parse(files.test as string);
  // A schedule that the seed does not decide: the run was given one.
  const isGiven = options.nemesis.length === 0 || files.case !== undefined;
  const schedule = isGiven ? files.schedule ?? "" : "";
  const request = {
    options,
    bin,
    args,
    schedule,
    ...(files.case === undefined ? {} : { case: files.case }),
  };
  show(files, { recorded: files, request }, "");
}

try {
  await main();
  document.documentElement.dataset.ready = "true";
} catch (error) {
  page.replaceChildren(
    h("h1", {}, "This page cannot show its run"),
    h("pre", {}, String(error)),
    h("p", {}, "results.json and history.jsonl beside this file have the same facts."),
  );
  throw error;
}
