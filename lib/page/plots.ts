/**
 * Plots of a run as SVG files, under the names that users of Jepsen and Maelstrom know:
 * `latency-raw.svg`, `latency-quantiles.svg`, `rate.svg`.
 *
 * @module
 */

import { escapeHtml } from "./html.ts";
import { maxOf, type RunData } from "./run_data.ts";
import {
  axisFor,
  BUCKETS,
  latencyOf,
  latencySeries,
  niceStep,
  OUTCOME_COLOURS,
  rateSeries,
  type Series,
} from "./series.ts";

const WIDTH = 900;
const HEIGHT = 400;
const MARGIN = { left: 60, right: 110, top: 30, bottom: 40 };
const COLOURS: Readonly<Record<string, string>> = {
  "--good": "#12805c",
  "--bad": "#c62828",
  "--unsure": "#9a6700",
  "--accent": "#1f5fbf",
};

/** Returns the plots of a run, by file name. */
export function plotsOf(run: RunData): Readonly<Record<string, string>> {
  const { operations } = run;
  const span = { fromMs: 0, toMs: Math.max(1, run.endMs) };
  const quantiles = latencySeries(operations, span);
  const rates = rateSeries(operations, span);
  return {
    "latency-raw.svg": plot(run, {
      title: "latency of each operation (ms)",
      max: maxOf(operations.map(latencyOf)),
      legend: Object.entries(OUTCOME_COLOURS).map(([name, colour]) => ({ name, colour })),
      draw: (x, y) =>
        operations.map((operation) =>
          `<circle cx="${x(operation.startMs)}" cy="${y(latencyOf(operation))}" r="1.5" ` +
          `fill="${COLOURS[OUTCOME_COLOURS[operation.type]]}"/>`
        ),
    }),
    "latency-quantiles.svg": linesPlot(run, "latency quantiles of ok operations (ms)", quantiles),
    "rate.svg": linesPlot(run, "operations a second", rates),
  };
}

interface Plot {
  readonly title: string;
  /** The greatest value. */
  readonly max: number;
  readonly legend: readonly Pick<Series, "name" | "colour">[];
  draw(x: (ms: number) => string, y: (value: number) => string): readonly string[];
}

function linesPlot(run: RunData, title: string, series: readonly Series[]): string {
  const bucketMs = Math.max(1, run.endMs) / BUCKETS;
  return plot(run, {
    title,
    max: maxOf(series.flatMap(({ values }) => values.map((value) => value ?? 0))),
    legend: series,
    draw: (x, y) =>
      series.map(({ colour, values }) => {
        const path = values.map((value, bucket) => {
          if (value === undefined) return "";
          const command = values[bucket - 1] === undefined ? "M" : "L";
          return `${command}${x((bucket + 0.5) * bucketMs)} ${y(value)}`;
        });
        return `<path fill="none" stroke="${COLOURS[colour]}" stroke-width="2" d="${
          path.join("")
        }"/>`;
      }),
  });
}

function plot({ faults, endMs }: RunData, { title, max, legend, draw }: Plot): string {
  const axis = axisFor(max);
  const width = WIDTH - MARGIN.left - MARGIN.right;
  const height = HEIGHT - MARGIN.top - MARGIN.bottom;
  const x = (ms: number) => (MARGIN.left + ms / Math.max(1, endMs) * width).toFixed(1);
  const y = (value: number) => (MARGIN.top + height - value / axis.max * height).toFixed(1);
  const ticks = (to: number, step: number) =>
    Array.from({ length: Math.floor(to / step + 1e-9) + 1 }, (_, index) => index * step);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
    `font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="${MARGIN.left}" y="18" font-size="14">${title}</text>`,
    ...faults.map(({ name, startMs, endMs: toMs }) =>
      `<g><title>${escapeHtml(name)}</title><rect x="${x(startMs)}" y="${MARGIN.top}" ` +
      `width="${Number(x(toMs)) - Number(x(startMs))}" height="${height}" fill="#d9480f" ` +
      `opacity="0.13"/></g>`
    ),
    ...ticks(axis.max, axis.step).map((value) =>
      `<path stroke="#d5d9df" d="M${MARGIN.left} ${y(value)}h${width}"/>` +
      `<text x="${MARGIN.left - 6}" y="${Number(y(value)) + 4}" text-anchor="end">` +
      `${+value.toPrecision(4)}</text>`
    ),
    ...ticks(endMs, niceStep(Math.max(1, endMs) / 8)).map((ms) =>
      `<text x="${x(ms)}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle">` +
      `${+(ms / 1000).toPrecision(4)}</text>`
    ),
    `<text x="${MARGIN.left + width / 2}" y="${HEIGHT - 6}" text-anchor="middle">seconds</text>`,
    ...draw(x, y),
    ...legend.map(({ name, colour }, index) =>
      `<text x="${WIDTH - MARGIN.right + 12}" y="${MARGIN.top + 16 * (index + 1)}" ` +
      `fill="${COLOURS[colour]}">${name}</text>`
    ),
    "</svg>",
    "",
  ].join("\n");
}
