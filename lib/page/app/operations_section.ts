/**
 * The section of operations: chart, linearization, table.
 *
 * @module
 */

import type { DrawnOperation } from "../run_data.ts";
import { button, duration, h, seconds, shorten } from "./dom.ts";
import { linearizationPoints, operationsDrawing, titleOf } from "./operations.ts";
import { pagedTable } from "./table.ts";
import { timeline } from "./timeline.ts";
import type { View } from "./view.ts";

/** The last operations of a linearization that a reader sees first. */
const SHOWN_POINTS = 6;

/** What the linearizability checker found for one key. */
interface KeyVerdict {
  readonly linearizable?: {
    readonly "valid?": unknown;
    readonly linearization?: readonly number[];
    readonly op?: { readonly index: number };
  };
}

/** Returns the section. */
export function operationsSection(view: View): HTMLElement {
  const keys = keysOf(view);
  const points = new Map<DrawnOperation, number>();
  const choose = (key: string) => {
    points.clear();
    for (const [operation, ms] of linearizationPoints(linearizationOf(view, keys[key]))) {
      points.set(operation, ms);
    }
    const failing = view.operationAt(keys[key]?.linearizable?.op?.index ?? -1);
    const shown = [...points.keys()].slice(-SHOWN_POINTS).concat(failing ?? []);
    view.open(shown, new Set([...points.keys(), ...shown]));
  };
  const [firstKey] = failingFirst(keys);
  if (keys[firstKey ?? ""]?.linearizable?.["valid?"] === false) choose(firstKey as string);
  return h(
    "section",
    { id: "operations", "aria-labelledby": "operations-title" },
    h("h2", { id: "operations-title" }, "Operations"),
    h(
      "p",
      { class: "dim" },
      h("span", { class: "good" }, "■ ok "),
      h("span", { class: "bad" }, "■ fail "),
      h("span", { class: "unsure" }, "■ info: it may have happened "),
      "Shaded: a fault is active.",
    ),
    linearizationTools(keys, choose),
    timeline(view, operationsDrawing(view, points)),
    pagedTable(view, {
      title: "Operations as a table",
      columns: ["operation", "process", "node", "from", "took", "outcome", "request and reply"],
      items: () =>
        view.run.operations.filter(({ startMs, endMs }) =>
          endMs >= view.fromMs && startMs <= view.toMs
        ),
      cells: (operation) => [
        String(operation.index),
        String(operation.process),
        operation.node ?? "",
        seconds(operation.startMs),
        duration(operation.endMs - operation.startMs),
        operation.type,
        shorten(titleOf(operation), 200),
      ],
      isSelected: (operation) =>
        view.selection?.kind === "operation" && view.selection.operation === operation,
      select: (operation) => view.select({ kind: "operation", operation }),
    }),
  );
}

/** Offers the linearization of each key whose checker returned one; failing keys come first. */
function linearizationTools(
  keys: Readonly<Record<string, KeyVerdict>>,
  choose: (key: string) => void,
): HTMLElement | undefined {
  const names = failingFirst(keys);
  if (names.length === 0) return undefined;
  return h(
    "p",
    { class: "tools" },
    "The order in which operations took effect, as far as there is one:",
    ...names.slice(0, 20).map((key) => {
      const isInvalid = keys[key]?.linearizable?.["valid?"] === false;
      return button(`key ${key}${isInvalid ? " (fails)" : ""}`, () => choose(key));
    }),
  );
}

function keysOf(view: View): Record<string, KeyVerdict> {
  const { results } = (view.run.results.workload ?? {}) as { results?: Record<string, KeyVerdict> };
  const found = Object.entries(results ?? {}).filter(([, { linearizable }]) =>
    linearizable?.linearization !== undefined
  );
  return Object.fromEntries(found);
}

function linearizationOf(view: View, verdict: KeyVerdict | undefined): DrawnOperation[] {
  const indexes = verdict?.linearizable?.linearization ?? [];
  return indexes.flatMap((index) => view.operationAt(index) ?? []);
}

function failingFirst(keys: Readonly<Record<string, KeyVerdict>>): string[] {
  return Object.keys(keys).toSorted((a, b) => rank(keys[a]) - rank(keys[b]));
}

function rank(verdict: KeyVerdict | undefined): number {
  return verdict?.linearizable?.["valid?"] === false ? 0 : 1;
}
