/**
 * What is selected, in full: an operation with its request, reply and messages, or a message.
 *
 * @module
 */

import { labelOf } from "../../report/lamport.ts";
import { type DrawnMessage, type DrawnOperation, isClient } from "../run_data.ts";
import { button, duration, h, pretty, seconds } from "./dom.ts";
import { causalCone, lossOf } from "./messages.ts";
import { stateAfter } from "./state_section.ts";
import type { View } from "./view.ts";

const MAX_BUTTONS = 8;
const MAX_LABEL_CHARACTERS = 24;

/** What a reader can do with a message. */
export interface MessageActions {
  showCone(message: DrawnMessage, direction: "past" | "future"): void;
}

/** Returns a panel that shows the selection. */
export function detailsPanel(view: View, actions: MessageActions): HTMLElement {
  const panel = h("div", { class: "panel", "aria-live": "polite" });
  const draw = () => {
    const { selection } = view;
    panel.replaceChildren(
      ...(selection === undefined
        ? [h("p", { class: "dim" }, "Select an operation or a message to see it in full.")]
        : selection.kind === "operation"
        ? operationDetails(view, selection.operation, actions)
        : messageDetails(view, selection.message, actions)),
    );
  };
  view.listen(draw);
  draw();
  return panel;
}

function operationDetails(
  view: View,
  operation: DrawnOperation,
  actions: MessageActions,
): HTMLElement[] {
  const { index, f, type, process, node, client, startMs, endMs, value, result, error } = operation;
  const messages = messagesOf(view, operation);
  return [
    h("h3", {}, `Operation ${index}: ${f}, ${type}`),
    h(
      "p",
      {},
      `Process ${process} at ${node ?? "?"}${client === undefined ? "" : ` (${client})`}, ` +
        `from ${seconds(startMs)} to ${seconds(endMs)}, ${duration(endMs - startMs)}.`,
    ),
    h("div", { class: "dim" }, "request"),
    h("pre", {}, pretty(value)),
    ...(result === undefined
      ? []
      : [h("div", { class: "dim" }, "reply"), h("pre", {}, pretty(result))]),
    ...(error === undefined
      ? []
      : [h("div", { class: "dim" }, "error"), h("pre", {}, pretty(error))]),
    h(
      "p",
      { class: "tools" },
      button("Show its time", () => view.open([operation])),
      ...(messages[0] === undefined ? [] : [
        button("What its request caused", () => actions.showCone(messages[0]!, "future")),
      ]),
      ...messages.slice(0, MAX_BUTTONS).map((message) => messageButton(view, message)),
    ),
    ...lostAfter(view, messages[0]),
  ];
}

/** Says what a request caused: no message at all, or messages of which some were lost. */
function lostAfter(view: View, request: DrawnMessage | undefined): HTMLElement[] {
  if (request === undefined) return [];
  const caused = [...causalCone(view.run.messages, request, "future")]
    .filter(({ src, dest }) => !isClient(src) && !isClient(dest));
  const lost = caused.filter(({ receivedMs }) => receivedMs.length === 0);
  if (caused.length === 0) return [h("p", {}, "Its request caused no message between servers.")];
  if (lost.length === 0) return [];
  const more = lost.length > MAX_BUTTONS ? ` ${lost.length}, the first` : "";
  return [h(
    "p",
    { class: "tools" },
    `Lost after its request, and perhaps caused by it:${more}`,
    ...lost.slice(0, MAX_BUTTONS).map((message) => messageButton(view, message)),
  )];
}

function messageButton(view: View, message: DrawnMessage): HTMLElement {
  const { body, src, dest } = message;
  return button(`${labelOf(body, MAX_LABEL_CHARACTERS)} ${src} → ${dest}`, () => {
    view.select({ kind: "message", message });
    if (message.sentMs < view.fromMs || message.sentMs > view.toMs) showMessage(view, message);
  });
}

function showMessage(view: View, { sentMs, receivedMs }: DrawnMessage): void {
  const lastMs = Math.max(sentMs, ...receivedMs);
  const marginMs = Math.max(2, 3 * (lastMs - sentMs));
  view.show(sentMs - marginMs, lastMs + marginMs);
}

/** Returns the messages between an operation's client and its node while it ran. */
function messagesOf(view: View, { client, startMs, endMs }: DrawnOperation): DrawnMessage[] {
  if (client === undefined) return [];
  return view.run.messages.filter(({ src, dest, sentMs }) =>
    (src === client || dest === client) && sentMs >= startMs && sentMs <= endMs
  );
}

function messageDetails(view: View, message: DrawnMessage, actions: MessageActions): HTMLElement[] {
  const { id, src, dest, type, body, sentMs, receivedMs } = message;
  const arrivals = receivedMs.map((ms) => `received ${seconds(ms)} (${duration(ms - sentMs)})`);
  return [
    h("h3", {}, `Message ${id}: ${src} → ${dest}, ${type}`),
    h(
      "p",
      { class: receivedMs.length === 0 ? "bad" : "" },
      `Sent ${seconds(sentMs)}, `,
      receivedMs.length === 0 ? lossOf(message, view.run.faults) : arrivals.join(", "),
    ),
    h("pre", {}, pretty(body)),
    ...stateAfter(view, message),
    h(
      "p",
      { class: "tools" },
      button("Show its time", () => showMessage(view, message)),
      button("What may have caused it", () => actions.showCone(message, "past")),
      button("What it may have caused", () => actions.showCone(message, "future")),
    ),
  ];
}
