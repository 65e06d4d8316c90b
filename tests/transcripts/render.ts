/**
 * Writes messages and states for human readers: without message ids, with incarnations as `n0#1` and
 * `n0#2`, large random numbers as `~1` and `~2`, JSON without needless quotes, in 100 columns at most.
 *
 * @module
 */

import { isJsonObject, type Json, stringifyJson } from "../../lib/base/mod.ts";
import { isClientId } from "../../lib/wire/mod.ts";
import { incarnationsIn } from "./program.ts";
import { contentOf, type Sent } from "./world.ts";

const MAX_LINE_LENGTH_COLUMNS = 100;
const MIN_LINE_LENGTH_COLUMNS = 64;
const TIME_WIDTH_COLUMNS = 6;
const CONTINUED = " ".repeat(TIME_WIDTH_COLUMNS + 6);
/** Numbers from here are taken for random ones. */
const MIN_DRAWN_NUMBER = 10_000_000_000;
/** Texts that need no quotes: they begin with a letter, and are none of JSON's constants. */
const PLAIN = /^[A-Za-z][\w.#/-]*$/;
const CONSTANT = /^(null|true|false)$/;
const NO_TIME = " ".repeat(TIME_WIDTH_COLUMNS + 2);

/** Writes what a transcript shows, and remembers which incarnations it has met. */
export class Renderer {
  /** Name of each incarnation by its random text. */
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #numbers = new Map<number, string>();

  /** Shows messages, one on a line. */
  messages(sent: readonly Sent[]): string[] {
    return sent.flatMap(({ time, src, dest, body, lost }) => {
      const { type, ...fields } = contentOf(body);
      this.#meet(src, body);
      const items = Object.entries(fields).map(([key, value]) => ` ${key}=${this.#plain(value)}`);
      const what = `${lost === undefined ? "" : `lost (${lost}): `}${type}${items.join("")}`;
      return wrapped(`${timeOf(time)}  ${src} → ${dest}  ${what}`);
    });
  }

  /** Shows messages as a count for each type; those of clients one by one. */
  summary(sent: readonly Sent[], from: number, to: number): string[] {
    const counts = new Map<string, { all: number; lost: number }>();
    const clients = sent.filter(({ src, dest }) => isClientId(src) || isClientId(dest));
    for (const message of sent) {
      this.#meet(message.src, message.body);
      if (clients.includes(message)) continue;
      const type = String(contentOf(message.body).type);
      const { all, lost } = counts.get(type) ?? { all: 0, lost: 0 };
      counts.set(type, { all: all + 1, lost: lost + (message.lost === undefined ? 0 : 1) });
    }
    const parts = [...counts].sort(([a], [b]) => a < b ? -1 : 1).map(([type, { all, lost }]) =>
      `${type} ×${all}${lost === 0 ? "" : ` (${lost} lost)`}`
    );
    const text = parts.length === 0 ? "no messages" : parts.join(", ");
    return [
      ...this.messages(clients),
      ...wrapped(`${timeOf(from)} to ${Math.round(to)}  ${text}`),
    ];
  }

  /** Shows values of nodes, each with the nodes that have it. */
  values(label: string, values: ReadonlyMap<string, Json>): string[] {
    if (values.size === 0) return [];
    const holders = Map.groupBy(values.keys(), (node) => this.#plain(values.get(node) ?? null));
    const parts = [...holders].map(([value, nodes]) => `${nodes.join(" ")} ${value}`);
    return wrapped(`${NO_TIME}${label}  ${parts.join(" · ")}`);
  }

  /** Shows marks of rare paths, one on a line. */
  marks(marks: readonly string[]): string[] {
    return marks.map((mark) => `${NO_TIME}reached  ${mark}`);
  }

  /** Takes note of the incarnations that a message names first. */
  #meet(src: string, body: unknown): void {
    for (const { node, text } of incarnationsIn(src, body, stringifyJson(body))) {
      if (this.#names.has(text)) continue;
      const count = (this.#counts.get(node) ?? 0) + 1;
      this.#counts.set(node, count);
      this.#names.set(text, `${node}#${count}`);
    }
  }

  /** Writes JSON; a text stands without quotes where it can be taken for nothing else. */
  #plain(value: Json): string {
    if (typeof value === "string") {
      const text = this.#named(value);
      return PLAIN.test(text) && !CONSTANT.test(text) ? text : stringifyJson(text);
    }
    if (typeof value === "number" && value >= MIN_DRAWN_NUMBER) return this.#nameOf(value);
    if (Array.isArray(value)) return `[${value.map((item) => this.#plain(item)).join(",")}]`;
    if (!isJsonObject(value)) return stringifyJson(value);
    const entries = Object.entries(value);
    return `{${
      entries.map(([key, item]) => `${this.#plain(key)}:${this.#plain(item)}`).join(",")
    }}`;
  }

  /** Names a number that is drawn at random: ~1, ~2, … in the order in which they are shown. */
  #nameOf(drawn: number): string {
    const name = this.#numbers.get(drawn) ?? `~${this.#numbers.size + 1}`;
    this.#numbers.set(drawn, name);
    return name;
  }

  /** Replaces the random text of incarnations, with the node's id before it if it is there. */
  #named(text: string): string {
    let named = text;
    for (const [drawn, name] of this.#names) {
      if (!named.includes(drawn)) continue;
      for (const mark of [".", "/", "-"]) {
        named = named.replaceAll(`${name.replace(/#.*/, mark)}${drawn}`, name);
      }
      named = named.replaceAll(drawn, name);
    }
    return named;
  }
}

/** Breaks a line that is too long: after a space, or after a comma where that leaves it short. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > MAX_LINE_LENGTH_COLUMNS) {
    const start = rest.slice(0, MAX_LINE_LENGTH_COLUMNS + 1);
    const space = start.lastIndexOf(" ");
    const comma = start.slice(0, -1).lastIndexOf(",");
    const end = (space > MIN_LINE_LENGTH_COLUMNS ? space : Math.max(space, comma)) + 1;
    if (end <= CONTINUED.length) break;
    lines.push(rest.slice(0, end).trimEnd());
    rest = CONTINUED + rest.slice(end);
  }
  return [...lines, rest];
}

function timeOf(time: number): string {
  return String(Math.round(time)).padStart(TIME_WIDTH_COLUMNS);
}
