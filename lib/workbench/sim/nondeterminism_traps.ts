/**
 * Traps for calls to sources of non-determinism: a node that reads the real clock, draws real
 * random numbers or sets real timers would make a simulation differ from run to run.
 *
 * While the traps are installed, such a call from a node's code is reported with its location, and
 * served from the node's virtual time and seeded random source. So the run stays reproducible and
 * can be debugged. A node's console output goes to its simulated stdout or log, and `Deno.exit()`
 * ends the node, not the simulation.
 *
 * Invariant: code that does not belong to a node (no current node) reaches the real function. The
 * traps are installed for one batch of events and uninstalled before other code of the process
 * runs.
 *
 * @module
 */

import type { CurrentNode, RunningNode } from "./current_node.ts";

/** Thrown into a node's code by `Deno.exit()`, so that the code after the call does not run. */
class NodeExit extends Error {
  override readonly name = "NodeExit";
}

type Call = (node: RunningNode, args: unknown[]) => unknown;

/** A property and what replaces it. */
interface Trap {
  readonly owner: object;
  readonly key: string;
  /** The property as it was; undefined if the owner only inherits it. */
  readonly original: PropertyDescriptor | undefined;
  readonly trap: PropertyDescriptor;
}

/** The traps of one simulation. */
export class NondeterminismTraps {
  readonly #current: CurrentNode;
  readonly #traps: readonly Trap[];
  readonly #timers = new Map<number, () => void>();
  #nextTimer = 1;

  constructor(current: CurrentNode) {
    this.#current = current;
    this.#traps = [
      ...this.#randomness(),
      ...this.#clocks(),
      ...this.#temporal(),
      ...this.#timersAndExit(),
      ...this.#realTimeCalls(),
      ...this.#output(),
    ];
  }

  /** Installs the traps. */
  install(): void {
    for (const { owner, key, trap } of this.#traps) Object.defineProperty(owner, key, trap);
  }

  /** Restores the original properties. */
  uninstall(): void {
    for (const { owner, key, original } of this.#traps) {
      if (original === undefined) Reflect.deleteProperty(owner, key);
      else Object.defineProperty(owner, key, original);
    }
  }

  #randomness(): Trap[] {
    return [
      this.#reported(Math, "random", "Math.random()", (node) => node.random()),
      this.#reported(crypto, "getRandomValues", "crypto.getRandomValues()", (node, [array]) => {
        const { buffer, byteOffset, byteLength } = array as Uint8Array;
        fillWithRandomBytes(new Uint8Array(buffer, byteOffset, byteLength), node);
        return array;
      }),
      this.#reported(crypto, "randomUUID", "crypto.randomUUID()", (node) => randomUuid(node)),
    ];
  }

  #clocks(): Trap[] {
    const current = this.#current;
    const RealDate = Date;
    const TrappedDate = new Proxy(RealDate, {
      construct(target, args, newTarget) {
        const { node } = current;
        if (node === undefined || args.length > 0) {
          return Reflect.construct(target, args, newTarget);
        }
        node.nondeterministicCall("new Date()", callLocation());
        return Reflect.construct(target, [node.now()], newTarget);
      },
      apply(target, self, args) {
        const { node } = current;
        if (node === undefined) return Reflect.apply(target, self, args);
        node.nondeterministicCall("Date()", callLocation());
        return new RealDate(node.now()).toString();
      },
    });
    return [
      replace(globalThis, "Date", TrappedDate),
      this.#reported(RealDate, "now", "Date.now()", (node) => Math.floor(node.now())),
      this.#reported(performance, "now", "performance.now()", (node) => node.now()),
    ];
  }

  #temporal(): Trap[] {
    const readings: Readonly<Record<string, (now: Temporal.ZonedDateTime) => unknown>> = {
      instant: (now) => now.toInstant(),
      zonedDateTimeISO: (now) => now,
      plainDateTimeISO: (now) => now.toPlainDateTime(),
      plainDateISO: (now) => now.toPlainDate(),
      plainTimeISO: (now) => now.toPlainTime(),
    };
    return Object.entries(readings).map(([key, reading]) =>
      this.#reported(Temporal.Now, key, `Temporal.Now.${key}()`, (node, [zone]) => {
        const instant = Temporal.Instant.fromEpochMilliseconds(Math.floor(node.now()));
        const zoneId = typeof zone === "string" ? zone : Temporal.Now.timeZoneId();
        return reading(instant.toZonedDateTimeISO(zoneId));
      })
    );
  }

  #timersAndExit(): Trap[] {
    const start: Call = (node, [fn, delayMs, ...args]) =>
      this.#startTimer(node, fn, delayMs, args, false);
    const repeat: Call = (node, [fn, delayMs, ...args]) =>
      this.#startTimer(node, fn, delayMs, args, true);
    const stop: Call = (_node, [id]) => {
      this.#timers.get(id as number)?.();
      this.#timers.delete(id as number);
    };
    return [
      this.#reported(globalThis, "setTimeout", "setTimeout()", start),
      this.#reported(globalThis, "setInterval", "setInterval()", repeat),
      this.#reported(
        globalThis,
        "setImmediate",
        "setImmediate()",
        (node, [fn, ...args]) => this.#startTimer(node, fn, 0, args, false),
      ),
      this.#replaced(globalThis, "clearTimeout", stop),
      this.#replaced(globalThis, "clearInterval", stop),
      this.#replaced(globalThis, "clearImmediate", stop),
      this.#reported(AbortSignal, "timeout", "AbortSignal.timeout()", (node, [delayMs]) => {
        const controller = new AbortController();
        const reason = new DOMException("Signal timed out.", "TimeoutError");
        node.startTimer(Number(delayMs), () => controller.abort(reason));
        return controller.signal;
      }),
      this.#replaced(Deno, "exit", (node, [code]) => {
        node.exitWith(typeof code === "number" ? code : 0);
        throw new NodeExit("the node called Deno.exit()");
      }),
    ];
  }

  /** Calls that take real time: they reach the real function, but virtual time does not wait. */
  #realTimeCalls(): Trap[] {
    const current = this.#current;
    const { fetch } = globalThis;
    const { subtle } = crypto;
    const get = () => {
      current.node?.nondeterministicCall("crypto.subtle", callLocation());
      return subtle;
    };
    return [
      this.#reported(
        globalThis,
        "fetch",
        "fetch()",
        (_node, args) => Reflect.apply(fetch, null, args),
      ),
      {
        owner: crypto,
        key: "subtle",
        original: Object.getOwnPropertyDescriptor(crypto, "subtle"),
        trap: { get, configurable: true },
      },
    ];
  }

  #output(): Trap[] {
    const text = (args: unknown[]) =>
      args.map((item) => typeof item === "string" ? item : Deno.inspect(item)).join(" ");
    const toStdout: Call = (node, args) => node.print(text(args));
    const toLog: Call = (node, args) => node.log(text(args));
    return [
      ...["log", "info", "debug"].map((key) => this.#replaced(console, key, toStdout)),
      ...["warn", "error"].map((key) => this.#replaced(console, key, toLog)),
    ];
  }

  #startTimer(
    node: RunningNode,
    fn: unknown,
    delayMs: unknown,
    args: readonly unknown[],
    repeats: boolean,
  ): number {
    const id = this.#nextTimer++;
    const schedule = () =>
      this.#timers.set(
        id,
        node.startTimer(Number(delayMs ?? 0), () => {
          if (repeats) schedule();
          else this.#timers.delete(id);
          (fn as (...args: readonly unknown[]) => void)(...args);
        }),
      );
    schedule();
    return id;
  }

  /** Returns a trap that reports each call by a node and serves it with `substitute`. */
  #reported(owner: object, key: string, name: string, substitute: Call): Trap {
    return this.#replaced(owner, key, (node, args) => {
      node.nondeterministicCall(name, callLocation());
      return substitute(node, args);
    });
  }

  /** Returns a trap that serves calls by a node with `substitute`, without a report. */
  #replaced(owner: object, key: string, substitute: Call): Trap {
    const current = this.#current;
    const original = Reflect.get(owner, key) as (...args: unknown[]) => unknown;
    return replace(owner, key, function (this: unknown, ...args: unknown[]) {
      const { node } = current;
      return node === undefined ? Reflect.apply(original, this, args) : substitute(node, args);
    });
  }
}

function replace(owner: object, key: string, value: unknown): Trap {
  const original = Object.getOwnPropertyDescriptor(owner, key);
  return { owner, key, original, trap: { value, configurable: true, writable: true } };
}

function fillWithRandomBytes(bytes: Uint8Array, node: RunningNode): void {
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Math.floor(node.random() * 256);
  }
}

/** Returns a random UUID (RFC 9562, version 4) from the node's random source. */
function randomUuid(node: RunningNode): string {
  const bytes = new Uint8Array(16);
  fillWithRandomBytes(bytes, node);
  bytes[6] = (bytes[6] as number & 0x0f) | 0x40;
  bytes[8] = (bytes[8] as number & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [0, 8, 12, 16, 20].map((from, part) => hex.slice(from, [8, 12, 16, 20, 32][part])).join(
    "-",
  );
}

/**
 * Returns the location of the trapped call in the code. If a library made the call for the node,
 * the location is in the library, followed by the location of the node's code that led to it.
 */
function callLocation(): string {
  const frames = (new Error().stack ?? "").split("\n")
    .filter((line) => line.startsWith("    at ") && !line.includes(import.meta.url))
    .map((line) => line.slice("    at ".length));
  const location = frames[0] ?? "an unknown location";
  const isLibrary = (frame: string) => /\/npm\/|\/node_modules\/|https?:|ext:|node:/.test(frame);
  if (!isLibrary(location)) return location;
  const caller = frames.find((frame) => !isLibrary(frame));
  return caller === undefined ? location : `${location}, called from ${caller}`;
}
