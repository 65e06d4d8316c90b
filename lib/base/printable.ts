/**
 * Text from a program under test, made safe for a terminal.
 *
 * @module
 */

/** Control characters, lone surrogates, and characters that reverse or break lines of text. */
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * Replaces control characters, which could change a terminal's title, colours or screen, by their
 * escapes in JSON. Line feeds, tabs and ordinary text stay.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { printable } from "./printable.ts";
 *
 * deepEqual(printable("a\u001b[31m b\n"), "a\\u001b[31m b\n");
 * ```
 */
export function printable(text: string): string {
  return text.replace(
    CONTROLS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
