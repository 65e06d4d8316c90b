/**
 * Programs: plain functions of a {@link Node}, or functions with flags and a contract.
 *
 * @module
 */

import type { FlagTable, FlagValues } from "../base/mod.ts";
import type { Contract, Endpoint } from "../contract/mod.ts";
import type { ContractHandlers, EndpointHandler, Node } from "./node.ts";

/**
 * A program: runs once, when the node has received `init`. `init_ok` is sent when the program
 * returns or, if it returns a promise, when that resolves.
 */
export type NodeFunction = (node: Node) => unknown;

/** Values of numeric flags, by the flags' names without dashes. */
export type ExploredFlags<N extends PropertyKey = string> = Readonly<
  Partial<Record<N, readonly number[]>>
>;

/** A program with flags, as {@link defineNode} and {@link withFlags} make it. */
export interface NodeProgram extends NodeFunction {
  /** Its command-line flags. They are validated before `init`. */
  readonly flags?: FlagTable;
  /** Returns what is wrong with a combination of flags; undefined for a valid one. */
  readonly problem?: (flags: never) => string | undefined;
  /** Whether the program keeps data on disk, see {@link FlagDefinition.persists}. */
  readonly persists?: boolean | ((flags: never) => boolean);
  /** Whether the program changes its cluster, see {@link FlagDefinition.changesMembership}. */
  readonly changesMembership?: boolean | ((flags: never) => boolean);
  /** The values of flags to explore, see {@link FlagDefinition.explores}. */
  readonly explores?: ExploredFlags | ((flags: never) => ExploredFlags);
  /** Starts the program with its flags' values. */
  readonly start?: (node: Node, flags: never) => unknown;
}

/** The flags of a program, and what the workbench should know about it. */
export interface FlagDefinition<F extends FlagTable> {
  /** Its command-line flags by name, without dashes. */
  readonly flags: F;
  /** Returns what is wrong with a combination of flags; undefined for a valid one. */
  readonly problem?: (flags: FlagValues<F>) => string | undefined;
  /**
   * Whether the program keeps data on disk, or a function that decides this from its flags; false by
   * default. Only a program that persists has {@link Node.storage}. `deno task explore` kills such
   * nodes, and cuts their power, by default.
   */
  readonly persists?: boolean | ((flags: FlagValues<F>) => boolean);
  /**
   * Whether the program serves the requests of `contract.membership`, or a function that decides this
   * from its flags; false by default. `deno task explore` changes the membership of such nodes by
   * default.
   */
  readonly changesMembership?: boolean | ((flags: FlagValues<F>) => boolean);
  /**
   * Values of flags that `deno task explore` tries besides their defaults, or a function that decides
   * this from the flags that are given; none by default. Limits that a short run does not reach need
   * smaller values, and options that are off need to be on.
   */
  readonly explores?:
    | ExploredFlags<keyof F>
    | ((flags: FlagValues<F>) => ExploredFlags<keyof F>);
}

/**
 * Defines a program that serves a contract: it returns one handler for each request type, and the
 * compiler checks their replies. `serves` is a workload's contract, or one made with
 * `defineContract`.
 *
 * @throws {TypeError} `serves` is missing.
 *
 * @example
 * ```ts
 * import { contract, defineNode, type Json, serve } from "@gossip/workbench/node";
 *
 * const set = defineNode({ serves: contract.gSet }, () => {
 *   const elements = new Set<Json>();
 *   return {
 *     add: ({ element }) => { elements.add(element); return {}; },   // replies add_ok
 *     read: () => ({ value: [...elements] }),                        // replies read_ok
 *   };
 * });
 * export default set;
 * if (import.meta.main) await serve(set);
 * ```
 */
export function defineNode<C extends Contract, const F extends FlagTable = Record<never, never>>(
  { serves, ...definition }: { readonly serves: C } & Partial<FlagDefinition<F>>,
  start: (
    node: Node,
    flags: FlagValues<F>,
  ) => ContractHandlers<C> | Promise<ContractHandlers<C>>,
): NodeProgram {
  // A program in JavaScript, or one that runs without a check of its types.
  if (typeof serves !== "object" || serves === null) {
    throw new TypeError(
      `defineNode needs serves, the contract whose requests the node handles, got ${serves}; ` +
        "without a contract, export a plain function of the node",
    );
  }
  return withFlags({ flags: {} as F, ...definition }, (node, flags) => {
    const handlers = start(node, flags);
    if (handlers instanceof Promise) {
      return handlers.then((handlers) => serveContract(node, serves, handlers));
    }
    return serveContract(node, serves, handlers);
  });
}

/** Adds flags and what else a definition has to a program that registers handlers by `node.on`. */
export function withFlags<const F extends FlagTable>(
  { flags, ...definition }: FlagDefinition<F>,
  start: (node: Node, flags: FlagValues<F>) => unknown,
): NodeProgram {
  const defaults = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, flag.default]),
  );
  const program = (node: Node) => start(node, defaults as FlagValues<F>);
  return Object.assign(program, { flags, start, ...definition });
}

/** Registers one handler for each request type of a contract. */
export function serveContract<C extends Contract>(
  node: Node,
  contract: C,
  handlers: ContractHandlers<C>,
): void {
  for (const [type, endpoint] of Object.entries(contract)) {
    node.on(endpoint, handlers[type as keyof C] as unknown as EndpointHandler<Endpoint>);
  }
}
