/**
 * What a node's code sees as `Deno` and `process`. A simulated node has no permissions: no files, no
 * subprocesses, no network, no environment.
 *
 * @module
 */

import process from "node:process";
import type { RunningNode } from "../current_node.ts";
import { guardNamespace, type NamespaceRules, refuseAll } from "./namespace.ts";
import { nextTick } from "./timers.ts";
import { replaceValue, type Trap, UnavailableError } from "./trap.ts";

/** Thrown into a node's code by `Deno.exit()`, so that the code after the call does not run. */
class NodeExit extends Error {
  override readonly name = "NodeExit";
}

const exit = (node: RunningNode) => (code?: unknown) => {
  node.exitWith(typeof code === "number" ? code : 0);
  throw new NodeExit("the node ended its process");
};

/** Returns the stand-in for a stream that writes to the node's stdout or log. */
function writer(write: (text: string) => void) {
  const writeText = (bytes: Uint8Array | string) => {
    const text = typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
    write(text.replace(/\n$/, ""));
    return bytes.length;
  };
  return {
    writeSync: writeText,
    write: (bytes: Uint8Array | string) => Promise.resolve(writeText(bytes)),
    isTerminal: () => false,
  };
}

const streams = {
  stdout: (node: RunningNode) => writer((text) => node.print(text)),
  stderr: (node: RunningNode) => writer((text) => node.log(text)),
};

const DENO_PURE = new Set(["build", "customInspect", "errors", "inspect", "SeekMode", "version"]);

const denoRules: NamespaceRules = {
  name: "Deno",
  isPure: (key) => DENO_PURE.has(key),
  values: {
    ...streams,
    args: (node) => [...node.args],
    noColor: () => true,
    exit,
    // Timers of a node never keep a process alive.
    refTimer: () => () => {},
    unrefTimer: () => () => {},
  },
  served: {},
  refusal: (call) =>
    new Deno.errors.NotCapable(`${call} is not allowed: a simulated node has no permissions`),
};

const PROCESS_PURE = new Set(["arch", "platform", "release", "version", "versions"]);
const ignore = () => () => {};

const processRules: NamespaceRules = {
  name: "process",
  isPure: (key) => PROCESS_PURE.has(key),
  values: {
    ...streams,
    argv: (node) => ["deno", "node", ...node.args],
    env: () => ({}),
    exit,
    ...Object.fromEntries(
      ["addListener", "emitWarning", "off", "on", "once", "removeListener"].map((key) =>
        [key, ignore] as const
      ),
    ),
  },
  served: {
    nextTick,
    hrtime: (node) => {
      const ms = node.now();
      return [Math.floor(ms / 1000), Math.floor(ms % 1000 * 1e6)];
    },
    "hrtime.bigint": (node) => BigInt(Math.floor(node.now() * 1e6)),
    uptime: (node) => node.now() / 1000,
  },
  refusal: (call) => new UnavailableError(call),
};

const navigatorRules: NamespaceRules = {
  ...refuseAll("navigator"),
  // The same on every machine.
  values: {
    hardwareConcurrency: () => 1,
    language: () => "en",
    languages: () => ["en"],
    platform: () => "",
    userAgent: () => "",
  },
};

/** The stand-in for `process`, which modules import as `node:process`, too. */
export const guardedProcess = guardNamespace(process, processRules);

/** Returns the traps for `Deno`, `process` and `navigator`. */
export function namespaceTraps(): Trap[] {
  return [
    replaceValue(globalThis, "Deno", guardNamespace(Deno, denoRules)),
    replaceValue(globalThis, "process", guardedProcess),
    replaceValue(globalThis, "navigator", guardNamespace(navigator, navigatorRules)),
  ];
}
