/**
 * Probes that reach nothing that differs from run to run.
 *
 * @module
 */

import type { Probe } from "./probe.ts";

/** Probes that reach nothing that differs from run to run. */
export const repeatable: readonly Probe[] = [
  { name: "the clock of the node", value: "node.now()", calls: [] },
  { name: "the random source of the node", value: "node.random()", calls: [] },
  { name: "a timer of the node", value: "(await node.sleep(3), node.monotonic())", calls: [] },
  {
    name: "a race of two timers",
    value: "await Promise.race([node.sleep(2).then(() => 1), node.sleep(2).then(() => 2)])",
    calls: [],
  },
  { name: "a date with an argument", value: "new Date(86_400_000).toISOString()", calls: [] },
  {
    name: "a format of a given date",
    value: "new Intl.DateTimeFormat('en', { timeZone: 'UTC' }).format(0)",
    calls: [],
  },
  {
    name: "an asynchronous generator",
    top: "async function* letters() { yield 'a'; yield 'b'; }",
    value: "(await Array.fromAsync(letters())).join() + node.now()",
    calls: [],
  },
  {
    name: "the order of a map",
    value: "[...new Map(Object.entries({ b: 1, 2: 2, 1: 3 })).keys()].join()",
    calls: [],
  },
  { name: "a microtask", value: "await new Promise((done) => queueMicrotask(done))", calls: [] },
  {
    name: "memory that is not initialised",
    value:
      "[Buffer.allocUnsafe(99), Buffer.allocUnsafeSlow(9)].map((b) => b.byteOffset + b.join())",
    calls: [],
  },
  { name: "a clone", value: "structuredClone({ a: [1] }).a[0]", calls: [] },
  {
    name: "a global variable",
    value: "String(globalThis.count = (globalThis.count ?? 0) + 1)",
    calls: [],
  },
  {
    name: "a hash of node:crypto",
    top: 'import { createHash } from "node:crypto";',
    value: "createHash('sha256').update('a').digest('hex')",
    calls: [],
  },
  {
    name: "an event emitter",
    top: 'import { EventEmitter } from "node:events";',
    value: "new EventEmitter().on('e', () => {}).emit('e')",
    calls: [],
  },
  {
    name: "a literal import",
    value: "(await import('node:path')).join('a', 'b')",
    calls: [],
  },
  { name: "the arguments of the node", value: "Deno.args.join() + Deno.build.os", calls: [] },
  {
    name: "a stream",
    value: "(await Array.fromAsync(ReadableStream.from([1, 2]))).join()",
    calls: [],
  },
  {
    name: "enumerations and parameter properties",
    top: "enum Colour { Red, Green }\nclass Point { constructor(readonly x: number) {} }",
    value: "Colour[Colour.Green] + new Point(3).x",
    calls: [],
  },
];
