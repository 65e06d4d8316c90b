import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "std/testing";
import { type Scatter, scatterSvg } from "../../lib/report/scatter.ts";

const plot: Scatter = {
  title: "Cost & <service>",
  note: "a note",
  x: { label: "latency", min: 10, max: 1000 },
  y: { label: "messages", min: 0.1, max: 10 },
  series: [{
    name: "ours",
    colour: "#0072b2",
    label: "the best",
    points: [
      { x: 10, y: 0.1 },
      { x: 100, y: 1, hollow: true },
      { x: 1000, y: 10 },
      { x: 5000, y: 1 },
    ],
  }],
  rules: [{ axis: "x", at: 100, label: "limit" }, { axis: "y", at: 1, label: "maximum cost" }],
  curves: [{ label: "floor", points: [{ x: 10, y: 1 }, { x: 1000, y: 0.1 }] }],
};

/** Returns the points of a colour in the SVG, and the legend's ring to the right of them. */
function pointsOf(svg: string, colour: string): { x: number; y: number; hollow: boolean }[] {
  return [...svg.matchAll(/<path d="M1 0A1[^>]*matrix\(5,0,0,5,([\d.]+),([\d.]+)\)"([^>]*)>/g)]
    .filter(([, , , style]) => style?.includes(colour))
    .map(([, x, y, style]) => ({
      x: Number(x),
      y: Number(y),
      hollow: style?.includes('fill="#fff"') ?? false,
    }));
}

Deno.test("both axes are logarithmic; hollow points are rings", () => {
  const [first, middle, last, ...others] = pointsOf(scatterSvg(plot), "#0072b2");
  assert(first !== undefined && middle !== undefined && last !== undefined);
  assertEquals(others.filter(({ x }) => x < last.x), []);
  assert(first.x < last.x && first.y > last.y);
  assertAlmostEquals(middle.x, (first.x + last.x) / 2, 0.01);
  assertAlmostEquals(middle.y, (first.y + last.y) / 2, 0.01);
  assertEquals([first, middle, last].map(({ hollow }) => hollow), [false, true, false]);
});

Deno.test("points outside the axes are omitted", () => {
  const drawn = pointsOf(scatterSvg(plot), "#0072b2");
  const [series] = plot.series;
  assert(series !== undefined);
  const within = { ...series, points: series.points.slice(0, 3) };
  assertEquals(drawn, pointsOf(scatterSvg({ ...plot, series: [within] }), "#0072b2"));
});

Deno.test("axes, series, rules and curves have their labels", () => {
  const svg = scatterSvg(plot);
  for (
    const label of [
      "latency",
      "messages",
      "ours",
      "the best",
      "limit",
      "maximum cost",
      "floor",
      "a note",
    ]
  ) {
    assertStringIncludes(svg, `>${label}</text>`);
  }
});

Deno.test("texts are escaped", () => {
  const svg = scatterSvg(plot);
  assertStringIncludes(svg, "Cost &amp; &lt;service");
  assert(!svg.includes("<service"));
});

Deno.test("an axis must have 0 < min < max", () => {
  for (const axis of [{ min: 0, max: 1 }, { min: 2, max: 1 }, { min: 1, max: NaN }]) {
    assertThrows(() => scatterSvg({ ...plot, y: { label: "y", ...axis } }), RangeError, "'y'");
  }
});
