/**
 * The rows of a chart as a table, for readers who use a keyboard or a screen reader: what is shown
 * at present, a page at a time.
 *
 * @module
 */

import { button, h } from "./dom.ts";
import type { View } from "./view.ts";

const ROWS = 25;

/** The rows of a table. */
export interface Rows<T> {
  readonly title: string;
  readonly columns: readonly string[];
  items(): readonly T[];
  cells(item: T): readonly string[];
  isSelected(item: T): boolean;
  select(item: T): void;
}

/** Returns a closed section with a table, which follows the view while it is open. */
export function pagedTable<T>(view: View, rows: Rows<T>): HTMLElement {
  const body = h("div");
  const details = h("details", { ontoggle: () => draw() }, h("summary", {}, rows.title), body);
  let page = 0;
  const draw = () => {
    if (!(details as HTMLDetailsElement).open) return;
    const items = rows.items();
    const pages = Math.max(1, Math.ceil(items.length / ROWS));
    page = Math.min(page, pages - 1);
    const turn = (by: number) => {
      page = Math.min(pages - 1, Math.max(0, page + by));
      draw();
    };
    const shown = items.slice(page * ROWS, (page + 1) * ROWS);
    body.replaceChildren(
      h(
        "p",
        { class: "tools" },
        button("Previous", () => turn(-1)),
        `page ${page + 1} of ${pages}, ${items.length} in the shown time`,
        button("Next", () => turn(1)),
      ),
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ...rows.columns.map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, ...shown.map((item) => tableRow(rows, item))),
      ),
    );
  };
  view.listen(draw);
  return details;
}

function tableRow<T>(rows: Rows<T>, item: T): HTMLElement {
  const [first = "", ...others] = rows.cells(item);
  const isSelected = rows.isSelected(item);
  return h(
    "tr",
    { class: isSelected ? "selected" : "", "aria-selected": String(isSelected) },
    h("td", {}, button(first, () => rows.select(item), { class: "link" })),
    ...others.map((cell) => h("td", {}, cell)),
  );
}
