/**
 * The section of states: how the state of each simulated node changed, and after which message.
 *
 * @module
 */

/// <reference lib="dom" />

import type { DrawnMessage } from "../run_data.ts";
import type { ShownChange } from "../state_changes.ts";
import { button, h, seconds, shorten } from "./dom.ts";
import { pagedTable } from "./table.ts";
import type { View } from "./view.ts";

const MAX_CHARACTERS = 200;

/** Returns the section; undefined for a run whose nodes expose no state. */
export function stateSection(view: View): HTMLElement | undefined {
  const { states } = view.run;
  if (states.length === 0) return undefined;
  const nodes = [...new Set(states.map(({ node }) => node))];
  let node = "";
  const select = h(
    "select",
    {
      onchange: (event) => {
        node = (event.target as HTMLSelectElement).value;
        view.show(view.fromMs, view.toMs);
      },
    },
    ...["", ...nodes].map((value) => h("option", { value }, value === "" ? "all" : value)),
  );
  const table = pagedTable(view, {
    title: "Changes of states as a table",
    columns: ["time", "node", "change", "after message"],
    items: () =>
      states.filter((change) =>
        change.ms >= view.fromMs && change.ms <= view.toMs && (node === "" || change.node === node)
      ),
    cells: ({ ms, node, changes, message }) => [
      seconds(ms),
      node,
      shorten(changes.join("; "), MAX_CHARACTERS),
      message === undefined ? "none" : `${message.id}: ${message.type} from ${message.src}`,
    ],
    isSelected: ({ message }) =>
      message !== undefined && view.selection?.kind === "message" &&
      view.selection.message === message,
    select: ({ message }) => {
      if (message !== undefined) view.select({ kind: "message", message });
    },
  });
  table.setAttribute("open", "");
  return h(
    "section",
    { id: "state", "aria-labelledby": "state-title" },
    h("h2", { id: "state-title" }, "State"),
    h(
      "p",
      { class: "dim" },
      "What nodes expose with exposeState, as it changed in the shown time: after the message in " +
        "the last column, or a timer of the node after it. A time selects its message.",
    ),
    h("div", { class: "tools" }, h("label", {}, "state of ", select)),
    table,
  );
}

/** Returns how a message changed the state of its receiver, with a link to the table. */
export function stateAfter(view: View, message: DrawnMessage): HTMLElement[] {
  const changes = view.run.states.filter((change) => change.message === message);
  return changes.map((change) =>
    h("p", {}, `After it, the state of ${change.node} changed: `, changeText(view, change))
  );
}

function changeText(view: View, { changes, ms }: ShownChange): HTMLElement {
  return button(shorten(changes.join("; "), MAX_CHARACTERS), () => {
    const half = (view.toMs - view.fromMs) / 2;
    if (ms < view.fromMs || ms > view.toMs) view.show(ms - half, ms + half);
    document.getElementById("state")?.scrollIntoView();
  }, { class: "link" });
}
