/**
 * Makes elements. Texts become text nodes, so that no text of a node can become markup.
 *
 * @module
 */

/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/** A child of an element. */
export type Child = Node | string | undefined;

/** Attributes by name; a function is a listener: `onclick`. */
export type Attributes = Readonly<
  Record<string, string | boolean | ((event: globalThis.Event) => void) | undefined>
>;

/** Makes an HTML element. */
export function h(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  return fill(document.createElement(tag), attributes, children);
}

/** Makes an SVG element. */
export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill<T extends Element>(
  element: T,
  attributes: Attributes,
  children: readonly Child[],
): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (typeof value === "string") element.setAttribute(name, value);
    else if (value === true) element.setAttribute(name, "");
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Returns a button with a text. */
export function button(text: string, onclick: () => void, attributes: Attributes = {}) {
  return h("button", { type: "button", onclick, ...attributes }, text);
}

/** The members of a longer object are on lines of their own. */
const MAX_LINE_CHARACTERS = 100;

/** Returns JSON for people: the members of a long object on lines of their own. */
export function pretty(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject || text.length <= MAX_LINE_CHARACTERS) return text;
  return Object.entries(value).map(([name, member]) => `${name}: ${JSON.stringify(member)}`)
    .join("\n");
}

/** Shortens a text to a number of characters. */
export function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

/** Returns a time for people: `1.234 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`;
}

/** Returns a duration for people: `12.3 ms`. */
export function duration(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(ms < 10 ? 2 : 0)} ms`;
}
