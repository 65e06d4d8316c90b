/**
 * The figures of the run over its time: latency of each operation and its quantiles, the rate of
 * operations, messages between servers for each operation.
 *
 * @module
 */

import { type DrawnMessage, type DrawnOperation, isClient, maxOf } from "../run_data.ts";
import { duration, seconds } from "./dom.ts";
import { type Drawing, LABEL_WIDTH, niceStep, type Pen } from "./timeline.ts";
import type { View } from "./view.ts";

const HEIGHT = 170;
/** The number of intervals that rates and quantiles are counted in. */
const BUCKETS = 40;
const COLOURS = { ok: "--good", fail: "--bad", info: "--unsure" } as const;
const QUANTILES = [0.5, 0.95, 0.99, 1] as const;

/** A line of values, one for each interval of the shown time. */
interface Series {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly (number | undefined)[];
}

/** Latency: a point for each operation. */
export function latencyPoints(view: View): Drawing {
  const { operations } = view.run;
  const visible = () => inView(view, operations, ({ startMs }) => startMs);
  const scale = () => yScale(maxOf(visible().map(latencyOf)));
  return {
    label: "latency of each operation in milliseconds",
    height: () => HEIGHT,
    draw(pen) {
      const y = scale();
      drawGrid(pen, y, "latency", "ms");
      for (const operation of visible()) {
        pen.context.fillStyle = pen.colour(COLOURS[operation.type]);
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
  return lines(view, "latency quantiles", "ms", () => {
    const buckets = inBuckets(view, view.run.operations, ({ startMs }) => startMs)
      .map((bucket) =>
        bucket.filter(({ type }) => type === "ok").map(latencyOf).sort((a, b) => a - b)
      );
    return QUANTILES.map((quantile, index) => ({
      name: quantile === 1 ? "max" : `p${quantile * 100}`,
      colour: ["--good", "--accent", "--unsure", "--bad"][index] as string,
      values: buckets.map((sorted) =>
        sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))]
      ),
    }));
  });
}

/** Operations a second, by outcome. */
export function rates(view: View): Drawing {
  return lines(view, "rate", "operations a second", () => {
    const bucketSeconds = (view.toMs - view.fromMs) / BUCKETS / 1000;
    const buckets = inBuckets(view, view.run.operations, ({ startMs }) => startMs);
    return (["ok", "fail", "info"] as const).map((type) => ({
      name: type,
      colour: COLOURS[type],
      values: buckets.map((bucket) =>
        bucket.filter((operation) => operation.type === type).length / bucketSeconds
      ),
    }));
  });
}

/** Messages between servers, for each operation. */
export function messagesPerOperation(view: View): Drawing {
  const servers = view.run.messages.filter(({ src, dest }) => !isClient(src) && !isClient(dest));
  return lines(view, "messages per operation", "", () => {
    const messages = inBuckets(view, servers, ({ sentMs }: DrawnMessage) => sentMs);
    const operations = inBuckets(
      view,
      view.run.operations,
      ({ startMs }: DrawnOperation) => startMs,
    );
    return [{
      name: "between servers",
      colour: "--accent",
      values: messages.map((bucket, index) => {
        const count = operations[index]!.length;
        return count === 0 ? undefined : bucket.length / count;
      }),
    }];
  });
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

/** A vertical axis from 0. */
interface YScale {
  readonly max: number;
  readonly step: number;
  at(value: number): number;
}

function yScale(maxValue: number): YScale {
  const step = niceStep((maxValue || 1) / 4);
  const max = Math.ceil((maxValue || 1) / step) * step;
  return { max, step, at: (value) => HEIGHT - 4 - value / max * (HEIGHT - 24) };
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

function latencyOf({ startMs, endMs }: DrawnOperation): number {
  return endMs - startMs;
}

function inView<T>(view: View, items: readonly T[], timeOf: (item: T) => number): T[] {
  return items.filter((item) => timeOf(item) >= view.fromMs && timeOf(item) <= view.toMs);
}

function inBuckets<T>(view: View, items: readonly T[], timeOf: (item: T) => number): T[][] {
  const buckets: T[][] = Array.from({ length: BUCKETS }, () => []);
  const span = view.toMs - view.fromMs;
  for (const item of inView(view, items, timeOf)) {
    const bucket = Math.floor((timeOf(item) - view.fromMs) / span * BUCKETS);
    buckets[Math.min(BUCKETS - 1, bucket)]!.push(item);
  }
  return buckets;
}
