/**
 * Maps positions in the code that runs to positions in the author's files.
 *
 * A module of a node runs as JavaScript with a call in each loop. So its positions differ from
 * those in its TypeScript source.
 *
 * @module
 */

import { SourceMap } from "node:module";

/** Text that was inserted into a line of the code. Lines and columns count from 0. */
export interface Insertion {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** How a module's code came from its source. */
export interface CodeOrigin {
  /** In the order of their positions in the code before the insertions. */
  readonly insertions: readonly Insertion[];
  /** From the code before the insertions to the source; undefined if they are equal. */
  readonly sourceMap: SourceMapPayload | undefined;
}

/** A source map of version 3. */
export type SourceMapPayload = ConstructorParameters<typeof SourceMap>[0];

const origins = new Map<string, CodeOrigin>();
const sourceMaps = new WeakMap<CodeOrigin, SourceMap>();

/** Registers how the code of the module at a URL came from its source. */
export function registerOrigin(url: string, origin: CodeOrigin): void {
  origins.set(url, origin);
}

const POSITION = /(file:\/\/[^\s()]+?):(\d+):(\d+)/g;

/** Replaces the positions in a stack or a message by those in the source files. */
export function toSourcePositions(text: string): string {
  if (!text.includes("file://")) return text;
  return text.replace(POSITION, (position, url: string, line: string, column: string) => {
    const origin = origins.get(url);
    if (origin === undefined) return position;
    const source = originalPosition(origin, Number(line) - 1, Number(column) - 1);
    return `${url}:${source.line + 1}:${source.column + 1}`;
  });
}

function originalPosition(origin: CodeOrigin, line: number, column: number) {
  let original = column;
  for (const insertion of origin.insertions) {
    if (insertion.line === line && insertion.column < original) {
      original = Math.max(insertion.column, original - insertion.length);
    }
  }
  if (origin.sourceMap === undefined) return { line, column: original };
  let map = sourceMaps.get(origin);
  if (map === undefined) sourceMaps.set(origin, map = new SourceMap(origin.sourceMap));
  const entry = map.findEntry(line, original);
  return "originalLine" in entry
    ? { line: entry.originalLine, column: entry.originalColumn }
    : { line, column: original };
}

/** Returns the stack of an error; the error as text if it has none. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

/** Frames of the workbench, of Deno, and of its parser, whose text the message shows. */
const HIDDEN_ORIGINS = [
  new URL("../../../", import.meta.url).href,
  new URL("../../../../tasks/", import.meta.url).href,
  "ext:",
  "node:",
  "file:///stripTypeScriptTypes",
];

/** Describes the error of an import, with the part of its stack that is in the author's files. */
export function describeImportError(error: unknown): string {
  return toSourcePositions(stackOf(error)).split("\n")
    .filter((line) => !(line.startsWith("    at ") && isHidden(line)))
    .join("\n").replace(/^Error: |^SyntaxError: (?=SyntaxError: )/, "").trimEnd();
}

function isHidden(frame: string): boolean {
  return HIDDEN_ORIGINS.some((origin) => frame.includes(origin));
}

/** Returns {@link callLocation} as a position in the author's files. */
export function describeLocation(): string {
  return toSourcePositions(callLocation());
}

/**
 * Returns the location of the running call in a node's code. If a library made the call for the
 * node, the location is in the library, followed by the location of the node's code that led to it.
 */
export function callLocation(): string {
  const frames = (new Error().stack ?? "").split("\n")
    .filter((line) => line.startsWith("    at ") && !isWorkbench(line))
    .map((line) => line.slice("    at ".length));
  const location = frames[0] ?? "an unknown location";
  if (!isLibrary(location)) return location;
  const caller = frames.find((frame) => !isLibrary(frame));
  return caller === undefined ? location : `${location}, called from ${caller}`;
}

const SIMULATOR = new URL("..", import.meta.url).href;

function isWorkbench(frame: string): boolean {
  return frame.includes(SIMULATOR) || /at (?:Reflect|Proxy)\.|<anonymous>\)?$/.test(frame);
}

function isLibrary(frame: string): boolean {
  return /\/npm\/|\/node_modules\/|https?:|ext:|node:/.test(frame);
}
