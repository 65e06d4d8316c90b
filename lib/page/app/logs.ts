/**
 * The last lines of each node's log.
 *
 * @module
 */

import type { RunData } from "../run_data.ts";
import { h } from "./dom.ts";

/** Returns the section; it names the nodes that wrote nothing. */
export function logsSection({ logs, nodes }: RunData): HTMLElement {
  const written = Object.entries(logs).filter(([, text]) => text !== "");
  const silent = nodes.filter((node) => !written.some(([name]) => name === node));
  return h(
    "section",
    { id: "logs", "aria-labelledby": "logs-title" },
    h("h2", { id: "logs-title" }, "Logs"),
    ...written.map(([node, text]) =>
      h("details", { class: "panel" }, h("summary", {}, node), h("pre", {}, text))
    ),
    silent.length === 0 ? undefined : h("p", { class: "dim" }, `No log: ${silent.join(", ")}.`),
  );
}
