/**
 * Go's own glue code, `wasm_exec.js`: the functions that a Go program for `GOOS=js` imports.
 *
 * The glue belongs to the version of Go that built the program. It runs with the globals of one
 * simulated node instead of the real ones, so it reads the node's clocks and random numbers.
 *
 * @module
 */

import { NameDecoder } from "./name_decoder.ts";

/** The class `Go` of the glue, as far as it is used here. Its members are the same since Go 1.11. */
export interface Go {
  argv: string[];
  env: Record<string, string>;
  exit(code: number): void;
  readonly importObject: WebAssembly.Imports;
  /** Resolves when the program exits; rejects if it traps before it first waits. */
  run(instance: WebAssembly.Instance): Promise<void>;
  /** The event that {@link _resume} passes to the program; 0 announces that none can follow. */
  _pendingEvent: { readonly id: number } | null;
  _resume(): void;
}

/** What the glue and the program see of their surroundings: the properties of `globalThis`. */
export type GoGlobals = Readonly<Record<GoGlobalName, unknown>>;

/** The globals that differ from node to node. */
const NODE_GLOBALS = [
  "fs",
  "process",
  "path",
  "crypto",
  "performance",
  "Date",
  "setTimeout",
  "clearTimeout",
  "console",
] as const;
type GoGlobalName = typeof NODE_GLOBALS[number];

/** Names that the glue of older versions looks for to find out where it runs. */
const ABSENT = ["window", "self", "require", "module", "Deno"] as const;

/** Globals that hold no state; what they compute follows from their arguments. */
const PURE_GLOBALS = {
  Object,
  Array,
  Uint8Array,
  Uint8ClampedArray,
  Error,
  TypeError,
  Promise,
  Map,
  Reflect,
  TextEncoder,
  TextDecoder: NameDecoder,
};

/** Creates the object that runs one Go program with the given globals. */
export type CreateGo = (globals: GoGlobals) => Go;

/** Compiles the text of `wasm_exec.js`. Throws a `SyntaxError` for other text. */
export function compileGlue(source: string): CreateGo {
  const evaluate = new Function("globalThis", "global", ...NODE_GLOBALS, ...ABSENT, source);
  return (globals) => {
    const global: Record<string, unknown> = { ...PURE_GLOBALS, ...globals };
    evaluate(global, global, ...NODE_GLOBALS.map((name) => globals[name]));
    return new (global.Go as new () => Go)();
  };
}

/** Returns the functions that the glue has, as `module.name`. Throws what its code throws. */
export function importsOf(createGo: CreateGo): ReadonlySet<string> {
  const stub = { now: () => 0 };
  const none = Object.fromEntries(NODE_GLOBALS.map((name) => [name, stub])) as GoGlobals;
  const { importObject } = createGo(none);
  return new Set(
    Object.entries(importObject).flatMap(([module, functions]) =>
      Object.keys(functions).map((name) => `${module}.${name}`)
    ),
  );
}
