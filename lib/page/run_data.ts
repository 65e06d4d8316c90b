/**
 * A run as the page draws it: operations with their ends, messages with their receptions, and the
 * times in which faults were active.
 *
 * @module
 */

import type { RunFiles } from "./run_files.ts";
import { readStateChanges, type ShownChange } from "./state_changes.ts";

/** An operation of a client. Times are in milliseconds since the start of the test. */
export interface DrawnOperation {
  /** The indexes of its events in the history. */
  readonly index: number;
  readonly endIndex: number | undefined;
  readonly process: number;
  /** Its lane: each worker runs one operation at a time. */
  readonly worker: number;
  readonly node: string | undefined;
  readonly f: string;
  readonly type: "ok" | "fail" | "info";
  readonly startMs: number;
  /** The end of the run for an operation that never completed. */
  readonly endMs: number;
  readonly value: unknown;
  readonly result: unknown;
  readonly error: unknown;
  readonly isFinal: boolean;
  /** The client's name in messages, if it was found. */
  client: string | undefined;
}

/** A message, once for all of its copies. */
export interface DrawnMessage {
  readonly id: number;
  readonly src: string;
  readonly dest: string;
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly sentMs: number;
  /** When each copy arrived; empty for a lost message. */
  readonly receivedMs: number[];
}

/** A time in which a fault was active. */
export interface FaultBand {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly value: unknown;
}

/** A run. */
export interface RunData {
  readonly options: Readonly<Record<string, unknown>>;
  readonly engine: string;
  readonly bin: string;
  readonly args: readonly string[];
  readonly nodes: readonly string[];
  readonly results: Readonly<Record<string, unknown>>;
  readonly operations: readonly DrawnOperation[];
  readonly workers: number;
  readonly messages: readonly DrawnMessage[];
  readonly faults: readonly FaultBand[];
  readonly states: readonly ShownChange[];
  readonly logs: Readonly<Record<string, string>>;
  readonly endMs: number;
}

interface Event {
  readonly index: number;
  readonly time: number;
  readonly type: "invoke" | "ok" | "fail" | "info";
  readonly process: number | "nemesis";
  readonly f: string;
  readonly value: unknown;
  readonly error?: unknown;
  readonly final?: boolean;
}

interface SentLine {
  readonly id: number;
  readonly time: number;
  readonly src: string;
  readonly dest: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A client sends its first request within this number of operations: some need no request. */
const MAX_SILENT_OPERATIONS = 5;
const NANOSECONDS_PER_MS = 1e6;

/** Reads a run from its files. */
export function readRun(files: RunFiles): RunData {
  const test = files.test === undefined ? {} : JSON.parse(files.test);
  const options = test.options ?? {};
  const events = parseLines<Event>(files.history);
  const messages = readMessages(files.messages ?? "");
  const lastMs = Math.max(
    toMs(events.at(-1)?.time ?? 0),
    messages.at(-1)?.receivedMs.at(-1) ?? messages.at(-1)?.sentMs ?? 0,
  );
  const nodes: string[] = options.nodes ?? nodesOf(messages);
  const processes = events.filter(({ process }) => process !== "nemesis");
  const workers = options.concurrency ??
    maxOf(processes.map(({ process }) => Number(process))) + 1;
  const operations = readOperations(events, workers, nodes, lastMs);
  findClients(operations, messages);
  return {
    options,
    engine: test.engine ?? "",
    bin: test.bin ?? "",
    args: test.args ?? [],
    nodes,
    results: JSON.parse(files.results),
    operations,
    workers,
    messages,
    faults: readFaults(events, lastMs),
    states: readStateChanges(files.states ?? "", messages),
    logs: files.logs,
    endMs: lastMs,
  };
}

function parseLines<T>(text: string): T[] {
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}

function toMs(time: number): number {
  return time / NANOSECONDS_PER_MS;
}

function readOperations(
  events: readonly Event[],
  workers: number,
  nodes: readonly string[],
  lastMs: number,
): DrawnOperation[] {
  const open = new Map<unknown, Event>();
  const operations: DrawnOperation[] = [];
  const add = (start: Event, end: Event | undefined) => {
    const process = start.process as number;
    const worker = process % workers;
    operations.push({
      index: start.index,
      endIndex: end?.index,
      process,
      worker,
      node: nodes[worker % nodes.length],
      f: start.f,
      type: end === undefined || end.type === "invoke" ? "info" : end.type,
      startMs: toMs(start.time),
      endMs: end === undefined ? lastMs : toMs(end.time),
      value: start.value,
      result: end?.type === "ok" ? end.value : undefined,
      error: end === undefined ? "never completed" : end.error,
      isFinal: start.final === true,
      client: undefined,
    });
  };
  for (const event of events) {
    if (event.process === "nemesis") continue;
    if (event.type === "invoke") open.set(event.process, event);
    else {
      const start = open.get(event.process);
      open.delete(event.process);
      if (start !== undefined) add(start, event);
    }
  }
  for (const start of open.values()) add(start, undefined);
  return operations.sort((a, b) => a.index - b.index);
}

function readMessages(text: string): DrawnMessage[] {
  const byId = new Map<number, DrawnMessage>();
  for (const line of parseLines<unknown>(text)) {
    if (Array.isArray(line)) {
      const [id, time] = line as [number, number];
      byId.get(id)?.receivedMs.push(toMs(time));
      continue;
    }
    const { id, time, src, dest, body } = line as SentLine;
    if (byId.has(id)) continue;
    const type = String(body?.type ?? "?");
    byId.set(id, { id, src, dest, type, body, sentMs: toMs(time), receivedMs: [] });
  }
  return [...byId.values()].sort((a, b) => a.sentMs - b.sentMs);
}

function readFaults(events: readonly Event[], lastMs: number): FaultBand[] {
  const bands: FaultBand[] = [];
  const open = new Map<string, Event>();
  const close = (name: string, endMs: number) => {
    const start = open.get(name);
    if (start === undefined) return;
    open.delete(name);
    bands.push({ name, startMs: toMs(start.time), endMs, value: start.value });
  };
  for (const event of events) {
    const [, verb, name] = /^(start|stop)-(.+)$/.exec(event.f) ?? [];
    if (event.process !== "nemesis" || name === undefined) continue;
    // Each nemesis operation has two events; the second one has its result.
    if (verb === "start") open.set(name, { ...event, time: open.get(name)?.time ?? event.time });
    else close(name, toMs(event.time));
  }
  for (const name of [...open.keys()]) close(name, lastMs);
  return bands.sort((a, b) => a.startMs - b.startMs);
}

/** Names the nodes of a history without options: the receivers of `init`. */
function nodesOf(messages: readonly DrawnMessage[]): string[] {
  return [...new Set(messages.flatMap(({ type, dest }) => type === "init" ? dest : []))];
}

/**
 * Finds the client of each process: the history does not name it, so the page compares times. A
 * process has a client of its own, which sends requests only while an operation of the process runs.
 */
function findClients(
  operations: readonly DrawnOperation[],
  messages: readonly DrawnMessage[],
): void {
  const requests = messages.filter(({ src, type }) => isClient(src) && type !== "init");
  const clients = [...Map.groupBy(requests, ({ src }) => src)];
  const taken = new Set<string>();
  for (const own of Map.groupBy(operations, ({ process }) => process).values()) {
    const [first] = own as [DrawnOperation];
    const untilMs = own[Math.min(own.length, MAX_SILENT_OPERATIONS) - 1]!.endMs;
    let best: string | undefined;
    let bestCount = 0;
    for (const [client, sent] of clients) {
      const { sentMs, dest } = sent[0]!;
      if (sentMs < first.startMs || sentMs > untilMs || dest !== first.node) continue;
      const count = taken.has(client) ? 0 : countWithin(sent, own);
      if (count > bestCount) [best, bestCount] = [client, count];
    }
    if (best === undefined) continue;
    taken.add(best);
    for (const operation of own) operation.client = best;
  }
}

/** Counts the messages that were sent while one of these operations ran; minus the others. */
function countWithin(
  messages: readonly DrawnMessage[],
  operations: readonly DrawnOperation[],
): number {
  let at = 0;
  let count = 0;
  for (const { sentMs } of messages) {
    while (at < operations.length && operations[at]!.endMs < sentMs) at++;
    count += at < operations.length && operations[at]!.startMs <= sentMs ? 1 : -1;
  }
  return count;
}

/** Returns the greatest of any number of values; 0 for none. */
export function maxOf(values: readonly number[]): number {
  return values.reduce((max, value) => Math.max(max, value), 0);
}

/** Whether a message's sender or receiver is a client. */
export function isClient(id: string): boolean {
  return /^c\d+$/.test(id);
}
