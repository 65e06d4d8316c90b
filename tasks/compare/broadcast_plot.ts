/**
 * The plots of `deno task compare broadcast`: messages against latency; with faults, messages
 * against convergence time, since the duration of the faults dominates latency.
 *
 * @module
 */

import { type ScatterSeries, scatterSvg } from "../../lib/report/scatter.ts";
import type { BroadcastRow } from "./broadcast.ts";
import { CHALLENGE_LIMITS, PUBLISHED_RESULTS, VARIANTS } from "./broadcast_variants.ts";
import type { BroadcastWork } from "./broadcast_model.ts";
import { lowerBoundPerOperation } from "./broadcast_lower_bound.ts";

const PUBLISHED_COLOUR = "#999999";
const LATENCY_RANGE_MS = { min: 50, max: 4000 };
const MESSAGE_RANGE = { min: 0.05, max: 100 };

/** Plots all variants: median latencies as discs, maximum latencies as rings. */
export function plotBroadcast(
  rows: readonly BroadcastRow[],
  work: BroadcastWork,
  setting: string,
): string {
  const variants = rows.map(({ name, messagesPerOperation, median, longest }): ScatterSeries => ({
    name: `${name}: ${messagesPerOperation.mean.toFixed(2)} at ${median}/${longest} ms`,
    colour: colourOf(name),
    points: medianAndMax(messagesPerOperation.mean, median, longest),
  }));
  const published = PUBLISHED_RESULTS.map((
    { name, messages, medianMs, maxMs },
  ): ScatterSeries => ({
    name: `${name}: ${messages}`,
    colour: PUBLISHED_COLOUR,
    label: name,
    points: medianAndMax(messages, medianMs, maxMs),
  }));
  return scatterSvg({
    title: "Broadcast: messages between servers per operation, against latency",
    note: `${setting}; disc: median, ring: maximum`,
    x: {
      label: "from acknowledgement to the last read that misses the value (ms)",
      ...LATENCY_RANGE_MS,
    },
    y: { label: "messages per operation", ...MESSAGE_RANGE },
    series: [...variants, ...published],
    rules: CHALLENGE_LIMITS.flatMap(({ id, messages, medianMs, maxMs }) => [
      { axis: "y" as const, at: messages, label: `${id}: below ${messages} messages` },
      { axis: "x" as const, at: medianMs, label: `${id}: median below ${medianMs} ms` },
      { axis: "x" as const, at: maxMs, label: `${id}: maximum below ${maxMs} ms` },
    ]),
    curves: [{ label: "lower bound", points: lowerBoundCurve(work) }],
  });
}

/** Plots all variants under faults: mean messages as discs, the worst runs as rings. */
export function plotConvergence(rows: readonly BroadcastRow[], setting: string): string {
  return scatterSvg({
    title:
      "Broadcast under faults: messages between servers per operation, against convergence time",
    note: `${setting}; disc: mean messages, ring: worst run; convergence time of the worst run`,
    x: {
      label: "from the last heal until all nodes hold the same values (ms)",
      ...LATENCY_RANGE_MS,
    },
    y: { label: "messages per operation", ...MESSAGE_RANGE },
    series: rows.map(({ name, messagesPerOperation: { mean, worst }, converged, valid }) => {
      const x = Math.max(LATENCY_RANGE_MS.min, converged);
      // The process engine cannot read the state of its nodes.
      const isMeasured = Number.isFinite(converged);
      const outcome = isMeasured ? `within ${converged.toFixed(0)} ms` : "not measured";
      return {
        name: `${name}: ${mean.toFixed(2)}, ${valid ? outcome : "lost values"}`,
        colour: colourOf(name),
        points: valid && isMeasured ? [{ x, y: mean }, { x, y: worst, hollow: true }] : [],
      };
    }),
    rules: [],
    curves: [],
  });
}

function colourOf(name: string): string {
  return VARIANTS.find((variant) => variant.name === name)?.colour ?? "#000";
}

function medianAndMax(messages: number, medianMs: number, maxMs: number) {
  return [
    { x: Math.max(LATENCY_RANGE_MS.min, medianMs), y: messages },
    { x: Math.max(LATENCY_RANGE_MS.min, maxMs), y: messages, hollow: true },
  ];
}

function lowerBoundCurve(work: BroadcastWork) {
  const points: { x: number; y: number }[] = [];
  for (let x = LATENCY_RANGE_MS.min; x <= LATENCY_RANGE_MS.max; x *= 1.1) {
    points.push({ x, y: lowerBoundPerOperation(work, x) });
  }
  return points;
}
