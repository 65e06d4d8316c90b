/**
 * Renders Lamport diagrams as SVG, for browsers: an arrow for each message from its send to its
 * receive, with the body as a tooltip.
 *
 * @module
 */

import {
  describeBody,
  labelOf,
  type LamportRange,
  type LamportRow,
  layOutLamport,
  type NetworkEvent,
  typeOf,
} from "./lamport.ts";

const LANE_WIDTH = 130;
const ROW_HEIGHT = 18;
const TIME_WIDTH = 90;
const HEAD_HEIGHT = 40;
const MAX_BODY_LENGTH = 2000;
const MAX_LABEL_LENGTH = 24;
const MAX_EVENTS = 10_000;

const STYLE = `text{font:11px sans-serif;fill:#222}.time{fill:#888;text-anchor:end}
.lane{font-weight:bold;text-anchor:middle}.lifeline{stroke:#ddd}.label{text-anchor:middle}
.msg line{stroke:#2a6fb0;stroke-width:1.3;marker-end:url(#head)}.client line{stroke:#9a9a9a}
.error line{stroke:#c0392b}.lost line{stroke:#c0392b;stroke-dasharray:4 3;marker-end:url(#cross)}
.later line{stroke-dasharray:4 3}.marked line{stroke:#b8860b;stroke-width:3}
.mark{fill:#b8860b;font-weight:bold}.msg:hover line{stroke-width:3}`;

const MARKERS =
  `<marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" ` +
  `orient="auto"><path d="M0 0L8 4L0 8z" fill="#555"/></marker>` +
  `<marker id="cross" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="8" markerHeight="8">` +
  `<path d="M1 1L7 7M7 1L1 7" stroke="#c0392b" stroke-width="1.5"/></marker>`;

/**
 * Renders a run, or a part of it, as an SVG document. The default of `range.maxEvents` is 10,000.
 */
export function lamportSvg(
  events: readonly NetworkEvent[],
  range: LamportRange = {},
): string {
  const diagram = layOutLamport(events, { maxEvents: MAX_EVENTS, ...range });
  const { lanes, rows, before, after } = diagram;
  const width = TIME_WIDTH + lanes.length * LANE_WIDTH;
  const height = HEAD_HEIGHT + (rows.length + 1) * ROW_HEIGHT;
  const notes = [before > 0 ? `${before} earlier events` : "", after > 0 ? `${after} later` : ""]
    .filter((note) => note !== "").join(", ");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}">`,
    `<style>${STYLE}</style><defs>${MARKERS}</defs>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...(notes === "" ? [] : [`<text x="4" y="12">not drawn: ${notes}</text>`]),
    ...lanes.map((lane, index) => laneSvg(lane, index, height)),
    ...rows.flatMap((row, index) => rowSvg(row, index, range.marks?.get(row.event.id))),
    "</svg>",
    "",
  ].join("\n");
}

function laneSvg(lane: string, index: number, height: number): string {
  const x = laneX(index);
  return `<text class="lane" x="${x}" y="${HEAD_HEIGHT - 12}">${escape(lane)}</text>` +
    `<line class="lifeline" x1="${x}" y1="${HEAD_HEIGHT}" x2="${x}" y2="${height}"/>`;
}

/** Renders a row: its time, and the arrows of the message that starts in it. */
function rowSvg(row: LamportRow, index: number, mark: string | undefined): string[] {
  const { event, from, to, counterpart } = row;
  const time = `<text class="time" x="${TIME_WIDTH - 8}" y="${rowY(index) + 4}">` +
    `${(event.time / 1e6).toFixed(3)}</text>`;
  if (event.type === "recv") {
    return counterpart === "earlier" ? [time, arrow(row, from, index - 1, to, index)] : [time];
  }
  if (counterpart === "lost" || counterpart === "later") {
    return [time, arrow(row, from, index, from + (to - from) * 0.6, index + 1, mark)];
  }
  const rows = counterpart === "earlier" ? [] : counterpart;
  return [time, ...rows.map((end) => arrow(row, from, index, to, end, mark))];
}

function arrow(
  row: LamportRow,
  from: number,
  start: number,
  to: number,
  end: number,
  mark?: string,
): string {
  const { id, message: { src, dest, body } } = row.event;
  const [x1, y1, x2, y2] = [laneX(from), rowY(start), laneX(to), rowY(end)];
  const title = `#${id} ${src} → ${dest} ${describeBody(body, MAX_BODY_LENGTH)}`;
  // Near the sender, fewer arrows cross the label.
  const [labelX, labelY] = [x1 + (x2 - x1) * 0.3, y1 + (y2 - y1) * 0.3 - 3];
  const marked = mark === undefined
    ? ""
    : `<text class="mark" x="${x1 + 6}" y="${y1 - 4}">${escape(mark)}</text>`;
  return `<g class="${classOf(row)}${mark === undefined ? "" : " marked"}"><title>${
    escape(title)
  }</title>` +
    `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>` +
    `<text class="label" x="${labelX}" y="${labelY}">` +
    `${escape(labelOf(body, MAX_LABEL_LENGTH))}</text>${marked}</g>`;
}

function classOf({ event: { message: { src, dest, body } }, counterpart }: LamportRow): string {
  const kinds = ["msg"];
  if (counterpart === "lost" || counterpart === "later") kinds.push(counterpart);
  else if (typeOf(body) === "error") kinds.push("error");
  else if (src.startsWith("c") || dest.startsWith("c")) kinds.push("client");
  return kinds.join(" ");
}

function laneX(lane: number): number {
  return TIME_WIDTH + (lane + 0.5) * LANE_WIDTH;
}

function rowY(row: number): number {
  return HEAD_HEIGHT + (row + 0.5) * ROW_HEIGHT;
}

/** Characters that XML does not allow, even escaped: control characters and lone surrogates. */
const INVALID_IN_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

function escape(text: string): string {
  return text.replace(INVALID_IN_XML, "\ufffd").replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
