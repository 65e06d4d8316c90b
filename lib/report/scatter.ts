/**
 * A plot of points on two logarithmic axes, as SVG: what something costs against how well it
 * serves.
 *
 * ECharts draws it, which renders SVG without a browser. It takes 0.1 s to load, so this module is
 * imported by who wants a plot, and not with all reports.
 *
 * @module
 */

import { init, type LineSeriesOption } from "echarts";

/** An axis, from one number above 0 to another. */
export interface ScatterAxis {
  readonly label: string;
  readonly min: number;
  readonly max: number;
}

/** A point; hollow ones are drawn as rings. */
export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  readonly hollow?: boolean;
}

/** Points that belong together, joined by a line in their order. */
export interface ScatterSeries {
  /** What stands in the legend. */
  readonly name: string;
  readonly colour: string;
  readonly points: readonly ScatterPoint[];
  /** What stands beside the last point, for series of the same colour. */
  readonly label?: string;
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

const SIZE = { width: 1000, height: 620 };
/** What lies around the axes; the legend to their right. */
const MARGIN = { left: 70, right: 320, top: 70, bottom: 60 };
const LEGEND_X = SIZE.width - MARGIN.right + 15;
const SYMBOL_SIZE = 10;
/** Nothing happens where it is pointed at. */
const NOT_INTERACTIVE = { silent: true, emphasis: { disabled: true } };
const GREY = "#777";
const SMALL = 11;

/**
 * Draws a plot as an SVG document. Throws a RangeError for an axis that is not above 0 and rising.
 */
export function scatterSvg(plot: Scatter): string {
  const isInside = ({ x, y }: { readonly x: number; readonly y: number }) =>
    x >= plot.x.min && x <= plot.x.max && y >= plot.y.min && y <= plot.y.max;
  const chart = init(null, null, { renderer: "svg", ssr: true, ...SIZE });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: "#fff",
      title: { text: plot.title, subtext: plot.note, left: 10, textStyle: { fontSize: 16 } },
      grid: { ...MARGIN, outerBoundsMode: "none" },
      legend: {
        orient: "vertical",
        selectedMode: false,
        left: LEGEND_X,
        top: MARGIN.top,
        data: plot.series.map(({ name }) => name),
      },
      xAxis: axisOf(plot.x, 30),
      yAxis: axisOf(plot.y, 45),
      series: [
        ...plot.series.map((series) => pointsOf(series, isInside)),
        ...plot.curves.map((curve) => curveOf(curve, isInside)),
        rulesOf(plot.rules),
      ],
    });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

function axisOf({ label, min: least, max: most }: ScatterAxis, nameGap: number) {
  if (!(least > 0 && most > least)) {
    throw new RangeError(
      `the axis '${label}' must rise from above 0, not from ${least} to ${most}`,
    );
  }
  const lines = { minorTick: { show: true }, minorSplitLine: { show: true } };
  const name = { name: label, nameLocation: "middle" as const, nameGap };
  return { type: "log" as const, min: least, max: most, ...name, ...lines };
}

type Condition = (point: { readonly x: number; readonly y: number }) => boolean;

function pointsOf(series: ScatterSeries, isShown: Condition): LineSeriesOption {
  const { name, colour, points, label } = series;
  return {
    type: "line",
    ...NOT_INTERACTIVE,
    name,
    color: colour,
    symbolSize: SYMBOL_SIZE,
    lineStyle: { opacity: 0.6 },
    ...(label === undefined
      ? {}
      : { endLabel: { show: true, formatter: label, fontSize: SMALL, offset: [0, 12] } }),
    data: points.filter(isShown).map(({ x, y, hollow }) => ({
      value: [x, y],
      symbol: hollow === true ? "emptyCircle" : "circle",
    })),
  };
}

function curveOf({ label, points }: ScatterCurve, isShown: Condition): LineSeriesOption {
  return {
    type: "line",
    ...NOT_INTERACTIVE,
    showSymbol: false,
    lineStyle: { color: GREY, width: 1.5 },
    endLabel: { show: true, formatter: label },
    data: points.filter(isShown).map(({ x, y }) => [x, y]),
  };
}

/** ECharts draws rules as the marks of a series, here of one without points. */
function rulesOf(rules: readonly ScatterRule[]): LineSeriesOption {
  return {
    type: "line",
    ...NOT_INTERACTIVE,
    data: [],
    markLine: {
      ...NOT_INTERACTIVE,
      symbol: "none",
      lineStyle: { color: GREY, type: "dashed" },
      label: { position: "insideEndTop", color: GREY, fontSize: SMALL, formatter: "{b}" },
      data: rules.map(({ axis, at, label }) =>
        axis === "x" ? { name: label, xAxis: at } : { name: label, yAxis: at }
      ),
    },
  };
}
