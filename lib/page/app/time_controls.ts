/**
 * The shown time, and how to change it.
 *
 * @module
 */

import { button, h, seconds } from "./dom.ts";
import type { View } from "./view.ts";

/** Returns the controls, which stay at the bottom of the window. */
export function timeControls(view: View): HTMLElement {
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
    button("Previous message", () => view.step(-1)),
    button("Next message", () => view.step(1)),
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
