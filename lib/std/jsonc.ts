/**
 * The standard library's parser of JSON with comments, with the types that its npm package lacks.
 * `jsr:@std/jsonc` is a drop-in replacement.
 *
 * @module
 */

// @ts-types="./jsonc.d.ts"
export { parse as parseJsonc } from "npm:deno-std@1.4.0/jsonc/parse.js";
