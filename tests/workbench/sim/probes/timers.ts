/**
 * Probes that reach real timers and other threads.
 *
 * @module
 */

import type { Probe } from "./probe.ts";

/** Probes that reach real timers and other threads. */
export const timers: readonly Probe[] = [
  {
    name: "a captured setTimeout",
    top: "const later = setTimeout;",
    value: "await new Promise((done) => later(() => done(node.now()), 7))",
    calls: ["setTimeout()"],
  },
  {
    name: "the id of a timer",
    value: "String(setTimeout(() => {}, 1))",
    calls: ["setTimeout()"],
  },
  {
    name: "setInterval",
    value: "await new Promise((done) => { const i = setInterval(() => { clearInterval(i); " +
      "done(node.now()); }, 3); })",
    calls: ["setInterval()"],
  },
  {
    name: "setTimeout of node:timers",
    top: 'import { setTimeout as later } from "node:timers";',
    value: "await new Promise((done) => later(() => done(node.now()), 7))",
    calls: ["timers.setTimeout()"],
  },
  {
    name: "setImmediate of node:timers",
    top: 'import { setImmediate as soon } from "node:timers";',
    value: "await new Promise((done) => soon(() => done(node.now())))",
    calls: ["timers.setImmediate()"],
  },
  {
    name: "setTimeout of node:timers/promises",
    top: 'import { setTimeout as pause } from "node:timers/promises";',
    value: "await pause(4, 'value') + node.now()",
    calls: ["timers/promises.setTimeout()"],
  },
  {
    name: "setInterval of node:timers/promises",
    top: 'import { setInterval as ticks } from "node:timers/promises";',
    value: "await ticks(4).next()",
    calls: ["timers/promises.setInterval()"],
  },
  {
    name: "AbortSignal.timeout",
    value: "await new Promise((done) => { AbortSignal.timeout(3).onabort = () => " +
      "done(node.now()); })",
    calls: ["AbortSignal.timeout()"],
  },
  {
    name: "process.nextTick",
    top: 'import { nextTick } from "node:process";',
    value: "await new Promise((done) => nextTick(done, 'next'))",
    calls: ["process.nextTick()"],
  },
  {
    name: "a message channel",
    value: "await new Promise((done) => { const c = new MessageChannel(); " +
      "c.port1.onmessage = () => done(1); c.port2.postMessage(1); })",
    calls: ["new MessageChannel()"],
  },
  {
    name: "a broadcast channel",
    value: "new BroadcastChannel('b').name",
    calls: ["new BroadcastChannel()"],
  },
  {
    name: "a worker",
    value: "new Worker('data:text/javascript,postMessage(1)', { type: 'module' })",
    calls: ["new Worker()"],
  },
  {
    name: "a worker of node:worker_threads",
    top: 'import { Worker } from "node:worker_threads";',
    value: "new Worker('postMessage(1)', { eval: true })",
    calls: ["worker_threads.Worker()"],
  },
  {
    name: "WebAssembly.instantiate",
    top: "const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);",
    value: "Object.keys(await WebAssembly.instantiate(empty)).join()",
    calls: ["WebAssembly.instantiate()"],
  },
  {
    name: "WebAssembly.compile",
    top: "const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);",
    value: "WebAssembly.Module.exports(await WebAssembly.compile(empty)).length",
    calls: ["WebAssembly.compile()"],
  },
  { name: "a blob", value: "await new Blob(['text']).text()", calls: ["Blob.text()"] },
  {
    name: "the body of a response",
    value: "await new Response('text').text()",
    calls: ["Response.text()"],
  },
  {
    name: "a digest",
    value: "await crypto.subtle.digest('SHA-256', new Uint8Array(1))",
    calls: ["crypto.subtle"],
  },
  {
    name: "a key derivation of node:crypto",
    top: 'import { scrypt } from "node:crypto";',
    value: "await new Promise((done) => scrypt('a', 'b', 8, done))",
    calls: ["crypto.scrypt()"],
  },
  {
    name: "a computed import",
    top: "const name = 'node:' + 'os';",
    value: "await import(name).catch((error) => error.name)",
    calls: ["import()"],
  },
  {
    name: "Atomics.waitAsync",
    value: "Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5).async",
    calls: ["Atomics.waitAsync()"],
  },
];
