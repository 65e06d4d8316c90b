/**
 * The figures of the run over its time: latency of each operation and its quantiles, the rate of
 * operations, messages between servers for each operation.
 *
 * @module
 */

import { maxOf } from "../run_data.ts";
import {
  type Axis,
  axisFor,
  BUCKETS,
  latencyOf,
  latencySeries,
  messageSeries,
  OUTCOME_COLOURS,
  rateSeries,
  type Series,
} from "../series.ts";
import { duration, seconds } from "./dom.ts";
import { type Drawing, LABEL_WIDTH, type Pen } from "./timeline.ts";
import type { View } from "./view.ts";

const HEIGHT = 170;

/** Latency: a point for each operation. */
export function latencyPoints(view: View): Drawing {
  const { operations } = view.run;
  const visible = () =>
    operations.filter(({ startMs }) => startMs >= view.fromMs && startMs <= view.toMs);
  const scale = () => yScale(maxOf(visible().map(latencyOf)));
  return {
    label: "latency of each operation in milliseconds",
    height: () => HEIGHT,
    draw(pen) {
      const y = scale();
      drawGrid(pen, y, "latency", "ms");
      for (const operation of visible()) {
        pen.context.fillStyle = pen.colour(OUTCOME_COLOURS[operation.type]);
        pen.context.fillRect(pen.x(operation.startMs) - 1, y.at(latencyOf(operation)) - 1, 3, 3);
      }
    },
    hint(x, mouseY, pen) {
      const y = scale();
      const found = visible().find((operation) =>
        Math.abs(pen.x(operation.startMs) - x) < 4 &&
        Math.abs(y.at(latencyOf(operation)) - mouseY) < 4
      );
      return found &&
        `operation ${found.index}: ${found.f}, ${found.type}, ${duration(latencyOf(found))}`;
    },
  };
}

/** Quantiles of the latency of the operations that succeeded. */
export function latencyQuantiles(view: View): Drawing {
  return lines(view, "latency quantiles", "ms", () => latencySeries(view.run.operations, view));
}

/** Operations a second, by outcome. */
export function rates(view: View): Drawing {
  return lines(view, "rate", "operations a second", () => rateSeries(view.run.operations, view));
}

/** Messages between servers, for each operation. */
export function messagesPerOperation(view: View): Drawing {
  const { messages, operations } = view.run;
  return lines(
    view,
    "messages per operation",
    "",
    () => messageSeries(messages, operations, view),
  );
}

function lines(view: View, label: string, unit: string, compute: () => Series[]): Drawing {
  let series: Series[] = [];
  const bucketMs = () => (view.toMs - view.fromMs) / BUCKETS;
  return {
    label: `${label}${unit === "" ? "" : ` in ${unit}`}`,
    height: () => HEIGHT,
    draw(pen) {
      series = compute();
      const y = yScale(maxOf(series.flatMap(({ values }) => values.map((value) => value ?? 0))));
      drawGrid(pen, y, label, unit);
      const { context, x, colour, width } = pen;
      for (const [index, { name, colour: variable, values }] of series.entries()) {
        context.strokeStyle = context.fillStyle = colour(variable);
        context.lineWidth = 2;
        context.beginPath();
        for (const [bucket, value] of values.entries()) {
          const place = [x(view.fromMs + (bucket + 0.5) * bucketMs()), y.at(value ?? 0)] as const;
          if (value === undefined || values[bucket - 1] === undefined) context.moveTo(...place);
          else context.lineTo(...place);
        }
        context.stroke();
        context.fillText(name, width - 100, 14 + 14 * index);
      }
    },
    hint(mouseX, _mouseY, pen) {
      if (mouseX < LABEL_WIDTH) return undefined;
      const ms = view.fromMs + (mouseX - LABEL_WIDTH) / (pen.width - LABEL_WIDTH) *
          (view.toMs - view.fromMs);
      const bucket = Math.floor((ms - view.fromMs) / bucketMs());
      const values = series.map(({ name, values }) =>
        `${name}: ${
          values[bucket] === undefined ? "none" : +values[bucket]!.toPrecision(3)
        } ${unit}`
      );
      return [seconds(ms), ...values].join("\n");
    },
  };
}

/** An axis on a drawing of this height. */
interface YScale extends Axis {
  at(value: number): number;
}

function yScale(maxValue: number): YScale {
  const axis = axisFor(maxValue);
  return { ...axis, at: (value) => HEIGHT - 4 - value / axis.max * (HEIGHT - 24) };
}

function drawGrid({ context, width, colour }: Pen, y: YScale, label: string, unit: string): void {
  context.strokeStyle = colour("--line");
  context.fillStyle = colour("--dim");
  context.lineWidth = 1;
  context.beginPath();
  for (let value = 0; value <= y.max + y.step / 2; value += y.step) {
    context.moveTo(LABEL_WIDTH, y.at(value));
    context.lineTo(width, y.at(value));
    context.fillText(String(+value.toPrecision(3)), 46, y.at(value) + 4);
  }
  context.stroke();
  context.fillText(`${label}${unit === "" ? "" : ` (${unit})`}`, LABEL_WIDTH + 6, 13);
}
