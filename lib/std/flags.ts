/**
 * The standard library's command line parser, with the types that its npm package lacks. The import
 * map resolves `std/flags` to this module; `jsr:@std/cli/parse-args` is a drop-in replacement.
 *
 * @module
 */

// @ts-types="./parse_args.d.ts"
export { parseArgs } from "npm:deno-std@1.4.0/cli/parse_args.js";
