/**
 * The plots of `deno task compare broadcast`: messages against latency, and under faults, where
 * latency says how long the faults were, against convergence.
 *
 * @module
 */

import { type ScatterSeries, scatterSvg } from "../../lib/report/scatter.ts";
import type { BroadcastRow } from "./broadcast.ts";
import { CHALLENGE_LIMITS, CONTENDERS, PUBLISHED } from "./broadcast_contenders.ts";
import type { BroadcastWork } from "./broadcast_expectation.ts";
import { floorPerOperation } from "./broadcast_floor.ts";

const PUBLISHED_COLOUR = "#999999";
const LATENCIES_MS = { min: 50, max: 4000 };
const MESSAGES = { min: 0.05, max: 100 };

/** Draws the figures of all contenders: medians as discs, the longest latencies as rings. */
export function plotBroadcast(
  rows: readonly BroadcastRow[],
  work: BroadcastWork,
  setting: string,
): string {
  const contenders = rows.map(({ name, messagesPerOperation, median, longest }): ScatterSeries => ({
    name: `${name}: ${messagesPerOperation.mean.toFixed(2)} at ${median}/${longest}`,
    colour: colourOf(name),
    points: pair(messagesPerOperation.mean, median, longest),
  }));
  const published = PUBLISHED.map(({ name, messages, median, longest }): ScatterSeries => ({
    name: `${name}: ${messages}`,
    colour: PUBLISHED_COLOUR,
    label: name,
    points: pair(messages, median, longest),
  }));
  return scatterSvg({
    title: "Broadcast: messages between servers for each operation, against latency",
    note: `${setting}; disc: median, ring: longest`,
    x: { label: "from acknowledged to read everywhere (ms)", ...LATENCIES_MS },
    y: { label: "messages for each operation", ...MESSAGES },
    series: [...contenders, ...published],
    rules: CHALLENGE_LIMITS.flatMap(({ id, messages, median, longest }) => [
      { axis: "y" as const, at: messages, label: `${id}: below ${messages} messages` },
      { axis: "x" as const, at: median, label: `${id}: median below ${median}` },
      { axis: "x" as const, at: longest, label: `${id}: longest below ${longest}` },
    ]),
    curves: [{ label: "floor", points: floorCurve(work) }],
  });
}

/** Draws the figures of all contenders under faults: means as discs, the worst runs as rings. */
export function plotConvergence(rows: readonly BroadcastRow[], setting: string): string {
  return scatterSvg({
    title:
      "Broadcast under faults: messages between servers for each operation, against convergence",
    note: `${setting}; disc: mean, ring: worst run; always the longest convergence`,
    x: { label: "from the last heal until all nodes agree (ms)", ...LATENCIES_MS },
    y: { label: "messages for each operation", ...MESSAGES },
    series: rows.map(({ name, messagesPerOperation: { mean, worst }, converged, valid }) => {
      const x = Math.max(LATENCIES_MS.min, converged);
      // Real processes are not looked into.
      const isKnown = Number.isFinite(converged);
      const soon = isKnown ? `within ${converged.toFixed(0)} ms` : "nobody looked";
      return {
        name: `${name}: ${mean.toFixed(2)}, ${valid ? soon : "lost values"}`,
        colour: colourOf(name),
        points: valid && isKnown ? [{ x, y: mean }, { x, y: worst, hollow: true }] : [],
      };
    }),
    rules: [],
    curves: [],
  });
}

function colourOf(name: string): string {
  return CONTENDERS.find((contender) => contender.name === name)?.colour ?? "#000";
}

function pair(messages: number, median: number, longest: number) {
  return [
    { x: Math.max(LATENCIES_MS.min, median), y: messages },
    { x: Math.max(LATENCIES_MS.min, longest), y: messages, hollow: true },
  ];
}

function floorCurve(work: BroadcastWork) {
  const points: { x: number; y: number }[] = [];
  for (let x = LATENCIES_MS.min; x <= LATENCIES_MS.max; x *= 1.1) {
    points.push({ x, y: floorPerOperation(work, x) });
  }
  return points;
}
