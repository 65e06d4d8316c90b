/**
 * Results for people.
 *
 * @module
 */

export { type Palette, palette } from "./colour.ts";
export { lastLine, summarise } from "./summary.ts";
