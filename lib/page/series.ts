/**
 * Figures over the time of a run: rates and quantiles, counted in intervals.
 *
 * @module
 */

import { type DrawnMessage, type DrawnOperation, isClient } from "./run_data.ts";

/** A part of the run's time. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A line of values, one for each interval of a span; undefined where there is none. */
export interface Series {
  readonly name: string;
  /** A colour of the style sheet: `--good`. */
  readonly colour: string;
  readonly values: readonly (number | undefined)[];
}

/** The number of intervals that a span is divided into. */
export const BUCKETS = 40;
/** The colours of the outcomes of operations. */
export const OUTCOME_COLOURS = { ok: "--good", fail: "--bad", info: "--unsure" } as const;

const QUANTILES = [
  { quantile: 0.5, name: "median", colour: "--good" },
  { quantile: 0.95, name: "p95", colour: "--accent" },
  { quantile: 0.99, name: "p99", colour: "--unsure" },
  { quantile: 1, name: "max", colour: "--bad" },
] as const;

/** Returns how long an operation took, in milliseconds. */
export function latencyOf({ startMs, endMs }: DrawnOperation): number {
  return endMs - startMs;
}

/** Returns quantiles of the latency of the operations that succeeded, in milliseconds. */
export function latencySeries(operations: readonly DrawnOperation[], span: Span): Series[] {
  const buckets = inBuckets(span, operations, ({ startMs }) => startMs).map((bucket) =>
    bucket.filter(({ type }) => type === "ok").map(latencyOf).sort((a, b) => a - b)
  );
  return QUANTILES.map(({ quantile, name, colour }) => ({
    name,
    colour,
    values: buckets.map((sorted) =>
      sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))]
    ),
  }));
}

/** Returns the operations a second, by outcome. */
export function rateSeries(operations: readonly DrawnOperation[], span: Span): Series[] {
  const bucketSeconds = (span.toMs - span.fromMs) / BUCKETS / 1000;
  const buckets = inBuckets(span, operations, ({ startMs }) => startMs);
  return (["ok", "fail", "info"] as const).map((type) => ({
    name: type,
    colour: OUTCOME_COLOURS[type],
    values: buckets.map((bucket) =>
      bucket.filter((operation) => operation.type === type).length / bucketSeconds
    ),
  }));
}

/** Returns the messages between servers, for each operation. */
export function messageSeries(
  messages: readonly DrawnMessage[],
  operations: readonly DrawnOperation[],
  span: Span,
): Series[] {
  const servers = messages.filter(({ src, dest }) => !isClient(src) && !isClient(dest));
  const sent = inBuckets(span, servers, ({ sentMs }) => sentMs);
  const started = inBuckets(span, operations, ({ startMs }) => startMs);
  return [{
    name: "between servers",
    colour: "--accent",
    values: sent.map((bucket, index) => {
      const count = started[index]!.length;
      return count === 0 ? undefined : bucket.length / count;
    }),
  }];
}

/** A vertical axis from 0 in round steps. */
export interface Axis {
  readonly max: number;
  readonly step: number;
}

/** Returns the axis for values up to a maximum. */
export function axisFor(maxValue: number): Axis {
  const step = niceStep((maxValue || 1) / 4);
  return { step, max: Math.ceil((maxValue || 1) / step) * step };
}

/** Returns 1, 2 or 5 times a power of ten that is at least a value. */
export function niceStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= value) ?? value;
}

function inBuckets<T>(
  { fromMs, toMs }: Span,
  items: readonly T[],
  timeOf: (item: T) => number,
): T[][] {
  const buckets: T[][] = Array.from({ length: BUCKETS }, () => []);
  for (const item of items) {
    const ms = timeOf(item);
    if (ms < fromMs || ms > toMs) continue;
    const bucket = Math.floor((ms - fromMs) / (toMs - fromMs) * BUCKETS);
    buckets[Math.min(BUCKETS - 1, bucket)]!.push(item);
  }
  return buckets;
}
