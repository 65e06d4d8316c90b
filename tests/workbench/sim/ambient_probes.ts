/**
 * Probes: nodes that reach time, chance, or the machine in some way, and what a simulation reports.
 *
 * @module
 */

/** A way to reach something that differs from run to run. */
export interface Probe {
  readonly name: string;
  /** Statements at the top level of the node's module. */
  readonly top?: string;
  /** An expression in the handler of a request, which may wait. */
  readonly value: string;
  /** The reported calls, by their first occurrence; none for code that is the same in every run. */
  readonly calls: readonly string[];
}

const clocks: readonly Probe[] = [
  { name: "the time as a date", value: "new Date().toISOString()", calls: ["new Date()"] },
  { name: "the time as a text", value: "Date()", calls: ["Date()"] },
  {
    name: "a captured Date.now",
    top: "const { now: clock } = Date;",
    value: "clock()",
    calls: ["Date.now()"],
  },
  {
    name: "a captured Date",
    top: "const Clock = Date;",
    value: "+new Clock()",
    calls: ["new Date()"],
  },
  {
    name: "a subclass of Date",
    top: "class Stamp extends Date { get ms() { return this.getTime(); } }",
    value: "new Stamp().ms",
    calls: ["new Date()"],
  },
  {
    name: "the constructor of a date",
    value: "new (Object.getPrototypeOf(new Date(1)).constructor)().getTime()",
    calls: ["new Date()"],
  },
  {
    name: "Date by Reflect",
    value: "Reflect.construct(Date, []).getTime()",
    calls: ["new Date()"],
  },
  {
    name: "Date by new Function",
    value: "new Function('return Date.now()')()",
    calls: ["Date.now()"],
  },
  { name: "Date by eval", value: "(0, eval)('Date.now()')", calls: ["Date.now()"] },
  {
    name: "a date that is read at import",
    top: "const started = Date.now();",
    value: "started",
    calls: ["Date.now()"],
  },
  { name: "performance.now", value: "performance.now()", calls: ["performance.now()"] },
  {
    name: "a bound performance.now",
    top: "const tick = performance.now.bind(performance);",
    value: "tick()",
    calls: ["performance.now()"],
  },
  {
    name: "performance.now of the prototype",
    value: "Performance.prototype.now.call(performance)",
    calls: ["performance.now()"],
  },
  {
    name: "performance.timeOrigin",
    top: "const { timeOrigin: origin } = performance;",
    value: "origin",
    calls: ["performance.timeOrigin"],
  },
  {
    name: "performance.toJSON",
    value: "JSON.stringify(performance)",
    calls: ["performance.toJSON()"],
  },
  {
    name: "a performance mark",
    value: "performance.mark('m').startTime",
    calls: ["performance.mark()"],
  },
  {
    name: "a performance measure",
    value: "performance.measure('m').duration",
    calls: ["performance.measure()"],
  },
  {
    name: "performance entries",
    value: "performance.getEntries().length",
    calls: ["performance.getEntries()"],
  },
  {
    name: "node:perf_hooks",
    top: 'import { performance as hooks } from "node:perf_hooks";',
    value: "hooks.now()",
    calls: ["performance.now()"],
  },
  {
    name: "a captured Temporal.Now",
    top: "const { instant } = Temporal.Now;",
    value: "instant().epochMilliseconds",
    calls: ["Temporal.Now.instant()"],
  },
  {
    name: "a plain date of Temporal",
    value: "Temporal.Now.plainDateISO().toString()",
    calls: ["Temporal.Now.plainDateISO()"],
  },
  {
    name: "the time zone of the machine",
    value: "Temporal.Now.timeZoneId()",
    calls: ["Temporal.Now.timeZoneId()"],
  },
  {
    name: "a date format without a date",
    top: "const format = new Intl.DateTimeFormat('en', { timeStyle: 'full', timeZone: 'UTC' });",
    value: "format.format()",
    calls: ["Intl.DateTimeFormat.format()"],
  },
  {
    name: "a captured format function",
    top: "const { format } = new Intl.DateTimeFormat('en', { second: 'numeric' });",
    value: "format()",
    calls: ["Intl.DateTimeFormat.format()"],
  },
  {
    name: "the parts of a date format",
    value: "new Intl.DateTimeFormat('en').formatToParts().length",
    calls: ["Intl.DateTimeFormat.formatToParts()"],
  },
  { name: "the time of an event", value: "new Event('e').timeStamp", calls: ["Event.timeStamp"] },
  {
    name: "the time of an event of a class",
    value: "new CustomEvent('e').timeStamp",
    calls: ["Event.timeStamp"],
  },
  {
    name: "console.time",
    value: "console.time('t')",
    calls: ["console.time()"],
  },
  {
    name: "process.hrtime",
    top: 'import process from "node:process";',
    value: "process.hrtime().join('.')",
    calls: ["process.hrtime()"],
  },
  {
    name: "process.hrtime.bigint",
    top: 'import { hrtime } from "node:process";',
    value: "hrtime.bigint()",
    calls: ["process.hrtime.bigint()"],
  },
  {
    name: "process.uptime of the global",
    value: "globalThis.process.uptime()",
    calls: ["process.uptime()"],
  },
];

const chance: readonly Probe[] = [
  {
    name: "a captured Math.random",
    top: "const dice = Math.random;",
    value: "dice()",
    calls: ["Math.random()"],
  },
  {
    name: "Math.random of a captured Math",
    top: "const M = Math;",
    value: "M.random()",
    calls: ["Math.random()"],
  },
  {
    name: "Math.random at import",
    top: "const salt = Math.random();",
    value: "salt",
    calls: ["Math.random()"],
  },
  {
    name: "a sort in random order",
    value: "[1, 2, 3, 4].sort(() => Math.random() - 0.5).join('')",
    calls: ["Math.random()"],
  },
  {
    name: "a bound crypto.getRandomValues",
    top: "const fill = crypto.getRandomValues.bind(crypto);",
    value: "fill(new Uint16Array(3)).join()",
    calls: ["crypto.getRandomValues()"],
  },
  {
    name: "crypto.randomUUID of the prototype",
    value: "Crypto.prototype.randomUUID.call(crypto)",
    calls: ["crypto.randomUUID()"],
  },
  {
    name: "randomInt of node:crypto",
    top: 'import { randomInt } from "node:crypto";',
    value: "[randomInt(9), randomInt(5, 1e9)].join()",
    calls: ["crypto.randomInt()"],
  },
  {
    name: "randomInt with a callback",
    top: 'import { randomInt } from "node:crypto";',
    value: "await new Promise((done) => randomInt(1e9, (_, n) => done(n)))",
    calls: ["crypto.randomInt()"],
  },
  {
    name: "randomBytes of node:crypto",
    top: 'import * as tools from "node:crypto";',
    value: "tools.randomBytes(6).toString('hex')",
    calls: ["crypto.randomBytes()"],
  },
  {
    name: "randomFillSync of node:crypto",
    top: 'import tools from "node:crypto";',
    value: "tools.randomFillSync(new Uint8Array(6), 2, 3).join()",
    calls: ["crypto.randomFillSync()"],
  },
  {
    name: "randomFill of node:crypto",
    top: 'import { randomFill } from "crypto";',
    value: "await new Promise((done) => randomFill(new Uint8Array(2), (_, a) => done(a.join())))",
    calls: ["crypto.randomFill()"],
  },
  {
    name: "randomUUID of node:crypto",
    top: 'import { randomUUID } from "node:crypto";',
    value: "randomUUID()",
    calls: ["crypto.randomUUID()"],
  },
  {
    name: "webcrypto of node:crypto",
    top: 'import { webcrypto } from "node:crypto";',
    value: "webcrypto.getRandomValues(new Uint8Array(2)).join()",
    calls: ["crypto.getRandomValues()"],
  },
  {
    name: "a key of node:crypto",
    top: 'import { generateKeySync } from "node:crypto";',
    value: "generateKeySync('aes', { length: 128 }).export().toString('hex')",
    calls: ["crypto.generateKeySync()"],
  },
  {
    name: "version 4 of npm:uuid",
    top: 'import { v4 } from "npm:uuid@14.0.3";',
    value: "v4()",
    calls: ["crypto.randomUUID()"],
  },
  {
    name: "version 7 of npm:uuid",
    top: 'import { v7 } from "npm:uuid@14.0.3";',
    value: "v7()",
    calls: ["Date.now()", "crypto.getRandomValues()"],
  },
  {
    name: "a weak reference",
    top: "const weak = new WeakRef({ a: 1 });",
    value: "weak.deref()?.a",
    calls: ["new WeakRef()"],
  },
  {
    name: "a finalisation registry",
    value: "new FinalizationRegistry(() => {}) instanceof FinalizationRegistry",
    calls: ["new FinalizationRegistry()"],
  },
];

const timers: readonly Probe[] = [
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

const machine: readonly Probe[] = [
  { name: "the process id", value: "Deno.pid", calls: ["Deno.pid"] },
  { name: "the parent's process id", value: "Deno.ppid", calls: ["Deno.ppid"] },
  {
    name: "the process id of node:process",
    top: 'import process from "node:process";',
    value: "process.pid",
    calls: ["process.pid"],
  },
  {
    name: "the memory in use",
    top: "const { memoryUsage } = Deno;",
    value: "memoryUsage().heapUsed",
    calls: ["Deno.memoryUsage()"],
  },
  {
    name: "the memory in use by node:process",
    top: 'import process from "node:process";',
    value: "process.memoryUsage().rss",
    calls: ["process.memoryUsage()"],
  },
  { name: "the load of the machine", value: "Deno.loadavg()[0]", calls: ["Deno.loadavg()"] },
  { name: "the uptime of the machine", value: "Deno.osUptime()", calls: ["Deno.osUptime()"] },
  { name: "the name of the machine", value: "Deno.hostname()", calls: ["Deno.hostname()"] },
  {
    name: "the name of the machine by node:os",
    top: 'import os from "node:os";',
    value: "os.hostname()",
    calls: ["os.hostname()"],
  },
  {
    name: "free memory by node:os",
    top: 'import { freemem } from "node:os";',
    value: "freemem()",
    calls: ["os.freemem()"],
  },
  { name: "an environment variable", value: "Deno.env.get('HOME')", calls: ["Deno.env.get()"] },
  { name: "all variables", value: "Deno.env.toObject()", calls: ["Deno.env.toObject()"] },
  { name: "the working directory", value: "Deno.cwd()", calls: ["Deno.cwd()"] },
  {
    name: "a file",
    value: "await Deno.readTextFile('/etc/hostname')",
    calls: ["Deno.readTextFile()"],
  },
  {
    name: "a file by a captured function",
    top: "const { readFileSync } = Deno;",
    value: "readFileSync('/etc/hostname')",
    calls: ["Deno.readFileSync()"],
  },
  {
    name: "a file by node:fs",
    top: 'import { readFileSync } from "node:fs";',
    value: "readFileSync('/etc/hostname', 'utf8')",
    calls: ["fs.readFileSync()"],
  },
  {
    name: "a file by node:fs/promises",
    top: 'import { readFile } from "node:fs/promises";',
    value: "await readFile('/etc/hostname', 'utf8')",
    calls: ["fs/promises.readFile()"],
  },
  {
    name: "a temporary file",
    value: "Deno.makeTempFileSync()",
    calls: ["Deno.makeTempFileSync()"],
  },
  {
    name: "a subprocess",
    value: "new Deno.Command('id').outputSync().code",
    calls: ["Deno.Command()"],
  },
  {
    name: "a subprocess by node:child_process",
    top: 'import { execSync } from "node:child_process";',
    value: "execSync('id').toString()",
    calls: ["child_process.execSync()"],
  },
  { name: "a connection", value: "await Deno.connect({ port: 1 })", calls: ["Deno.connect()"] },
  { name: "a request", value: "await fetch('http://localhost:1')", calls: ["fetch()"] },
  {
    name: "another realm",
    top: 'import vm from "node:vm";',
    value: "vm.runInNewContext('Date.now()')",
    calls: ["vm.runInNewContext()"],
  },
  { name: "persistent storage", value: "localStorage?.length", calls: ["localStorage"] },
];

const repeatable: readonly Probe[] = [
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

/** All probes by what they reach. */
export const PROBES: Readonly<Record<string, readonly Probe[]>> = {
  clocks,
  chance,
  "timers and other threads": timers,
  "the machine": machine,
  "nothing that differs": repeatable,
};
