/**
 * Lamport diagrams: who told whom what, and in which order it was sent and received.
 *
 * Here is what such a diagram consists of, whatever it is drawn with: a lane for each participant
 * and a row for each event, so that it can be read from top to bottom however unevenly time passes.
 * All clients share a lane; there can be thousands, each with a few requests.
 *
 * @module
 */

/** A message sent or received, as the journal has it. */
export interface NetworkEvent {
  readonly type: "send" | "recv";
  /** Nanoseconds since the test began. */
  readonly time: number;
  /** The message's number; a duplicate has its original's. */
  readonly id: number;
  readonly message: { readonly src: string; readonly dest: string; readonly body: unknown };
}

/** Which part of a run to draw. */
export interface LamportRange {
  /** Milliseconds since the test began at which to start; 0 when not given. */
  readonly fromMs?: number;
  /** How many events to draw at most. */
  readonly maxEvents?: number;
}

/** One row: an event, with the row of its counterpart. */
export interface LamportRow {
  readonly event: NetworkEvent;
  /** The lanes of sender and receiver, from 0. */
  readonly from: number;
  readonly to: number;
  /**
   * For an event that sends: the rows in which the message is received, or `lost` when it never is,
   * or `later` when it is, but not in what is drawn. For one that receives: the row in which it was
   * sent, or `earlier`.
   */
  readonly counterpart: readonly number[] | "lost" | "later" | "earlier";
}

/** A diagram. */
export interface LamportDiagram {
  /** The names of the lanes: clients first, then nodes in natural order, then services. */
  readonly lanes: readonly string[];
  readonly rows: readonly LamportRow[];
  /** How many events there are before and after those that are drawn. */
  readonly before: number;
  readonly after: number;
}

/** The lane that all clients share. */
export const CLIENTS = "clients";

/** Lays a diagram out. `range.most` is 100 when not given. */
export function layOutLamport(
  events: readonly NetworkEvent[],
  range: LamportRange = {},
): LamportDiagram {
  const { fromMs: from = 0, maxEvents: most = 100 } = range;
  const found = events.findIndex(({ time }) => time >= from * 1e6);
  const before = found < 0 ? events.length : found;
  const drawn = events.slice(before, before + most);
  const lanes = lanesOf(drawn);
  const laneIndex = new Map(lanes.map((lane, index) => [lane, index]));
  const lane = (id: string) => laneIndex.get(laneOf(id)) as number;
  const sends = rowsById(drawn, "send");
  const receipts = rowsById(drawn, "recv");
  const received = new Set(events.flatMap(({ type, id }) => type === "recv" ? [id] : []));
  const counterpart = ({ type, id }: NetworkEvent) =>
    type === "recv"
      ? sends.get(id) ?? "earlier"
      : receipts.get(id) ?? (received.has(id) ? "later" : "lost");
  const rows = drawn.map((event): LamportRow => ({
    event,
    from: lane(event.message.src),
    to: lane(event.message.dest),
    counterpart: counterpart(event),
  }));
  return { lanes, rows, before, after: events.length - before - drawn.length };
}

/** What is said in a message, on one line of at most so many characters. */
export function describeBody(body: unknown, most: number): string {
  const text = JSON.stringify(body, (_, value) => typeof value === "bigint" ? `${value}` : value) ??
    "";
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** The `type` of a message's body; `?` when it has none. */
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

/** Numbers within names by value: n2 before n10. */
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
