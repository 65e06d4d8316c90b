/**
 * Traps for all calls that read a clock. In a node's code they return the node's virtual time.
 *
 * @module
 */

import { currentNode, type RunningNode } from "../current_node.ts";
import { replaceValue, report, serve, serveRead, type Substitute, type Trap } from "./trap.ts";

/** Returns the traps for `Date`, `Temporal`, `performance`, `Intl` and event time stamps. */
export function clockTraps(): Trap[] {
  return [...dateTraps(), ...temporalTraps(), ...performanceTraps(), ...formatTraps()];
}

function dateTraps(): Trap[] {
  const RealDate = Date;
  const TrappedDate = new Proxy(RealDate, {
    construct(target, args, newTarget) {
      const { node } = currentNode;
      if (node === undefined || args.length > 0) return Reflect.construct(target, args, newTarget);
      report(node, "new Date()");
      return Reflect.construct(target, [node.now()], newTarget);
    },
    apply(target, self, args) {
      const { node } = currentNode;
      if (node === undefined) return Reflect.apply(target, self, args);
      report(node, "Date()");
      return new RealDate(node.now()).toString();
    },
  });
  return [
    replaceValue(globalThis, "Date", TrappedDate),
    replaceValue(RealDate.prototype, "constructor", TrappedDate),
    ...serve(RealDate, "now", "Date.now()", wholeMs),
  ];
}

function temporalTraps(): Trap[] {
  const readings: Readonly<Record<string, (now: Temporal.ZonedDateTime) => unknown>> = {
    instant: (now) => now.toInstant(),
    zonedDateTimeISO: (now) => now,
    plainDateTimeISO: (now) => now.toPlainDateTime(),
    plainDateISO: (now) => now.toPlainDate(),
    plainTimeISO: (now) => now.toPlainTime(),
  };
  const traps = Object.entries(readings).flatMap(([key, reading]) =>
    serve(Temporal.Now, key, `Temporal.Now.${key}()`, (node, [zone = "UTC"]) => {
      const instant = Temporal.Instant.fromEpochMilliseconds(wholeMs(node));
      return reading(instant.toZonedDateTimeISO(zone as string));
    })
  );
  return [
    ...traps,
    ...serve(Temporal.Now, "timeZoneId", "Temporal.Now.timeZoneId()", () => "UTC"),
  ];
}

function performanceTraps(): Trap[] {
  const { mark, measure } = performance;
  const at = (node: RunningNode, options: unknown) => ({
    ...options as PerformanceMarkOptions | undefined,
    startTime: node.now(),
  });
  const withoutTime: Substitute = (_node, args) => [[], ...args].slice(0, 1);
  return [
    ...serve(performance, "now", "performance.now()", (node) => node.now()),
    ...serveRead(performance, "timeOrigin", "performance.timeOrigin", () => 0),
    ...serve(
      performance,
      "mark",
      "performance.mark()",
      (node, [name, options]) => mark.call(performance, String(name), at(node, options)),
    ),
    ...serve(
      performance,
      "measure",
      "performance.measure()",
      (node, [name]) =>
        measure.call(performance, String(name), { start: node.now(), end: node.now() }),
    ),
    ...serve(performance, "toJSON", "performance.toJSON()", () => ({ timeOrigin: 0 })),
    ...["getEntries", "getEntriesByName", "getEntriesByType"].flatMap((key) =>
      serve(performance, key, `performance.${key}()`, withoutTime)
    ),
    ...serveRead(Event.prototype, "timeStamp", "Event.timeStamp", (node) => node.now()),
  ];
}

/** Traps for the formatting of the present time: without a date, formatters read the clock. */
function formatTraps(): Trap[] {
  const prototype = Intl.DateTimeFormat.prototype;
  const { formatToParts } = prototype;
  const format = Object.getOwnPropertyDescriptor(prototype, "format");
  const get = function (this: Intl.DateTimeFormat) {
    const bound = format?.get?.call(this) as Intl.DateTimeFormat["format"];
    return (date?: Date | number) => {
      const { node } = currentNode;
      if (node === undefined || date !== undefined) return bound(date);
      report(node, "Intl.DateTimeFormat.format()");
      return bound(node.now());
    };
  };
  const parts = function (this: Intl.DateTimeFormat, date?: Date | number) {
    const { node } = currentNode;
    if (node === undefined || date !== undefined) return formatToParts.call(this, date);
    report(node, "Intl.DateTimeFormat.formatToParts()");
    return formatToParts.call(this, node.now());
  };
  return [
    { owner: prototype, key: "format", original: format, trap: { get, configurable: true } },
    replaceValue(prototype, "formatToParts", parts),
  ];
}

function wholeMs(node: RunningNode): number {
  return Math.floor(node.now());
}
