import { assert, assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import { type Scatter, scatterSvg } from "../../lib/report/mod.ts";
import { ticks } from "../../lib/report/scatter.ts";

const plot: Scatter = {
  title: "Cost & <service>",
  note: "a note",
  x: { label: "latency", least: 10, most: 1000 },
  y: { label: "messages", least: 0.1, most: 10 },
  series: [{
    name: "ours",
    colour: "#0072b2",
    points: [
      { x: 10, y: 0.1, note: "cheap" },
      { x: 100, y: 1, note: "dear", hollow: true },
      { x: 5000, y: 1, note: "too slow" },
    ],
  }],
  rules: [{ axis: "x", at: 100, label: "limit" }, { axis: "y", at: 1, label: "dearest" }],
  curves: [{ label: "floor", points: [{ x: 10, y: 1 }, { x: 1000, y: 0.1 }] }],
};

/** Where circles stand, that of the legend left out. */
function circles(svg: string): { x: number; y: number; fill: string }[] {
  return [...svg.matchAll(/<circle cx="([^"]*)" cy="([^"]*)" r="5" fill="([^"]*)" stroke/g)]
    .map(([, x, y, fill]) => ({ x: Number(x), y: Number(y), fill: String(fill) }));
}

Deno.test("equal factors are equal distances, and what is least stands left and at the bottom", () => {
  const [cheap, dear, ...others] = circles(scatterSvg(plot));
  assert(cheap !== undefined && dear !== undefined);
  assertEquals(others, []);
  const width = 2 * (dear.x - cheap.x);
  const height = 2 * (cheap.y - dear.y);
  assert(width > 0 && height > 0);
  const svg = scatterSvg(plot);
  assertStringIncludes(svg, `<rect class="frame" x="${cheap.x}" y="${cheap.y - height}"`);
  assertStringIncludes(svg, `width="${width}" height="${height}"/>`);
});

Deno.test("hollow points are rings", () => {
  assertEquals(circles(scatterSvg(plot)).map(({ fill }) => fill), ["#0072b2", "#fff"]);
});

Deno.test("what lies outside the axes is left out", () => {
  const svg = scatterSvg(plot);
  assertStringIncludes(svg, "<title>dear</title>");
  assert(!svg.includes("too slow"));
});

Deno.test("rules and curves are drawn and named", () => {
  const svg = scatterSvg(plot);
  assertEquals(svg.match(/<line class="rule"/g)?.length, 2);
  assertEquals(svg.match(/<path class="curve"/g)?.length, 1);
  for (const label of ["limit", "dearest", "floor", "ours"]) {
    assertStringIncludes(svg, `>${label}</text>`);
  }
});

Deno.test("texts cannot break the document", () => {
  const svg = scatterSvg(plot);
  assertStringIncludes(svg, "Cost &amp; &lt;service>");
  assert(!svg.includes("<service>"));
});

Deno.test("ticks are 1, 2 and 5 of each decade on the axis", () => {
  assertEquals(ticks({ least: 0.05, most: 2 }), [0.05, 0.1, 0.2, 0.5, 1, 2]);
  assertEquals(ticks({ least: 60, most: 99 }), []);
});

Deno.test("an axis that does not rise from above 0 is refused", () => {
  for (const axis of [{ least: 0, most: 1 }, { least: 2, most: 1 }, { least: 1, most: NaN }]) {
    assertThrows(() => scatterSvg({ ...plot, y: { label: "y", ...axis } }), RangeError, "'y'");
  }
});
