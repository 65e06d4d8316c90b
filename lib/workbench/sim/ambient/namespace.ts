/**
 * Stands in for an object that reaches the process and the machine, such as `Deno`: a node's code
 * sees only the parts that are the same in every run. It may call no other part.
 *
 * @module
 */

import { currentNode, type RunningNode } from "../current_node.ts";
import { report, type Substitute, trappedFunction, UnavailableError } from "./trap.ts";

/** How a node's code sees a namespace. */
export interface NamespaceRules {
  /** The name in reports: `Deno`. */
  readonly name: string;
  /** Whether code may use the real property: it is the same in every run. */
  isPure(key: string): boolean;
  /** What properties are instead, without a report. */
  readonly values: Readonly<Record<string, (node: RunningNode) => unknown>>;
  /** Functions that are reported and served. */
  readonly served: Readonly<Record<string, Substitute>>;
  /** Returns the error of a call that is refused. */
  refusal(call: string): Error;
}

/** The rules of a namespace whose functions are all refused. */
export function refuseAll(name: string): NamespaceRules {
  return {
    name,
    isPure: () => false,
    values: {},
    served: {},
    refusal: (call) => new UnavailableError(call),
  };
}

/** Returns a stand-in for a namespace. Code that does not belong to a node sees the real one. */
export function guardNamespace<T extends object>(real: T, rules: NamespaceRules): T {
  const guarded = new Map<PropertyKey, unknown>();
  const read = (target: T, key: PropertyKey): unknown => {
    const { node } = currentNode;
    if (node === undefined) return Reflect.get(target, key);
    if (typeof key === "symbol") return undefined;
    const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
    // A proxy must not hide a constant of its target; those of `process` are the same in each run.
    if (descriptor?.configurable === false && descriptor.writable === false) {
      return descriptor.value;
    }
    const name = String(key);
    const value = Object.hasOwn(rules.values, name) ? rules.values[name] : undefined;
    if (value !== undefined) return value(node);
    if (rules.isPure(name) || !Reflect.has(target, name)) return Reflect.get(target, name);
    if (!guarded.has(name)) guarded.set(name, guardProperty(target, name, rules));
    const stand = guarded.get(name);
    return stand instanceof Constant ? stand.read(node) : stand;
  };
  return new Proxy(real, {
    get: read,
    getOwnPropertyDescriptor(target, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
      if (descriptor?.configurable !== true || currentNode.node === undefined) return descriptor;
      return { value: read(target, key), configurable: true, enumerable: true, writable: false };
    },
  });
}

/** A property with a primitive value, such as a process id: reading it is reported. */
class Constant {
  readonly #name: string;
  readonly #value: unknown;

  constructor(name: string, value: unknown) {
    this.#name = name;
    this.#value = value;
  }

  read(node: RunningNode): unknown {
    report(node, this.#name);
    return this.#value;
  }
}

/** Returns what a node's code sees instead of a property. */
export function guardProperty(target: object, key: string, rules: NamespaceRules): unknown {
  const real: unknown = Reflect.get(target, key);
  const name = `${rules.name}.${key}`;
  if (typeof real === "function") return guardFunction(target, key, real, rules);
  if (typeof real === "object" && real !== null) {
    return guardNamespace(real, { ...refuseAll(name), refusal: (call) => rules.refusal(call) });
  }
  return new Constant(name, typeof real === "number" ? 1 : undefined);
}

function guardFunction(
  target: object,
  key: string,
  real: object,
  { name, served, refusal }: NamespaceRules,
): unknown {
  const call = `${name}.${key}()`;
  const substitute = Object.hasOwn(served, key) ? served[key] : undefined;
  const isAsync = Reflect.has(target, `${key}Sync`);
  const serve: Substitute = (node, args, self) => {
    report(node, call);
    if (substitute !== undefined) return substitute(node, args, self);
    // A function with a callback throws: nothing would read its promise.
    if (isAsync && typeof args.at(-1) !== "function") return Promise.reject(refusal(call));
    throw refusal(call);
  };
  return new Proxy(real as () => unknown, {
    apply: (target, self, args) => trappedFunction(target, serve).apply(self, args),
    construct(target, args, newTarget) {
      const { node } = currentNode;
      if (node === undefined) return Reflect.construct(target, args, newTarget);
      return serve(node, args, undefined) as object;
    },
    get(target, property) {
      const { node } = currentNode;
      const value: unknown = Reflect.get(target, property);
      if (node === undefined || typeof value !== "function" || property in Function.prototype) {
        return value;
      }
      // A function of a function, such as `process.hrtime.bigint`.
      const path = `${key}.${String(property)}`;
      return guardFunction(target, String(property), value, {
        ...refuseAll(`${name}.${key}`),
        served: path in served ? { [property]: served[path] as Substitute } : {},
        refusal,
      });
    },
  });
}
