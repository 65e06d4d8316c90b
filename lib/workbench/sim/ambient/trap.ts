/**
 * Traps: replacements for functions that read time, draw random numbers, or reach outside of the
 * process.
 *
 * A trap asks for the current node on each call. Code that does not belong to a node reaches the
 * real function. So a trap may be captured (`const random = Math.random`), bound or inherited from
 * when a module is imported, and may stay installed while other code of the process runs.
 *
 * @module
 */

import { currentNode, type RunningNode } from "../current_node.ts";
import { describeLocation } from "../program/source_positions.ts";

/** Serves a call by a node. */
export type Substitute = (node: RunningNode, args: unknown[], self: unknown) => unknown;

/** A property and what replaces it. */
export interface Trap {
  readonly owner: object;
  readonly key: string;
  /** The property as it was; undefined if the owner only inherits it. */
  readonly original: PropertyDescriptor | undefined;
  readonly trap: PropertyDescriptor;
}

/** Installs a trap. */
export function install({ owner, key, trap }: Trap): void {
  Object.defineProperty(owner, key, trap);
}

/** Restores the property that a trap replaced. */
export function uninstall({ owner, key, original }: Trap): void {
  if (original === undefined) Reflect.deleteProperty(owner, key);
  else Object.defineProperty(owner, key, original);
}

/** Returns a trap that replaces a property by a value, whichever code reads it. */
export function replaceValue(owner: object, key: string, value: unknown): Trap {
  const original = Object.getOwnPropertyDescriptor(owner, key);
  const enumerable = original?.enumerable ?? false;
  return { owner, key, original, trap: { value, enumerable, configurable: true, writable: true } };
}

/** Returns a trap that serves each call by a node with `substitute`, without a report. */
export function serveQuietly(object: object, key: string, substitute: Substitute): Trap[] {
  const owner = ownerOf(object, key);
  if (owner === undefined) return [];
  return [replaceValue(owner, key, trappedFunction(Reflect.get(object, key), substitute))];
}

/** Returns a trap that reports each call by a node and serves it with `substitute`. */
export function serve(object: object, key: string, name: string, substitute: Substitute): Trap[] {
  return serveQuietly(object, key, (node, args, self) => {
    report(node, name);
    return substitute(node, args, self);
  });
}

/** Returns a trap that reports each read of an accessor by a node and serves it. */
export function serveRead(
  object: object,
  key: string,
  name: string,
  substitute: (node: RunningNode) => unknown,
): Trap[] {
  const owner = ownerOf(object, key);
  if (owner === undefined) return [];
  const original = Object.getOwnPropertyDescriptor(owner, key);
  const get = function (this: unknown): unknown {
    const { node } = currentNode;
    if (node === undefined) return original?.get?.call(this) ?? original?.value;
    report(node, name);
    return substitute(node);
  };
  return [{ owner, key, original, trap: { get, configurable: true } }];
}

/** Returns a trap that reports each construction by a node and serves it with `substitute`. */
export function serveConstruction(
  owner: object,
  key: string,
  substitute: (node: RunningNode, args: unknown[], target: Constructor) => object,
): Trap[] {
  const target: unknown = Reflect.get(owner, key);
  if (typeof target !== "function") return [];
  const trapped = new Proxy(target as Constructor, {
    construct(target, args, newTarget) {
      const { node } = currentNode;
      if (node === undefined) return Reflect.construct(target, args, newTarget);
      report(node, `new ${key}()`);
      return substitute(node, args, target);
    },
  });
  return [replaceValue(owner, key, trapped)];
}

/** Returns a trap that reports each call by a node and throws. */
export function refuse(object: object, key: string, name: string): Trap[] {
  return serve(object, key, name, () => {
    throw new UnavailableError(name);
  });
}

/** Returns a trap that reports each call by a node and returns a promise that rejects. */
export function refuseAsync(object: object, key: string, name: string): Trap[] {
  return serve(object, key, name, () => Promise.reject(new UnavailableError(name)));
}

/** Returns a trap that reports each construction by a node and throws. */
export function refuseConstruction(owner: object, key: string): Trap[] {
  return serveConstruction(owner, key, () => {
    throw new UnavailableError(`new ${key}()`);
  });
}

/** Thrown into a node's code by a call that would take real time or reach outside of the node. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";

  constructor(call: string) {
    super(
      `${call} is not available in a simulated node: it takes real time or depends on the machine`,
    );
  }
}

/** A class. */
export type Constructor = new (...args: unknown[]) => object;

/** Returns a function that serves calls by a node, and calls the real function for other code. */
export function trappedFunction(
  real: unknown,
  substitute: Substitute,
): (this: unknown, ...args: unknown[]) => unknown {
  return function (this: unknown, ...args: unknown[]) {
    const { node } = currentNode;
    return node === undefined
      ? Reflect.apply(real as () => unknown, this, args)
      : substitute(node, args, this);
  };
}

/** Reports a call, with its location in the node's code. */
export function report(node: RunningNode, name: string): void {
  node.nondeterministicCall(name, describeLocation());
}

/** Returns the object in the prototype chain that has the property itself. */
function ownerOf(object: object, key: string): object | undefined {
  for (let owner: object | null = object; owner !== null; owner = Object.getPrototypeOf(owner)) {
    if (Object.hasOwn(owner, key)) return owner;
  }
  return undefined;
}
