/**
 * A plot of points on two logarithmic axes, as SVG: what something costs against how well it serves.
 *
 * Plotting libraries that need no browser are many times larger than all of this project; this is
 * the one kind of plot that it needs with points, rules and curves.
 *
 * @module
 */

/** An axis, from one number above 0 to another. */
export interface ScatterAxis {
  readonly label: string;
  readonly least: number;
  readonly most: number;
}

/** A point; hollow ones are drawn as rings. */
export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  readonly hollow?: boolean;
  /** Shown when it is pointed at. */
  readonly note: string;
}

/** Points that belong together, joined by a line in their order. */
export interface ScatterSeries {
  /** What stands in the legend. */
  readonly name: string;
  readonly colour: string;
  readonly points: readonly ScatterPoint[];
}

/** A line across the plot where an axis has a value. */
export interface ScatterRule {
  readonly axis: "x" | "y";
  readonly at: number;
  readonly label: string;
}

/** A line through points in the order of x. */
export interface ScatterCurve {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** A plot. What lies outside the axes is left out. */
export interface Scatter {
  readonly title: string;
  readonly note: string;
  readonly x: ScatterAxis;
  readonly y: ScatterAxis;
  readonly series: readonly ScatterSeries[];
  readonly rules: readonly ScatterRule[];
  readonly curves: readonly ScatterCurve[];
}

const WIDTH = 940;
const HEIGHT = 600;
const LEFT = 70;
const RIGHT = 690;
const TOP = 64;
const BOTTOM = 540;
const LEGEND_X = RIGHT + 20;
const LEGEND_ROW = 20;
const RADIUS = 5;
/** The parts of a decade that have a tick. */
const TICKS = [1, 2, 5];

const STYLE = `text{font:12px sans-serif;fill:#222}.title{font-size:16px;font-weight:bold}
.note,.tick{fill:#666}.grid{stroke:#eee}.rule{stroke:#999;stroke-dasharray:5 4}
.rule-label{fill:#777;font-size:11px}.curve{fill:none;stroke:#555;stroke-width:1.5}
.joined{fill:none;stroke-width:1.5;opacity:.6}.frame{fill:none;stroke:#bbb}`;

/** Draws a plot as an SVG document. Throws a RangeError for an axis that is not above 0 and rising. */
export function scatterSvg(plot: Scatter): string {
  const x = scale(plot.x, LEFT, RIGHT);
  const y = scale(plot.y, BOTTOM, TOP);
  const inside = ({ x: px, y: py }: { readonly x: number; readonly y: number }) =>
    px >= plot.x.least && px <= plot.x.most && py >= plot.y.least && py <= plot.y.most;
  const path = (points: readonly { readonly x: number; readonly y: number }[]) =>
    points.filter(inside)
      .map((point, index) => `${index === 0 ? "M" : "L"}${x(point.x)} ${y(point.y)}`).join("");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" ` +
    `viewBox="0 0 ${WIDTH} ${HEIGHT}">`,
    `<style>${STYLE}</style><rect width="100%" height="100%" fill="#fff"/>`,
    text(LEFT, 24, plot.title, "title"),
    text(LEFT, 44, plot.note, "note"),
    ...axes(plot, x, y),
    ...plot.rules.map((rule) => ruleSvg(rule, x, y)),
    ...plot.curves.map(({ label, points }) => {
      const last = points.findLast(inside);
      const name = last === undefined ? "" : text(x(last.x) - 4, y(last.y) - 6, label, "", "end");
      return `<path class="curve" d="${path(points)}"/>${name}`;
    }),
    ...plot.series.flatMap(({ colour, points }) => [
      `<path class="joined" stroke="${colour}" d="${path(points)}"/>`,
      ...points.filter(inside).map((point) => pointSvg(point, colour, x(point.x), y(point.y))),
    ]),
    ...legend(plot.series),
    "</svg>",
    "",
  ].join("\n");
}

type Scale = (value: number) => number;

function scale({ label, least, most }: ScatterAxis, from: number, to: number): Scale {
  if (!(least > 0 && most > least)) {
    throw new RangeError(
      `the axis '${label}' must rise from above 0, not from ${least} to ${most}`,
    );
  }
  const span = Math.log(most / least);
  return (value) => round(from + (to - from) * Math.log(value / least) / span);
}

function axes(plot: Scatter, x: Scale, y: Scale): string[] {
  return [
    ...ticks(plot.x).map((value) =>
      `<line class="grid" x1="${x(value)}" x2="${x(value)}" y1="${TOP}" y2="${BOTTOM}"/>` +
      text(x(value), BOTTOM + 18, String(value), "tick", "middle")
    ),
    ...ticks(plot.y).map((value) =>
      `<line class="grid" x1="${LEFT}" x2="${RIGHT}" y1="${y(value)}" y2="${y(value)}"/>` +
      text(LEFT - 8, y(value) + 4, String(value), "tick", "end")
    ),
    `<rect class="frame" x="${LEFT}" y="${TOP}" width="${RIGHT - LEFT}" height="${BOTTOM - TOP}"/>`,
    text((LEFT + RIGHT) / 2, BOTTOM + 42, plot.x.label, "", "middle"),
    `<g transform="translate(18 ${(TOP + BOTTOM) / 2}) rotate(-90)">${
      text(0, 0, plot.y.label, "", "middle")
    }</g>`,
  ];
}

/** The round numbers on an axis. */
export function ticks({ least, most }: Pick<ScatterAxis, "least" | "most">): number[] {
  const found: number[] = [];
  for (let power = Math.floor(Math.log10(least)); 10 ** power <= most; power++) {
    for (const part of TICKS) {
      const value = Number(`${part}e${power}`);
      if (value >= least && value <= most) found.push(value);
    }
  }
  return found;
}

function ruleSvg({ axis, at, label }: ScatterRule, x: Scale, y: Scale): string {
  if (axis === "y") {
    return `<line class="rule" x1="${LEFT}" x2="${RIGHT}" y1="${y(at)}" y2="${y(at)}"/>` +
      text(RIGHT - 4, y(at) - 4, label, "rule-label", "end");
  }
  const turned = text(0, 0, label, "rule-label");
  return `<line class="rule" x1="${x(at)}" x2="${x(at)}" y1="${TOP}" y2="${BOTTOM}"/>` +
    `<g transform="translate(${x(at) - 4} ${BOTTOM - 6}) rotate(-90)">${turned}</g>`;
}

function pointSvg({ hollow, note }: ScatterPoint, colour: string, x: number, y: number): string {
  const fill = hollow === true ? "#fff" : colour;
  return `<circle cx="${x}" cy="${y}" r="${RADIUS}" fill="${fill}" stroke="${colour}" ` +
    `stroke-width="1.5"><title>${escape(note)}</title></circle>`;
}

function legend(series: readonly ScatterSeries[]): string[] {
  return series.map(({ name, colour }, index) => {
    const y = TOP + 8 + index * LEGEND_ROW;
    return `<circle cx="${LEGEND_X}" cy="${y}" r="${RADIUS}" fill="${colour}"/>` +
      text(LEGEND_X + 12, y + 4, name);
  });
}

function text(x: number, y: number, content: string, style = "", anchor = "start"): string {
  return `<text x="${x}" y="${y}"${style === "" ? "" : ` class="${style}"`} ` +
    `text-anchor="${anchor}">${escape(content)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
