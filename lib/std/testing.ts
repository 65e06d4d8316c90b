/**
 * The standard library's assertions, with the types that the npm re-publication leaves out. The
 * import map's `std/testing` points here; pointing it at `jsr:@std/assert` instead changes nothing
 * else.
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
