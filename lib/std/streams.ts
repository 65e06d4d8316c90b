/**
 * The standard library's stream helpers, with the types that its npm package lacks. The import map
 * resolves `std/streams` to this module; `jsr:@std/streams` is a drop-in replacement.
 *
 * @module
 */

// @ts-types="./text_line_stream.d.ts"
export { TextLineStream } from "npm:deno-std@1.4.0/streams/text_line_stream.js";
// @ts-types="./to_text.d.ts"
export { toText } from "npm:deno-std@1.4.0/streams/to_text.js";
