/**
 * Scatter plots on two logarithmic axes, as SVG: a cost against a quality of service.
 *
 * ECharts renders SVG without a browser. It is slow to load, so this module is imported separately
 * from the other reports.
 *
 * @module
 */

import { init, type LineSeriesOption } from "npm:echarts@6.1.0";

/** A logarithmic axis from `min` (above 0) to `max`. */
export interface ScatterAxis {
  readonly label: string;
  readonly min: number;
  readonly max: number;
}

/** A point; a hollow one is drawn as a ring. */
export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  readonly hollow?: boolean;
}

/** Related points, joined by a line in their order. */
export interface ScatterSeries {
  /** The text in the legend. */
  readonly name: string;
  readonly colour: string;
  readonly points: readonly ScatterPoint[];
  /** The text beside the last point, to distinguish series of the same colour. */
  readonly label?: string;
}

/** A line across the plot at one value of an axis. */
export interface ScatterRule {
  readonly axis: "x" | "y";
  readonly at: number;
  readonly label: string;
}

/** A line through points in ascending order of x. */
export interface ScatterCurve {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** A plot. Points outside the axes are omitted. */
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
/** The margins around the axes; the legend is in the right one. */
const MARGIN = { left: 70, right: 320, top: 70, bottom: 60 };
const LEGEND_X = SIZE.width - MARGIN.right + 15;
const SYMBOL_SIZE = 10;
/** Disables all reactions to the pointer. */
const NOT_INTERACTIVE = { silent: true, emphasis: { disabled: true } };
const GREY = "#777";
const SMALL = 11;

/**
 * Renders a plot as an SVG document. Throws a RangeError for an axis whose `min` is not above 0 or
 * not below its `max`.
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

function axisOf({ label, min, max }: ScatterAxis, nameGap: number) {
  if (!(min > 0 && max > min)) {
    throw new RangeError(
      `the axis '${label}' must have 0 < min < max, got min ${min} and max ${max}`,
    );
  }
  const lines = { minorTick: { show: true }, minorSplitLine: { show: true } };
  const name = { name: label, nameLocation: "middle" as const, nameGap };
  return { type: "log" as const, min, max, ...name, ...lines };
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

/** ECharts renders rules as marks of a series; this series has no points. */
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
