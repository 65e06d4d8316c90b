/**
 * The standard library's command line parser, with the types that the npm re-publication leaves
 * out. The import map's `std/flags` points here; pointing it at `jsr:@std/cli/parse-args` instead
 * changes nothing else.
 *
 * @module
 */

// @ts-types="./parse_args.d.ts"
export { parseArgs } from "npm:deno-std@1.4.0/cli/parse_args.js";
