/**
 * A cycle of transactions as a graph: each transaction once, each edge with its explanation.
 *
 * @module
 */

import { button, h, svg } from "./dom.ts";
import { titleOf } from "./operations.ts";
import type { Cycle } from "./verdict.ts";
import type { View } from "./view.ts";

const RADIUS = 22;

/** Returns the picture of a cycle, and its edges in words. */
export function cycleGraph(view: View, { type, steps }: Cycle): HTMLElement {
  const count = steps.length;
  const ring = count < 3 ? 70 : Math.max(80, count * 26);
  const size = 2 * (ring + 60);
  const places = steps.map((_, index) => {
    const angle = 2 * Math.PI * index / count - Math.PI / 2;
    return [size / 2 + ring * Math.cos(angle), size / 2 + ring * Math.sin(angle)] as const;
  });
  const operations = steps.flatMap(({ from }) => view.operationAt(from) ?? []);
  const picture = svg(
    "svg",
    {
      class: "cycle",
      viewBox: `0 0 ${size} ${size}`,
      width: String(Math.min(size, 420)),
      role: "img",
      "aria-label": `${type}: a cycle of ${count} transactions`,
    },
    ...steps.map((step, index) => edge(places, index, step.type)),
    ...steps.map((_, index) => {
      const [x, y] = places[index]!;
      return svg(
        "g",
        {},
        svg("circle", { cx: String(x), cy: String(y), r: String(RADIUS) }),
        svg("text", { x: String(x), y: String(y + 4), "text-anchor": "middle" }, `T${index + 1}`),
      );
    }),
  );
  return h(
    "figure",
    {},
    h("h3", {}, `Cycle ${type} `, button("Show its operations", () => view.open(operations))),
    h(
      "div",
      { class: "columns" },
      picture,
      h(
        "ol",
        {},
        ...steps.map(({ from, message }, index) => {
          const operation = view.operationAt(from);
          return h(
            "li",
            {},
            operation === undefined ? `T${index + 1}` : button(
              `T${index + 1}: operation ${operation.index}`,
              () => view.open([operation]),
              { class: "link" },
            ),
            h("code", {}, operation === undefined ? "" : ` ${titleOf(operation)}`),
            h("div", { class: "dim" }, message),
          );
        }),
      ),
    ),
  );
}

/** Returns the arrow from a place to the next one, with the type of the dependency. */
function edge(
  places: readonly (readonly [number, number])[],
  index: number,
  type: string,
): SVGElement {
  const [x1, y1] = places[index]!;
  const [x2, y2] = places[(index + 1) % places.length]!;
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  // Bent to the right, so that the two edges of a cycle of two do not cover each other.
  const bend = 26;
  const [middleX, middleY] = [(x1 + x2) / 2 + dy * bend, (y1 + y2) / 2 - dx * bend];
  const [endX, endY] = towards(x2, y2, middleX, middleY, RADIUS + 3);
  const [startX, startY] = towards(x1, y1, middleX, middleY, RADIUS);
  const [hx, hy] = towards(endX, endY, middleX, middleY, 10);
  const [nx, ny] = [-(hy - endY) * 0.5, (hx - endX) * 0.5];
  return svg(
    "g",
    {},
    svg("path", { d: `M${startX} ${startY}Q${middleX} ${middleY} ${endX} ${endY}` }),
    svg("path", {
      class: "head",
      d: `M${endX} ${endY}L${hx + nx} ${hy + ny}L${hx - nx} ${hy - ny}z`,
    }),
    svg("text", {
      x: String(middleX + dy * 14),
      y: String(middleY - dx * 14 + 4),
      "text-anchor": "middle",
    }, type),
  );
}

/** Returns the point at a distance from (x, y) in the direction of another point. */
function towards(x: number, y: number, toX: number, toY: number, distance: number) {
  const length = Math.hypot(toX - x, toY - y) || 1;
  return [x + (toX - x) / length * distance, y + (toY - y) / length * distance] as const;
}
