/**
 * Renders Lamport diagrams as text, for test failures and terminals.
 *
 * A message whose only receive directly follows its send takes one line. Any other message has a
 * line for its send and one for each receive.
 *
 * @module
 */

import {
  describeBody,
  type LamportRange,
  type LamportRow,
  layOutLamport,
  type NetworkEvent,
} from "./lamport.ts";

const TIME_WIDTH = 11;
const MAX_BODY_LENGTH = 100;
const MAX_WIDE_LANES = 10;
const LEGEND = "●──▶ received   ○╌╌▷ sent, in flight   ○╌╌╳ lost";

/** Renders a run, or a part of it, as lines of text. The default of `range.maxEvents` is 100. */
export function lamportText(
  events: readonly NetworkEvent[],
  range: LamportRange = {},
): string {
  const { lanes, rows, before, after } = layOutLamport(events, range);
  const maxNameLength = Math.max(0, ...lanes.map((lane) => lane.length));
  const width = Math.max(maxNameLength + 1, lanes.length <= MAX_WIDE_LANES ? 9 : 5);
  const head = " ".repeat(TIME_WIDTH + 2) +
    lanes.map((lane) => centred(lane, width)).join("").trimEnd();
  const lines = [LEGEND, head];
  if (before > 0) lines.push(`${" ".repeat(TIME_WIDTH + 2)}… ${before} earlier events`);
  for (const [index, row] of rows.entries()) {
    if (row.event.type === "recv" && isOneLine(rows[index - 1], index - 1, index)) continue;
    const arrives = row.event.type === "recv" || isOneLine(row, index, index + 1);
    const mark = row.event.type === "send" ? range.marks?.get(row.event.id) : undefined;
    const line = lineOf(row, arrives, lanes.length, width);
    lines.push(mark === undefined ? line : `${line}  ◀ ${mark}`);
  }
  if (after > 0) lines.push(`${" ".repeat(TIME_WIDTH + 2)}… ${after} later events`);
  return `${lines.join("\n")}\n`;
}

/** Whether a row is a send whose only receive is the next row. */
function isOneLine(row: LamportRow | undefined, index: number, next: number): boolean {
  if (row === undefined || row.event.type !== "send") return false;
  const { counterpart } = row;
  return Array.isArray(counterpart) && counterpart.length === 1 && counterpart[0] === next &&
    index + 1 === next;
}

function lineOf(row: LamportRow, arrives: boolean, lanes: number, width: number): string {
  const { event, counterpart } = row;
  const { id, message: { src, dest, body } } = event;
  const time = (event.time / 1e6).toFixed(3).padStart(TIME_WIDTH);
  const arrow = arrowOf(row, arrives, counterpart === "lost", lanes, width);
  return `${time}  ${arrow}  #${id} ${src} → ${dest} ${describeBody(body, MAX_BODY_LENGTH)}`;
}

function arrowOf(
  { from, to, event }: LamportRow,
  arrives: boolean,
  lost: boolean,
  lanes: number,
  width: number,
): string {
  const cells = new Array<string>(lanes * width).fill(" ");
  const centre = (lane: number) => lane * width + Math.floor(width / 2);
  for (let lane = 0; lane < lanes; lane++) cells[centre(lane)] = "│";
  const [start, end] = [centre(from), centre(to)];
  const step = Math.sign(end - start);
  for (let at = start + step; at !== end && step !== 0; at += step) {
    cells[at] = arrives ? (cells[at] === "│" ? "┼" : "─") : "╌";
  }
  cells[start] = event.type === "send" ? (arrives ? "●" : "○") : "│";
  if (step === 0) cells[start + 1] = arrives ? "↩" : lost ? "╳" : "▷";
  else if (arrives) cells[end - step] = step > 0 ? "▶" : "◀";
  else cells[end - step] = lost ? "╳" : step > 0 ? "▷" : "◁";
  if (arrives && event.type === "recv") cells[end] = "●";
  return cells.join("");
}

function centred(text: string, width: number): string {
  const left = Math.max(0, Math.floor(width / 2) - Math.floor(text.length / 2));
  return (" ".repeat(left) + text).padEnd(width);
}
