/**
 * The program of a report page: reads the embedded run, and shows its sections.
 *
 * @module
 */

/// <reference lib="dom" />

import { readRun } from "../run_data.ts";
import { unpackRunFiles } from "../run_files.ts";
import { button, h, seconds } from "./dom.ts";
import { headline } from "./headline.ts";
import { latencyPoints, latencyQuantiles, messagesPerOperation, rates } from "./figures.ts";
import { logsSection } from "./logs.ts";
import { messagesSection } from "./messages_section.ts";
import { operationsSection } from "./operations_section.ts";
import { timeline } from "./timeline.ts";
import { verdictSection } from "./verdict.ts";
import { View } from "./view.ts";

const SECTIONS = ["verdict", "operations", "messages", "figures", "logs"];

async function main(): Promise<void> {
  const page = document.getElementById("page")!;
  try {
    const files = await unpackRunFiles(document.getElementById("data")!.textContent!);
    const view = new View(readRun(files));
    const verdict = verdictSection(view);
    const figures = [latencyPoints, latencyQuantiles, rates, messagesPerOperation];
    page.replaceChildren(
      headline(view.run),
      h("nav", {}, ...SECTIONS.map((id) => h("a", { href: `#${id}` }, id))),
      verdict.element,
      operationsSection(view),
      messagesSection(view),
      h(
        "section",
        { id: "figures", "aria-labelledby": "figures-title" },
        h("h2", { id: "figures-title" }, "Figures"),
        h("div", { class: "columns" }, ...figures.map((figure) => timeline(view, figure(view)))),
      ),
      logsSection(view.run),
      timeControls(view),
    );
    if (view.marked.size === 0) view.open(verdict.failure);
    document.documentElement.dataset.ready = "true";
  } catch (error) {
    page.replaceChildren(
      h("h1", {}, "This page cannot show its run"),
      h("pre", {}, String(error)),
      h("p", {}, "results.json and history.jsonl beside this file have the same facts."),
    );
    throw error;
  }
}

/** The shown time, and how to change it; it stays at the bottom of the window. */
function timeControls(view: View): HTMLElement {
  const text = h("span", { role: "status" });
  const middle = () => (view.fromMs + view.toMs) / 2;
  const pan = (part: number) => {
    const step = (view.toMs - view.fromMs) * part;
    view.show(view.fromMs + step, view.toMs + step);
  };
  const draw = () => text.textContent = `${seconds(view.fromMs)} to ${seconds(view.toMs)}`;
  view.listen(draw);
  draw();
  return h(
    "div",
    { class: "tools panel time", role: "toolbar", "aria-label": "shown time" },
    text,
    button("Earlier", () => pan(-0.5)),
    button("Later", () => pan(0.5)),
    button("Zoom in", () => view.zoom(0.5, middle())),
    button("Zoom out", () => view.zoom(2, middle())),
    button("Whole run", () => {
      view.marked = new Set();
      view.showAll();
    }),
    h(
      "span",
      { class: "dim" },
      "Drag in a chart to zoom; after a click also the wheel, arrows, + − 0.",
    ),
  );
}

await main();
