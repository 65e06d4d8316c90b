/**
 * The operations of the run: a lane for each worker, a bar from invocation to completion.
 *
 * @module
 */

import type { DrawnOperation } from "../run_data.ts";
import { duration, seconds, shorten } from "./dom.ts";
import { type Drawing, LABEL_WIDTH, type Pen } from "./timeline.ts";
import type { View } from "./view.ts";

const MAX_HEIGHT = 420;
const MAX_LANE_HEIGHT = 24;
const MIN_LANE_HEIGHT = 4;
/** A bar with more room than this has a text in it. */
const MIN_TEXT_WIDTH = 46;
const MAX_TEXT_BESIDE = 16;
const COLOURS = { ok: "--good", fail: "--bad", info: "--unsure" } as const;

/** Where an operation is drawn. */
interface Bar {
  readonly left: number;
  readonly barWidth: number;
  readonly top: number;
  /** Whether the verdict points to it, or it is selected. */
  readonly isLit: boolean;
}

/** In this workload, values are pairs of a key and what was read or written. */
const KEYED_WORKLOAD = "lin-kv";

/** Returns the drawing of all operations. `points` are linearization points, by operation. */
export function operationsDrawing(
  view: View,
  points: ReadonlyMap<DrawnOperation, number>,
): Drawing {
  const { run } = view;
  const lanes = run.workers;
  const laneHeight = Math.max(
    MIN_LANE_HEIGHT,
    Math.min(MAX_LANE_HEIGHT, MAX_HEIGHT / Math.max(1, lanes)),
  );
  const visible = () =>
    run.operations.filter(({ startMs, endMs }) => endMs >= view.fromMs && startMs <= view.toMs);
  const at = (x: number, y: number, pen: Pen) => {
    const worker = Math.floor(y / laneHeight);
    const hits = visible().filter((operation) =>
      operation.worker === worker && pen.x(operation.startMs) - 2 <= x &&
      x <= Math.max(pen.x(operation.endMs), pen.x(operation.startMs) + 3)
    );
    return hits.at(-1);
  };
  return {
    label: `${run.operations.length} operations of ${lanes} workers; the table below lists them`,
    height: () => lanes * laneHeight,
    draw(pen) {
      const { context, x, width, colour } = pen;
      context.fillStyle = colour("--dim");
      if (laneHeight >= 11) {
        for (let worker = 0; worker < lanes; worker++) {
          const node = run.nodes[worker % run.nodes.length] ?? "";
          context.fillText(`worker ${worker} ${node}`, 4, (worker + 0.5) * laneHeight + 4);
        }
      }
      context.beginPath();
      context.rect(LABEL_WIDTH, 0, width - LABEL_WIDTH, lanes * laneHeight);
      context.clip();
      const selected = view.selection?.kind === "operation" ? view.selection.operation : undefined;
      for (const operation of visible()) {
        const left = x(operation.startMs);
        const barWidth = Math.max(2, x(operation.endMs) - left);
        const top = operation.worker * laneHeight + 1;
        const isLit = operation === selected || view.marked.has(operation);
        context.globalAlpha = view.marked.size === 0 || isLit ? 0.75 : 0.3;
        context.fillStyle = colour(COLOURS[operation.type]);
        context.fillRect(left, top, barWidth, laneHeight - 2);
        context.globalAlpha = 1;
        if (isLit) {
          context.lineWidth = operation === selected ? 3 : 2;
          context.strokeStyle = colour(operation === selected ? "--accent" : "--text");
          context.strokeRect(left - 1, top, barWidth + 2, laneHeight - 2);
        }
        drawText(operation, { left, barWidth, top, isLit }, pen);
      }
      drawPoints(pen);
    },
    hint(x, y, pen) {
      const operation = at(x, y, pen);
      return operation && describeOperation(operation);
    },
    click(x, y, pen) {
      const operation = at(x, y, pen);
      view.select(operation && { kind: "operation", operation });
    },
  };

  function drawText(
    operation: DrawnOperation,
    { left, barWidth, top, isLit }: Bar,
    { context, colour }: Pen,
  ): void {
    if (laneHeight < 13) return;
    if (barWidth < MIN_TEXT_WIDTH) {
      if (!isLit) return;
      // What the verdict points to has its text beside the bar.
      context.fillStyle = colour("--text");
      const text = shorten(textOf(operation, isLit), MAX_TEXT_BESIDE);
      context.fillText(text, left + barWidth + 5, top + laneHeight / 2 + 3);
      return;
    }
    const visibleLeft = Math.max(left, LABEL_WIDTH);
    const maxCharacters = Math.floor((left + barWidth - visibleLeft) / 7);
    if (maxCharacters < 4) return;
    context.fillStyle = colour("--ground");
    context.fillText(
      shorten(textOf(operation, isLit), maxCharacters),
      visibleLeft + 3,
      top + laneHeight / 2 + 3,
    );
  }

  /** Returns the text of a bar. The operations of a linearization all have one key. */
  function textOf(operation: DrawnOperation, isLit: boolean): string {
    const isOfKey = run.options.workload === KEYED_WORKLOAD && (isLit || points.has(operation)) &&
      Array.isArray(operation.value);
    return isOfKey ? titleWithoutKey(operation) : titleOf(operation);
  }

  /** Draws the order in which operations took effect: a line through their points. */
  function drawPoints({ context, x, colour }: Pen): void {
    if (points.size === 0) return;
    context.strokeStyle = context.fillStyle = colour("--accent");
    context.lineWidth = 1.5;
    context.beginPath();
    for (const [operation, ms] of points) {
      context.lineTo(x(ms), (operation.worker + 0.5) * laneHeight);
    }
    context.stroke();
    for (const [operation, ms] of points) {
      context.beginPath();
      context.arc(x(ms), (operation.worker + 0.5) * laneHeight, 3.5, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

/** Returns an operation in a few words: `read 4`, `txn [["r",1,[2]]]`. */
export function titleOf({ f, type, value, result }: DrawnOperation): string {
  const shown = type === "ok" && result !== null && result !== undefined ? result : value;
  return shown === null || shown === undefined ? f : `${f} ${JSON.stringify(shown)}`;
}

/** Returns an operation on a register without its key, which its value begins with: `cas 1→2`. */
function titleWithoutKey({ f, type, value, result }: DrawnOperation): string {
  const [, content] = (type === "ok" ? result ?? value : value) as readonly unknown[];
  const parts = f === "cas" && Array.isArray(content) ? content : [content];
  return `${f} ${parts.map((part) => JSON.stringify(part)).join("→")}`;
}

/** Returns an operation for a hint. */
export function describeOperation(operation: DrawnOperation): string {
  const { index, process, node, type, startMs, endMs, value, result, error } = operation;
  return [
    `operation ${index}: ${operation.f}, ${type}, process ${process} at ${node ?? "?"}`,
    `from ${seconds(startMs)} for ${duration(endMs - startMs)}`,
    `request ${shorten(JSON.stringify(value) ?? "", 300)}`,
    ...(result === undefined ? [] : [`reply ${shorten(JSON.stringify(result), 300)}`]),
    ...(error === undefined ? [] : [`error ${shorten(JSON.stringify(error), 300)}`]),
  ].join("\n");
}

/**
 * Returns when each operation of a linearization took effect: in the order of the linearization, as
 * early as possible, each between its invocation and its completion.
 */
export function linearizationPoints(
  operations: readonly DrawnOperation[],
): Map<DrawnOperation, number> {
  let ms = 0;
  return new Map(operations.map((operation) => {
    ms = Math.max(ms, operation.startMs);
    return [operation, ms];
  }));
}
