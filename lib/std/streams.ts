/**
 * The standard library's stream helpers that this project uses, with the types that the npm
 * re-publication leaves out. The import map's `std/streams` points here; pointing it at
 * `jsr:@std/streams` instead changes nothing else.
 *
 * @module
 */

// @ts-types="./text_line_stream.d.ts"
export { TextLineStream } from "npm:deno-std@1.4.0/streams/text_line_stream.js";
// @ts-types="./to_text.d.ts"
export { toText } from "npm:deno-std@1.4.0/streams/to_text.js";
