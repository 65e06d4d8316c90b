/**
 * The section of messages: filters, space-time diagram, what is selected, table.
 *
 * @module
 */

/// <reference lib="dom" />

import type { DrawnMessage } from "../run_data.ts";
import { detailsPanel } from "./details.ts";
import { button, h, seconds, shorten } from "./dom.ts";
import {
  causalCone,
  type Cone,
  filterMessages,
  type MessageFilter,
  messagesDrawing,
} from "./messages.ts";
import { pagedTable } from "./table.ts";
import { timeline } from "./timeline.ts";
import type { View } from "./view.ts";

/** Returns the section. */
export function messagesSection(view: View): HTMLElement {
  const { messages, nodes, operations } = view.run;
  if (messages.length === 0) {
    return h(
      "section",
      { id: "messages" },
      h("h2", {}, "Messages"),
      h("p", { class: "dim" }, "This run has no record of its messages."),
      detailsPanel(view, { showCone() {} }),
    );
  }
  const filter: MessageFilter = { node: "", type: "", clients: true, lostOnly: false };
  let shown: readonly DrawnMessage[] = messages;
  let cone: Cone;
  const refresh = () => view.show(view.fromMs, view.toMs);
  const apply = (change: Partial<MessageFilter>) => {
    Object.assign(filter, change);
    shown = filterMessages(messages, filter);
    refresh();
  };
  const types = [...new Set(messages.map(({ type }) => type))].sort();
  const lost = messages.filter(({ receivedMs }) => receivedMs.length === 0).length;
  const clear = button("Show all messages", () => {
    cone = undefined;
    refresh();
  });
  return h(
    "section",
    { id: "messages", "aria-labelledby": "messages-title" },
    h("h2", { id: "messages-title" }, "Messages"),
    h(
      "div",
      { class: "tools" },
      choice("node", ["", ...nodes], (node) => apply({ node })),
      choice("type", ["", ...types], (type) => apply({ type })),
      check("clients' requests and replies", true, (clients) => apply({ clients })),
      check(`only the ${lost} lost`, false, (lostOnly) => apply({ lostOnly })),
      clear,
      h("span", { class: "dim" }, `${messages.length} messages, ${operations.length} operations`),
    ),
    timeline(view, messagesDrawing(view, () => shown, () => cone)),
    detailsPanel(view, {
      showCone(message, direction) {
        cone = causalCone(messages, message, direction);
        refresh();
      },
    }),
    pagedTable(view, {
      title: "Messages as a table",
      columns: ["message", "sent", "from", "to", "type", "received", "body"],
      items: () => shown.filter(({ sentMs }) => sentMs >= view.fromMs && sentMs <= view.toMs),
      cells: ({ id, sentMs, src, dest, type, receivedMs, body }) => [
        String(id),
        seconds(sentMs),
        src,
        dest,
        type,
        receivedMs.length === 0 ? "never" : receivedMs.map(seconds).join(", "),
        shorten(JSON.stringify(body), 160),
      ],
      isSelected: (message) =>
        view.selection?.kind === "message" && view.selection.message === message,
      select: (message) => view.select({ kind: "message", message }),
    }),
  );
}

function choice(
  label: string,
  values: readonly string[],
  onChange: (value: string) => void,
): HTMLElement {
  const select = h(
    "select",
    {},
    ...values.map((value) => h("option", { value }, value === "" ? "all" : value)),
  ) as HTMLSelectElement;
  select.addEventListener("change", () => onChange(select.value));
  return h("label", {}, `${label} `, select);
}

function check(label: string, isChecked: boolean, onChange: (value: boolean) => void): HTMLElement {
  const input = h("input", { type: "checkbox", checked: isChecked }) as HTMLInputElement;
  input.addEventListener("change", () => onChange(input.checked));
  return h("label", {}, input, ` ${label}`);
}
