/**
 * Catches what would make a simulation differ from run to run: a node that reads the real clock,
 * draws real random numbers, sets real timers.
 *
 * While the traps are set, such a call from a node's code is noted, with the place in the code, and
 * answered from the node's own virtual time and seeded randomness, so that the run stays the same
 * for its seed and can be looked at. What a node prints goes where a process's streams would go, and
 * its exit ends the node, not the simulation.
 *
 * Invariant: code that is not a node's (no actor on the stage) gets the real thing. Traps are set for
 * a batch of events and lifted before anything else in the process runs.
 *
 * @module
 */

import type { CurrentNode, RunningNode } from "./current_node.ts";

/** Thrown into a node's code when it asks its process to exit. */
class NodeExit extends Error {
  override readonly name = "NodeExit";
}

type Call = (actor: RunningNode, args: unknown[]) => unknown;

interface Trap {
  readonly owner: object;
  readonly key: string;
  readonly original: PropertyDescriptor | undefined;
  readonly trap: PropertyDescriptor;
}

/** The traps of one simulation. */
export class NondeterminismTraps {
  readonly #current: CurrentNode;
  readonly #traps: readonly Trap[];
  readonly #timers = new Map<number, () => void>();
  #nextTimer = 1;

  constructor(stage: CurrentNode) {
    this.#current = stage;
    this.#traps = [
      ...this.#randomness(),
      ...this.#clocks(),
      ...this.#temporal(),
      ...this.#timersAndExit(),
      ...this.#realTimeCalls(),
      ...this.#output(),
    ];
  }

  /** Sets the traps. */
  install(): void {
    for (const { owner, key, trap } of this.#traps) Object.defineProperty(owner, key, trap);
  }

  /** Puts everything back as it was. */
  uninstall(): void {
    for (const { owner, key, original } of this.#traps) {
      if (original === undefined) Reflect.deleteProperty(owner, key);
      else Object.defineProperty(owner, key, original);
    }
  }

  #randomness(): Trap[] {
    return [
      this.#reported(Math, "random", "Math.random()", (actor) => actor.random()),
      this.#reported(crypto, "getRandomValues", "crypto.getRandomValues()", (actor, [array]) => {
        const { buffer, byteOffset, byteLength } = array as Uint8Array;
        fillWithRandomBytes(new Uint8Array(buffer, byteOffset, byteLength), actor);
        return array;
      }),
      this.#reported(crypto, "randomUUID", "crypto.randomUUID()", (actor) => randomUuid(actor)),
    ];
  }

  #clocks(): Trap[] {
    const stage = this.#current;
    const RealDate = Date;
    const TrappedDate = new Proxy(RealDate, {
      construct(target, args, newTarget) {
        const { node: actor } = stage;
        if (actor === undefined || args.length > 0) {
          return Reflect.construct(target, args, newTarget);
        }
        actor.nondeterministicCall("new Date()", callLocation());
        return Reflect.construct(target, [actor.now()], newTarget);
      },
      apply(target, self, args) {
        const { node: actor } = stage;
        if (actor === undefined) return Reflect.apply(target, self, args);
        actor.nondeterministicCall("Date()", callLocation());
        return new RealDate(actor.now()).toString();
      },
    });
    return [
      replace(globalThis, "Date", TrappedDate),
      this.#reported(RealDate, "now", "Date.now()", (actor) => Math.floor(actor.now())),
      this.#reported(performance, "now", "performance.now()", (actor) => actor.now()),
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
      this.#reported(Temporal.Now, key, `Temporal.Now.${key}()`, (actor, [zone]) => {
        const instant = Temporal.Instant.fromEpochMilliseconds(Math.floor(actor.now()));
        const given = typeof zone === "string" ? zone : Temporal.Now.timeZoneId();
        return reading(instant.toZonedDateTimeISO(given));
      })
    );
  }

  #timersAndExit(): Trap[] {
    const start: Call = (actor, [fn, milliseconds, ...args]) =>
      this.#startTimer(actor, fn, milliseconds, args, false);
    const repeat: Call = (actor, [fn, milliseconds, ...args]) =>
      this.#startTimer(actor, fn, milliseconds, args, true);
    const stop: Call = (_actor, [id]) => {
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
        (actor, [fn, ...args]) => this.#startTimer(actor, fn, 0, args, false),
      ),
      this.#replaced(globalThis, "clearTimeout", stop),
      this.#replaced(globalThis, "clearInterval", stop),
      this.#replaced(globalThis, "clearImmediate", stop),
      this.#reported(AbortSignal, "timeout", "AbortSignal.timeout()", (actor, [milliseconds]) => {
        const controller = new AbortController();
        const reason = new DOMException("Signal timed out.", "TimeoutError");
        actor.startTimer(Number(milliseconds), () => controller.abort(reason));
        return controller.signal;
      }),
      this.#replaced(Deno, "exit", (actor, [code]) => {
        actor.exitWith(typeof code === "number" ? code : 0);
        throw new NodeExit("the node called Deno.exit()");
      }),
    ];
  }

  /** Virtual time does not wait for these: they are let through, but come too late by any clock. */
  #realTimeCalls(): Trap[] {
    const stage = this.#current;
    const { fetch } = globalThis;
    const { subtle } = crypto;
    const get = () => {
      stage.node?.nondeterministicCall("crypto.subtle", callLocation());
      return subtle;
    };
    return [
      this.#reported(
        globalThis,
        "fetch",
        "fetch()",
        (_actor, args) => Reflect.apply(fetch, null, args),
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
    const toStdout: Call = (actor, args) => actor.print(text(args));
    const toLog: Call = (actor, args) => actor.log(text(args));
    return [
      ...["log", "info", "debug"].map((key) => this.#replaced(console, key, toStdout)),
      ...["warn", "error"].map((key) => this.#replaced(console, key, toLog)),
    ];
  }

  #startTimer(
    actor: RunningNode,
    fn: unknown,
    milliseconds: unknown,
    args: readonly unknown[],
    repeats: boolean,
  ): number {
    const id = this.#nextTimer++;
    const wait = () =>
      this.#timers.set(
        id,
        actor.startTimer(Number(milliseconds ?? 0), () => {
          if (repeats) wait();
          else this.#timers.delete(id);
          (fn as (...args: readonly unknown[]) => void)(...args);
        }),
      );
    wait();
    return id;
  }

  /** A trap that notes each call by a node and answers it otherwise. */
  #reported(owner: object, key: string, name: string, instead: Call): Trap {
    return this.#replaced(owner, key, (actor, args) => {
      actor.nondeterministicCall(name, callLocation());
      return instead(actor, args);
    });
  }

  /** A trap that answers calls by a node otherwise. */
  #replaced(owner: object, key: string, instead: Call): Trap {
    const stage = this.#current;
    const original = Reflect.get(owner, key) as (...args: unknown[]) => unknown;
    return replace(owner, key, function (this: unknown, ...args: unknown[]) {
      const { node: actor } = stage;
      return actor === undefined ? Reflect.apply(original, this, args) : instead(actor, args);
    });
  }
}

function replace(owner: object, key: string, value: unknown): Trap {
  const original = Object.getOwnPropertyDescriptor(owner, key);
  return { owner, key, original, trap: { value, configurable: true, writable: true } };
}

function fillWithRandomBytes(bytes: Uint8Array, actor: RunningNode): void {
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Math.floor(actor.random() * 256);
  }
}

/** A random UUID (RFC 9562, version 4) from the node's own randomness. */
function randomUuid(actor: RunningNode): string {
  const bytes = new Uint8Array(16);
  fillWithRandomBytes(bytes, actor);
  bytes[6] = (bytes[6] as number & 0x0f) | 0x40;
  bytes[8] = (bytes[8] as number & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [0, 8, 12, 16, 20].map((from, part) => hex.slice(from, [8, 12, 16, 20, 32][part])).join(
    "-",
  );
}

/**
 * Where the call that fell into a trap stands in the code. For one made by a library on the node's
 * behalf, the place in the library and the place outside that led to it.
 */
function callLocation(): string {
  const frames = (new Error().stack ?? "").split("\n")
    .filter((line) => line.startsWith("    at ") && !line.includes(import.meta.url))
    .map((line) => line.slice("    at ".length));
  const place = frames[0] ?? "an unknown place";
  const isLibrary = (frame: string) => /\/npm\/|\/node_modules\/|https?:|ext:|node:/.test(frame);
  if (!isLibrary(place)) return place;
  const own = frames.find((frame) => !isLibrary(frame));
  return own === undefined ? place : `${place}, called from ${own}`;
}
