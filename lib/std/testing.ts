/**
 * The standard library's assertions, with the types that its npm package lacks. The import map
 * resolves `std/testing` to this module; `jsr:@std/assert` is a drop-in replacement.
 *
 * @module
 */

// @ts-types="./assert.d.ts"
export {
  assert,
  assertAlmostEquals,
  assertEquals,
  AssertionError,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "npm:deno-std@1.4.0/assert/mod.js";
