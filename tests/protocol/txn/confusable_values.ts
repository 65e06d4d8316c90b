/**
 * JSON values that careless code confuses when they are keys: with each other, with properties of
 * objects, or with internal keys.
 *
 * @module
 */

import { type Json, parseJson } from "../../../lib/base/mod.ts";

/** Values that all differ. */
export const CONFUSABLE_VALUES: readonly Json[] = [
  ...[1, "1", 1.5, "1.5", -1, 0, "", " ", null, "null", true, "true", false, "é", "e\u0301", "\0"],
  ...["__proto__", "constructor", "toString", "root", "💾", "\ud800"],
  ...[[], {}, [[]], [null], [1], ["1"], [1, { a: 2 }], { a: [1, 2] }, { a: "[1,2]" }],
  ...['{"__proto__":1}', '{"__proto__":null}', '{"constructor":{"a":1}}']
    .map(parseJson),
];
