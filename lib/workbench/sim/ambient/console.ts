/**
 * Traps for the console: a node's output goes to its simulated stdout or log.
 *
 * @module
 */

import type { RunningNode } from "../current_node.ts";
import { serve, serveQuietly, type Trap } from "./trap.ts";

const STDOUT_METHODS = [
  "log",
  "info",
  "debug",
  "dir",
  "dirxml",
  "table",
  "group",
  "groupCollapsed",
];
const STDERR_METHODS = ["warn", "error", "trace"];
/** Methods that print how much time has passed. */
const TIMING_METHODS = ["time", "timeLog", "timeEnd", "timeStamp", "profile", "profileEnd"];

/** Returns the traps for the console. */
export function consoleTraps(): Trap[] {
  const print = (node: RunningNode, args: readonly unknown[]) => node.print(textOf(args));
  const log = (node: RunningNode, args: readonly unknown[]) => node.log(textOf(args));
  return [
    ...STDOUT_METHODS.flatMap((key) => serveQuietly(console, key, print)),
    ...STDERR_METHODS.flatMap((key) => serveQuietly(console, key, log)),
    ...serveQuietly(console, "assert", (node, [condition, ...args]) => {
      if (!condition) node.log(textOf(["Assertion failed", ...args]));
    }),
    ...["count", "countReset", "groupEnd", "clear"].flatMap((key) =>
      serveQuietly(console, key, () => {})
    ),
    ...TIMING_METHODS.flatMap((key) => serve(console, key, `console.${key}()`, () => {})),
  ];
}

/** Returns console arguments as text. */
export function textOf(args: readonly unknown[]): string {
  return args.map((item) => typeof item === "string" ? item : Deno.inspect(item)).join(" ");
}
