/**
 * Lamport diagrams (space-time diagrams): the messages of a run in the order of sends and receives.
 *
 * This module computes the layout, for any output format: a lane for each participant and a row for
 * each event. Rows do not depend on time, so a diagram is readable however unevenly events occur.
 * All clients share a lane, because there can be thousands of them with few requests each.
 *
 * @module
 */

/** A journal entry: a message was sent or received. */
export interface NetworkEvent {
  readonly type: "send" | "recv";
  /** Nanoseconds since the start of the test. */
  readonly time: number;
  /** The message's number. A duplicate has its original's number. */
  readonly id: number;
  readonly message: { readonly src: string; readonly dest: string; readonly body: unknown };
}

/** The part of a run to draw. */
export interface LamportRange {
  /** The start of the part, in milliseconds since the start of the test. Default: 0. */
  readonly fromMs?: number;
  /** The maximum number of events to draw. */
  readonly maxEvents?: number;
  /** Texts that mark messages, by the numbers of the messages. */
  readonly marks?: ReadonlyMap<number, string>;
}

/** One row: an event, and the rows of its counterpart. */
export interface LamportRow {
  readonly event: NetworkEvent;
  /** The lanes of sender and receiver, from 0. */
  readonly from: number;
  readonly to: number;
  /**
   * For a send: the rows of the message's receives; `later` if all are after the drawn part; `lost`
   * if there are none. For a receive: the row of the send, or `earlier` if it is before the drawn
   * part.
   */
  readonly counterpart: readonly number[] | "lost" | "later" | "earlier";
}

/** A diagram. */
export interface LamportDiagram {
  /** The names of the lanes: clients, then nodes in natural order, then services. */
  readonly lanes: readonly string[];
  readonly rows: readonly LamportRow[];
  /** The number of events before and after the drawn part. */
  readonly before: number;
  readonly after: number;
}

/** The name of the lane that all clients share. */
export const CLIENTS = "clients";

/** Lays out a diagram. The default of `range.maxEvents` is 100. */
export function layOutLamport(
  events: readonly NetworkEvent[],
  range: LamportRange = {},
): LamportDiagram {
  const { fromMs = 0, maxEvents = 100 } = range;
  const found = events.findIndex(({ time }) => time >= fromMs * 1e6);
  const before = found < 0 ? events.length : found;
  const drawn = events.slice(before, before + maxEvents);
  const lanes = lanesOf(drawn);
  const laneIndex = new Map(lanes.map((lane, index) => [lane, index]));
  const lane = (id: string) => laneIndex.get(laneOf(id)) as number;
  const sends = rowsById(drawn, "send");
  const receives = rowsById(drawn, "recv");
  const received = new Set(events.flatMap(({ type, id }) => type === "recv" ? [id] : []));
  const counterpart = ({ type, id }: NetworkEvent) =>
    type === "recv"
      ? sends.get(id) ?? "earlier"
      : receives.get(id) ?? (received.has(id) ? "later" : "lost");
  const rows = drawn.map((event): LamportRow => ({
    event,
    from: lane(event.message.src),
    to: lane(event.message.dest),
    counterpart: counterpart(event),
  }));
  return { lanes, rows, before, after: events.length - before - drawn.length };
}

/** Returns a message's body as JSON, truncated to `maxLength` characters. */
export function describeBody(body: unknown, maxLength: number): string {
  const text = JSON.stringify(body, (_, value) => typeof value === "bigint" ? `${value}` : value) ??
    "";
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}

/** The fields of a body that say nothing about what it is for. */
const ENVELOPE_FIELDS: readonly string[] = ["type", "msg_id", "in_reply_to"];

/** Returns the type of a message's body and its values, such as `broadcast 3`. */
export function labelOf(body: unknown, maxLength: number): string {
  const fields = typeof body === "object" && body !== null ? Object.entries(body) : [];
  const values = fields.filter(([name]) => !ENVELOPE_FIELDS.includes(name))
    .map(([, value]) => describeBody(value, maxLength));
  const text = [typeOf(body), ...values].join(" ");
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}

/** Returns the `type` of a message's body, or `?`. */
export function typeOf(body: unknown): string {
  const type = typeof body === "object" && body !== null && "type" in body ? body.type : undefined;
  return typeof type === "string" ? type : "?";
}

function lanesOf(events: readonly NetworkEvent[]): string[] {
  const ids = new Set(events.flatMap(({ message: { src, dest } }) => [laneOf(src), laneOf(dest)]));
  return [...ids].sort((a, b) => rank(a) - rank(b) || compareNaturally(a, b));
}

function rank(lane: string): number {
  return lane === CLIENTS ? 0 : lane.includes("-") ? 2 : 1;
}

/** Compares names with their trailing numbers by value: n2 before n10. */
function compareNaturally(a: string, b: string): number {
  const number = (name: string) => Number(/\d+$/.exec(name)?.[0] ?? NaN);
  const stem = (name: string) => name.replace(/\d+$/, "");
  if (stem(a) === stem(b)) return number(a) - number(b);
  return a < b ? -1 : 1;
}

function laneOf(id: string): string {
  return id.startsWith("c") ? CLIENTS : id;
}

function rowsById(
  events: readonly NetworkEvent[],
  type: NetworkEvent["type"],
): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  for (const [row, event] of events.entries()) {
    if (event.type !== type) continue;
    const known = rows.get(event.id);
    if (known === undefined) rows.set(event.id, [row]);
    else known.push(row);
  }
  return rows;
}
