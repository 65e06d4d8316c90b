/**
 * The messages of the run as a space-time diagram: a lane for each node, an arrow for each message.
 *
 * @module
 */

import { type DrawnMessage, type FaultBand, isClient } from "../run_data.ts";
import { duration, seconds, shorten } from "./dom.ts";
import { type Drawing, LABEL_WIDTH, type Pen } from "./timeline.ts";
import type { View } from "./view.ts";

const MAX_HEIGHT = 640;
const MAX_LANE_HEIGHT = 56;
const MIN_LANE_HEIGHT = 16;
const CLIENTS = "clients";
/** With more messages than this, arrows have no labels, no heads, or are thin lines. */
const MAX_LABELS = 90;
const MAX_HEADS = 700;
const MAX_ARROWS = 3000;
/** Nothing is hit farther from the pointer than this, in pixels. */
const HIT_DISTANCE = 6;

/** Which messages are drawn. */
export interface MessageFilter {
  node: string;
  type: string;
  clients: boolean;
  lostOnly: boolean;
}

/** The part of the past and the future that a message is connected with. */
export type Cone = ReadonlySet<DrawnMessage> | undefined;

/** Returns the messages that pass a filter. */
export function filterMessages(
  messages: readonly DrawnMessage[],
  { node, type, clients, lostOnly }: MessageFilter,
): DrawnMessage[] {
  return messages.filter((message) =>
    (node === "" || message.src === node || message.dest === node) &&
    (type === "" || message.type === type) &&
    (clients || (!isClient(message.src) && !isClient(message.dest))) &&
    (!lostOnly || message.receivedMs.length === 0)
  );
}

/** Returns the drawing; `shown` and `cone` return what passes the filter and what is connected. */
export function messagesDrawing(
  view: View,
  shown: () => readonly DrawnMessage[],
  cone: () => Cone,
): Drawing {
  const lanes = lanesOf(view.run.messages, view.run.nodes);
  const laneOf = new Map(lanes.map((lane, index) => [lane, index]));
  const laneHeight = Math.max(
    MIN_LANE_HEIGHT,
    Math.min(MAX_LANE_HEIGHT, MAX_HEIGHT / lanes.length),
  );
  const y = (id: string) => ((laneOf.get(isClient(id) ? CLIENTS : id) ?? 0) + 0.5) * laneHeight;
  const visible = () =>
    shown().filter((message) => message.sentMs <= view.toMs && endOf(message) >= view.fromMs);
  return {
    label: `${view.run.messages.length} messages between ${lanes.join(", ")}; ` +
      "the table below lists them",
    height: () => lanes.length * laneHeight,
    draw(pen) {
      const { context, width, colour } = pen;
      context.strokeStyle = colour("--line");
      context.fillStyle = colour("--text");
      context.beginPath();
      for (const [index, lane] of lanes.entries()) {
        const laneY = (index + 0.5) * laneHeight;
        context.fillText(shorten(lane, 12), 4, laneY + 4);
        context.moveTo(LABEL_WIDTH, laneY);
        context.lineTo(width, laneY);
      }
      context.stroke();
      context.beginPath();
      context.rect(LABEL_WIDTH, 0, width - LABEL_WIDTH, lanes.length * laneHeight);
      context.clip();
      const messages = visible();
      if (messages.length > MAX_ARROWS) drawLines(messages, pen);
      else for (const message of messages) drawArrow(message, messages.length, pen);
      context.globalAlpha = 1;
    },
    hint(x, mouseY, pen) {
      const message = nearest(x, mouseY, pen);
      return message && describeMessage(message, view.run.faults);
    },
    click(x, mouseY, pen) {
      const message = nearest(x, mouseY, pen);
      view.select(message && { kind: "message", message });
    },
  };

  /** Draws very many messages as thin lines, in one stroke for each colour. */
  function drawLines(messages: readonly DrawnMessage[], { context, x, colour }: Pen): void {
    const connected = cone();
    context.lineWidth = 1;
    for (const [name, group] of Map.groupBy(messages, colourOf)) {
      context.globalAlpha = name === "--bad" ? 0.8 : 0.35;
      context.strokeStyle = colour(name);
      context.beginPath();
      for (const message of group) {
        if (connected?.has(message) === false) continue;
        for (const [endX, endY] of endsOf(message, x)) {
          context.moveTo(x(message.sentMs), y(message.src));
          context.lineTo(endX, endY);
        }
      }
      context.stroke();
    }
  }

  function drawArrow(message: DrawnMessage, count: number, { context, x, colour }: Pen): void {
    const connected = cone();
    const isSelected = view.selection?.kind === "message" && view.selection.message === message;
    const isLit = isSelected || connected?.has(message) === true;
    context.globalAlpha = isLit ? 1 : connected === undefined ? 0.8 : 0.12;
    context.lineWidth = isSelected ? 3 : isLit ? 2 : 1;
    context.strokeStyle = context.fillStyle = colour(colourOf(message));
    const [startX, startY] = [x(message.sentMs), y(message.src)];
    for (const [endX, endY] of endsOf(message, x)) {
      arrow(context, startX, startY, endX, endY, {
        hasHead: count <= MAX_HEADS,
        isLost: message.receivedMs.length === 0,
      });
    }
    if (count > MAX_LABELS && !isSelected) return;
    const [endX, endY] = endsOf(message, x)[0]!;
    context.fillStyle = colour("--text");
    context.fillText(
      message.type,
      startX + (endX - startX) * 0.3 + 3,
      startY + (endY - startY) * 0.3 - 2,
    );
  }

  function endsOf(message: DrawnMessage, x: Pen["x"]): [number, number][] {
    const { src, dest, sentMs, receivedMs } = message;
    if (receivedMs.length > 0) return receivedMs.map((ms) => [x(ms), y(dest)]);
    return [[x(sentMs) + 24, y(src) + (y(dest) - y(src)) * 0.6]];
  }

  function nearest(mouseX: number, mouseY: number, { x }: Pen): DrawnMessage | undefined {
    let best: DrawnMessage | undefined;
    let bestDistance = HIT_DISTANCE;
    for (const message of visible()) {
      for (const [endX, endY] of endsOf(message, x)) {
        const distance = distanceTo(
          mouseX,
          mouseY,
          x(message.sentMs),
          y(message.src),
          endX,
          endY,
        );
        if (distance < bestDistance) [best, bestDistance] = [message, distance];
      }
    }
    return best;
  }
}

/** Returns a message for a hint. */
export function describeMessage(message: DrawnMessage, faults: readonly FaultBand[]): string {
  const { id, src, dest, type, sentMs, receivedMs, body } = message;
  const times = receivedMs.map((ms) => `received ${seconds(ms)}, after ${duration(ms - sentMs)}`);
  return [
    `message ${id}: ${src} → ${dest}, ${type}`,
    `sent ${seconds(sentMs)}`,
    ...(times.length > 0 ? times : [lossOf(message, faults)]),
    shorten(JSON.stringify(body), 400),
  ].join("\n");
}

/** Says why a message that was never received was lost, as far as the run shows. */
export function lossOf({ sentMs }: DrawnMessage, faults: readonly FaultBand[]): string {
  const active = faults.filter(({ startMs, endMs }) => startMs <= sentMs && sentMs <= endMs);
  const names = [...new Set(active.map(({ name }) => name))];
  return names.length > 0
    ? `never received: sent while a fault was active (${names.join(", ")})`
    : "never received: the receiver was not running, or the test ended before";
}

/**
 * Returns the messages that may have caused a message (`past`), or that it may have caused: those
 * that a chain of sends and receptions connects with it (Lamport 1978).
 */
export function causalCone(
  messages: readonly DrawnMessage[],
  start: DrawnMessage,
  direction: "past" | "future",
): Set<DrawnMessage> {
  const cone = new Set([start]);
  if (direction === "past") {
    const until = new Map([[start.src, start.sentMs]]);
    const received = messages.flatMap((message) =>
      message.receivedMs.map((ms) => ({ message, ms }))
    ).sort((a, b) => b.ms - a.ms);
    for (const { message, ms } of received) {
      if (ms > (until.get(message.dest) ?? -Infinity)) continue;
      cone.add(message);
      until.set(message.src, Math.max(until.get(message.src) ?? -Infinity, message.sentMs));
    }
  } else {
    const from = new Map(start.receivedMs.map((ms) => [start.dest, ms]));
    for (const message of messages) {
      if (message.sentMs < (from.get(message.src) ?? Infinity)) continue;
      cone.add(message);
      for (const ms of message.receivedMs) {
        from.set(message.dest, Math.min(from.get(message.dest) ?? Infinity, ms));
      }
    }
  }
  return cone;
}

function lanesOf(messages: readonly DrawnMessage[], nodes: readonly string[]): string[] {
  const others = new Set<string>();
  for (const { src, dest } of messages) {
    for (const id of [src, dest]) if (!isClient(id) && !nodes.includes(id)) others.add(id);
  }
  return [CLIENTS, ...nodes, ...[...others].sort()];
}

function endOf({ sentMs, receivedMs }: DrawnMessage): number {
  return receivedMs.length === 0 ? sentMs : Math.max(...receivedMs);
}

function colourOf({ src, dest, type, receivedMs }: DrawnMessage): string {
  if (receivedMs.length === 0 || type === "error") return "--bad";
  return isClient(src) || isClient(dest) ? "--client" : "--accent";
}

function arrow(
  context: CanvasRenderingContext2D,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  { hasHead, isLost }: { readonly hasHead: boolean; readonly isLost: boolean },
): void {
  context.beginPath();
  context.setLineDash(isLost ? [4, 3] : []);
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
  context.setLineDash([]);
  if (isLost) {
    context.beginPath();
    context.moveTo(x2 - 4, y2 - 4);
    context.lineTo(x2 + 4, y2 + 4);
    context.moveTo(x2 + 4, y2 - 4);
    context.lineTo(x2 - 4, y2 + 4);
    context.stroke();
  } else if (hasHead) {
    const angle = Math.atan2(y2 - y1, x2 - x1);
    context.beginPath();
    context.moveTo(x2, y2);
    for (const turn of [2.7, -2.7]) {
      context.lineTo(x2 + 8 * Math.cos(angle + turn), y2 + 8 * Math.sin(angle + turn));
    }
    context.fill();
  }
}

/** Returns the distance of a point from a line segment. */
function distanceTo(
  px: number,
  py: number,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = ((px - x1) * dx + (py - y1) * dy) / (dx * dx + dy * dy || 1);
  const clamped = Math.min(1, Math.max(0, along));
  return Math.hypot(px - x1 - clamped * dx, py - y1 - clamped * dy);
}
