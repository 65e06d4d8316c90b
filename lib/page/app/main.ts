/**
 * The program of a report page: shows the embedded run.
 *
 * @module
 */

/// <reference lib="dom" />

import { unpackRunFiles } from "../run_files.ts";
import { h } from "./dom.ts";
import { showRun } from "./run_page.ts";

const page = document.getElementById("page")!;
try {
  showRun(page, await unpackRunFiles(document.getElementById("data")!.textContent!));
  document.documentElement.dataset.ready = "true";
} catch (error) {
  page.replaceChildren(
    h("h1", {}, "This page cannot show its run"),
    h("pre", {}, String(error)),
    h("p", {}, "results.json and history.jsonl beside this file have the same facts."),
  );
  throw error;
}
