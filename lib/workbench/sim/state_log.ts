/**
 * Records how the states that simulated nodes expose change: after which message, and what.
 *
 * A state is read before each message that the node receives, and with each that it sends. So a
 * change belongs to the last message that the node received, or to a timer of the node after it.
 *
 * @module
 */

import { stringifyJson } from "../../base/mod.ts";
import type { JournalEvent } from "../journal.ts";
import { shorten } from "../shorten.ts";

/** A change of a node's state. */
export interface StateChange {
  /** Nanoseconds since the test began: when the node received the message before the change. */
  readonly time: number;
  readonly node: string;
  /** The number of the last message that the node had received; absent before the first. */
  readonly id?: number;
  /** What changed, such as `values + 3`. */
  readonly changes: readonly string[];
}

/** The state of a node when it was last read. */
interface KnownState {
  readonly text: string;
  readonly plain: unknown;
}

const MAX_VALUE_CHARACTERS = 100;
const MAX_CHANGES = 10;
/** The maximum length of a recorded state; after a longer one the states of its node are not recorded. */
export const MAX_STATE_CHARACTERS = 16_000;
/** The limits of all states that are read, and of the record, which a report page carries. */
const MAX_READ_CHARACTERS = 16_000_000;
export const MAX_RECORD_CHARACTERS = 1_000_000;

/** The changes of one run. */
export class StateLog {
  readonly #readState: (node: string) => unknown;
  readonly #known = new Map<string, KnownState>();
  readonly #received = new Map<string, JournalEvent>();
  readonly #ended = new Set<string>();
  readonly #lines: string[] = [];
  #readCharacters = 0;
  #recordCharacters = 0;

  /** `readState` returns the state that a node exposes; undefined for none. */
  constructor(readState: (node: string) => unknown) {
    this.#readState = readState;
  }

  /** Returns the changes as lines of JSON, in order; empty if no node exposes its state. */
  get text(): string {
    return this.#lines.join("");
  }

  /** Reads the state of the node that an event concerns. */
  observe(event: JournalEvent): void {
    const { type, message: { src, dest } } = event;
    const node = type === "recv" ? dest : src;
    this.#read(node);
    if (type === "recv") this.#received.set(node, event);
  }

  /** Reads the states of all nodes at the end of the run. */
  end(nodes: readonly string[]): void {
    for (const node of nodes) this.#read(node);
  }

  #read(node: string): void {
    if (this.#ended.has(node)) return;
    const state = this.#readState(node);
    if (state === undefined) return;
    const plain = toPlain(state);
    const text = stringifyJson(plain) ?? "";
    const known = this.#known.get(node);
    this.#readCharacters += text.length;
    if (known?.text === text) return;
    const problem = this.#limitProblem(text);
    if (problem !== undefined) {
      this.#ended.add(node);
      this.#add(node, [problem]);
      return;
    }
    this.#known.set(node, { text, plain });
    const changes = known === undefined
      ? [`the first state is ${shorten(text, MAX_VALUE_CHARACTERS)}`]
      : changesBetween(known.plain, plain, "");
    const more = changes.length - MAX_CHANGES;
    this.#add(node, more <= 0 ? changes : [...changes.slice(0, MAX_CHANGES), `${more} more`]);
  }

  #limitProblem(text: string): string | undefined {
    const end = "its further changes are not recorded";
    if (text.length > MAX_STATE_CHARACTERS) {
      return `the state is larger than ${MAX_STATE_CHARACTERS} characters; ${end}`;
    }
    return this.#readCharacters > MAX_READ_CHARACTERS ||
        this.#recordCharacters > MAX_RECORD_CHARACTERS
      ? `the states of this run are large; ${end}: a shorter run records them all`
      : undefined;
  }

  #add(node: string, changes: readonly string[]): void {
    const received = this.#received.get(node);
    const change: StateChange = {
      node,
      changes,
      time: received?.time ?? 0,
      ...(received === undefined ? {} : { id: received.id }),
    };
    const line = `${JSON.stringify(change)}\n`;
    this.#lines.push(line);
    this.#recordCharacters += line.length;
  }
}

/** Returns a copy of a state as plain data: sets become arrays, maps objects. */
function toPlain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) {
    return typeof value === "bigint" || typeof value === "function" ? String(value) : value;
  }
  if (Array.isArray(value) || value instanceof Set) return Array.from(value, toPlain);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, member]) => [textOf(key), toPlain(member)]));
}

/** Returns the differences of two states, each with the path of the changed member. */
function changesBetween(before: unknown, after: unknown, path: string): string[] {
  const [old, fresh] = [textOf(before), textOf(after)];
  if (old === fresh) return [];
  if (Array.isArray(before) && Array.isArray(after)) return listChanges(before, after, path);
  if (isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) =>
      changesBetween(before[name], after[name], path === "" ? name : `${path}.${name}`)
    );
  }
  const [from, to] = [old, fresh].map((text) => shorten(text, MAX_VALUE_CHARACTERS));
  return [`${path} ${from} → ${to}`.trimStart()];
}

/** Returns the elements that a list gained and lost; most lists grow at their end. */
function listChanges(before: readonly unknown[], after: readonly unknown[], path: string) {
  const counts = new Map<string, number>();
  for (const element of before) count(counts, element, -1);
  for (const element of after) count(counts, element, 1);
  const changed = (sign: number) =>
    [...counts].filter(([, change]) => change * sign > 0).map(([text]) => text).join(", ");
  const parts = [["+", changed(1)], ["−", changed(-1)]].filter(([, text]) => text !== "");
  if (parts.length === 0) return [`${path} changed its order`.trimStart()];
  return parts.map(([sign, text]) =>
    `${path} ${sign} ${shorten(text as string, MAX_VALUE_CHARACTERS)}`.trimStart()
  );
}

function count(counts: Map<string, number>, element: unknown, by: number): void {
  const text = textOf(element);
  counts.set(text, (counts.get(text) ?? 0) + by);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : stringifyJson(value) ?? "nothing";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
