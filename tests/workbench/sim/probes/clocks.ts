/**
 * Probes that reach a clock.
 *
 * @module
 */

import type { Probe } from "./probe.ts";

/** Probes that reach a clock. */
export const clocks: readonly Probe[] = [
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
