/**
 * The sections of a run's page.
 *
 * @module
 */

import { readRun } from "../run_data.ts";
import type { RunFiles } from "../run_files.ts";
import { h } from "./dom.ts";
import { latencyPoints, latencyQuantiles, messagesPerOperation, rates } from "./figures.ts";
import { headline } from "./headline.ts";
import { logsSection } from "./logs.ts";
import { messagesSection } from "./messages_section.ts";
import { operationsSection } from "./operations_section.ts";
import { stateSection } from "./state_section.ts";
import { timeControls } from "./time_controls.ts";
import { timeline } from "./timeline.ts";
import { verdictSection } from "./verdict.ts";
import { View } from "./view.ts";

/**
 * Shows a run in place of what an element holds. The page opens where the failure is. `again` is the
 * section that runs it again, where that is possible.
 */
export function showRun(page: HTMLElement, files: RunFiles, again?: HTMLElement): void {
  const view = new View(readRun(files));
  const verdict = verdictSection(view);
  const state = stateSection(view);
  const figures = [latencyPoints, latencyQuantiles, rates, messagesPerOperation];
  page.replaceChildren(
    headline(view.run),
    h(
      "nav",
      {},
      ...[
        "verdict",
        "operations",
        "messages",
        ...(state === undefined ? [] : ["state"]),
        "figures",
        "logs",
        ...(again === undefined ? [] : ["again"]),
      ].map((id) => h("a", { href: `#${id}` }, id)),
    ),
    verdict.element,
    operationsSection(view),
    messagesSection(view),
    ...(state === undefined ? [] : [state]),
    h(
      "section",
      { id: "figures", "aria-labelledby": "figures-title" },
      h("h2", { id: "figures-title" }, "Figures"),
      h("div", { class: "columns" }, ...figures.map((figure) => timeline(view, figure(view)))),
    ),
    logsSection(view.run),
    ...(again === undefined ? [] : [again]),
    timeControls(view),
  );
  if (view.marked.size === 0) view.open(verdict.failure);
}
