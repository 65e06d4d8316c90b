/**
 * Traps for timers, which run on virtual time in a node, and for calls that wait for real time,
 * which are refused: virtual time would pass before they are done.
 *
 * @module
 */

import type { RunningNode } from "../current_node.ts";
import {
  refuse,
  refuseAsync,
  refuseConstruction,
  serve,
  serveQuietly,
  serveRead,
  type Substitute,
  type Trap,
} from "./trap.ts";

/** Returns the traps for timers and for calls that wait for real time. */
export function timerTraps(): Trap[] {
  return [...scheduling(globalThis, ""), ...abortTimeout(), ...realTimeTraps()];
}

/** Returns the traps for an object's `setTimeout` and its like; reports them as `prefix` + name. */
export function scheduling(owner: object, prefix: string): Trap[] {
  const named = (key: string) => `${prefix}${key}()`;
  const start: Substitute = (node, [fn, delayMs, ...args]) =>
    startTimer(node, () => call(fn, args), Number(delayMs ?? 0));
  const repeat: Substitute = (node, [fn, delayMs, ...args]) =>
    startInterval(node, () => call(fn, args), Number(delayMs ?? 0));
  const soon: Substitute = (node, [fn, ...args]) => startTimer(node, () => call(fn, args), 0);
  const stop: Substitute = (node, [id]) => timersOf(node).stop(id);
  return [
    ...serve(owner, "setTimeout", named("setTimeout"), start),
    ...serve(owner, "setInterval", named("setInterval"), repeat),
    ...serve(owner, "setImmediate", named("setImmediate"), soon),
    ...["clearTimeout", "clearInterval", "clearImmediate"].flatMap((key) =>
      serveQuietly(owner, key, stop)
    ),
  ];
}

/** Serves `process.nextTick`: runs a function after the running code. */
export const nextTick: Substitute = (_node, [fn, ...args]) => queueMicrotask(() => call(fn, args));

/** Returns a promise that resolves with a value after a delay on the node's clock. */
export function sleepOf(node: RunningNode, delayMs: unknown, value?: unknown): Promise<unknown> {
  return new Promise((resolve) => node.startTimer(Number(delayMs ?? 0), () => resolve(value)));
}

function call(fn: unknown, args: readonly unknown[]): void {
  (fn as (...args: readonly unknown[]) => void)(...args);
}

/** The pending timers of a node. Timer ids are a node's own, since its code may print them. */
class Timers {
  readonly #cancels = new Map<unknown, () => void>();
  #lastId = 0;

  nextId(): number {
    return ++this.#lastId;
  }

  set(id: number, cancel: () => void): void {
    this.#cancels.set(id, cancel);
  }

  stop(id: unknown): void {
    this.#cancels.get(id)?.();
    this.#cancels.delete(id);
  }
}

const timers = new WeakMap<RunningNode, Timers>();

function timersOf(node: RunningNode): Timers {
  let own = timers.get(node);
  if (own === undefined) timers.set(node, own = new Timers());
  return own;
}

function startTimer(node: RunningNode, fn: () => void, delayMs: number): number {
  const own = timersOf(node);
  const id = own.nextId();
  const fire = () => {
    own.stop(id);
    fn();
  };
  own.set(id, node.startTimer(delayMs, fire));
  return id;
}

function startInterval(node: RunningNode, fn: () => void, delayMs: number): number {
  const own = timersOf(node);
  const id = own.nextId();
  const schedule = () => {
    const fire = () => {
      schedule();
      fn();
    };
    own.set(id, node.startTimer(delayMs, fire));
  };
  schedule();
  return id;
}

function abortTimeout(): Trap[] {
  return serve(AbortSignal, "timeout", "AbortSignal.timeout()", (node, [delayMs]) => {
    const controller = new AbortController();
    const reason = new DOMException("Signal timed out.", "TimeoutError");
    node.startTimer(Number(delayMs), () => controller.abort(reason));
    return controller.signal;
  });
}

/** Classes whose objects communicate with other threads or machines. */
const REFUSED_CLASSES = [
  "BroadcastChannel",
  "EventSource",
  "FileReader",
  "MessageChannel",
  "PerformanceObserver",
  "WebSocket",
  "WebSocketStream",
  "Worker",
];

/** Asynchronous methods that complete outside of the microtask queue, by their class. */
const REFUSED_METHODS: Readonly<Record<string, readonly string[]>> = {
  Blob: ["arrayBuffer", "bytes", "text"],
  Request: ["arrayBuffer", "blob", "bytes", "formData", "json", "text"],
  Response: ["arrayBuffer", "blob", "bytes", "formData", "json", "text"],
  SubtleCrypto: [
    "decrypt",
    "deriveBits",
    "deriveKey",
    "digest",
    "encrypt",
    "exportKey",
    "generateKey",
    "importKey",
    "sign",
    "unwrapKey",
    "verify",
    "wrapKey",
  ],
  CacheStorage: ["delete", "has", "open"],
};

function realTimeTraps(): Trap[] {
  const globals = globalThis as unknown as Readonly<Record<string, { prototype: object }>>;
  const methods = Object.entries(REFUSED_METHODS).flatMap(([name, keys]) => {
    const prototype = globals[name]?.prototype;
    if (prototype === undefined) return [];
    const shown = (key: string) => name === "SubtleCrypto" ? "crypto.subtle" : `${name}.${key}()`;
    return keys.flatMap((key) => refuseAsync(prototype, key, shown(key)));
  });
  return [
    ...methods,
    ...refuse(Blob.prototype, "stream", "Blob.stream()"),
    ...REFUSED_CLASSES.flatMap((name) => refuseConstruction(globalThis, name)),
    ...refuseAsync(globalThis, "fetch", "fetch()"),
    ...refuse(Atomics, "wait", "Atomics.wait()"),
    ...refuse(Atomics, "waitAsync", "Atomics.waitAsync()"),
    ...["alert", "confirm", "prompt", "close"].flatMap((key) =>
      refuse(globalThis, key, `${key}()`)
    ),
    ...["localStorage", "sessionStorage"].flatMap((key) =>
      serveRead(globalThis, key, key, () => undefined)
    ),
    ...webAssemblyTraps(),
  ];
}

/** Traps for asynchronous compilation, which is served by the synchronous one. */
function webAssemblyTraps(): Trap[] {
  const { Module, Instance } = WebAssembly;
  const toModule = (code: unknown) =>
    code instanceof Module ? code : new Module(code as Uint8Array<ArrayBuffer>);
  const instantiate: Substitute = (_node, [code, imports]) => {
    const module = toModule(code);
    const instance = new Instance(module, imports as WebAssembly.Imports);
    return code instanceof Module ? instance : { module, instance };
  };
  const asynchronous = (run: Substitute): Substitute => (...args) =>
    new Promise((resolve) => resolve(run(...args)));
  return [
    ...serve(
      WebAssembly,
      "compile",
      "WebAssembly.compile()",
      asynchronous((_node, [code]) => toModule(code)),
    ),
    ...serve(
      WebAssembly,
      "instantiate",
      "WebAssembly.instantiate()",
      asynchronous(instantiate),
    ),
    ...["compileStreaming", "instantiateStreaming"].flatMap((key) =>
      refuseAsync(WebAssembly, key, `WebAssembly.${key}()`)
    ),
  ];
}
