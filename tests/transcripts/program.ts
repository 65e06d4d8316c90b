/**
 * Loads and starts the programs under test. Nothing else here knows what a node's function is, what
 * it takes and what it returns.
 *
 * @module
 */

import { isJsonObject, type Json } from "../../lib/base/mod.ts";
import type { NodeFunction } from "../../lib/node/mod.ts";
import type { Engine } from "../../lib/workbench/engine.ts";
import { SimEngine } from "../../lib/workbench/sim/mod.ts";
import broadcast from "../../nodes/broadcast.ts";
import gCounter from "../../nodes/g_counter.ts";
import gSet from "../../nodes/g_set.ts";
import kafka from "../../nodes/kafka.ts";
import linKv from "../../nodes/lin_kv.ts";
import pnCounter from "../../nodes/pn_counter.ts";
import txnListAppend from "../../nodes/txn_list_append.ts";

const programs: Readonly<Record<string, NodeFunction>> = {
  broadcast,
  g_counter: gCounter,
  g_set: gSet,
  kafka,
  lin_kv: linKv,
  pn_counter: pnCounter,
  txn_list_append: txnListAppend,
};

/** Names of the programs, as in `nodes/NAME.ts`. */
export const PROGRAMS: readonly string[] = Object.keys(programs);

/** Nodes of one program, and how to look into them. */
export interface Nodes {
  readonly engine: Engine & { readonly clock: { readonly steps: number } };
  /** Returns the values that a node has, sorted; undefined when its program does not show them. */
  stateOf(node: string): Json | undefined;
}

/** Loads a program; its nodes get these arguments and draw their random numbers from the seed. */
export function loadNodes(program: string, args: readonly string[], seed: string): Nodes {
  const run = programs[program];
  if (run === undefined) {
    throw new RangeError(`there is no program ${program}; there are ${PROGRAMS.join(", ")}`);
  }
  const engine = new SimEngine(run, args, seed);
  return {
    engine,
    stateOf(node) {
      const state = engine.stateOf(node) as
        | { readonly values?: readonly Json[]; readonly role?: string; readonly term?: number }
        | undefined;
      // Of a member of a Raft cluster, what rarely changes.
      if (state?.role !== undefined) return `${state.role}/${state.term}`;
      if (!Array.isArray(state?.values)) return undefined;
      return state.values.toSorted((a, b) => Number(a) - Number(b));
    },
  };
}

/** An incarnation that a message names: the text that is drawn at random, and whose it is. */
export interface NamedIncarnation {
  readonly node: string;
  readonly text: string;
}

const DRAWN = /\b(n\d+)[-./]([0-9a-z]{6})(?![0-9a-z])/g;

/** Finds the incarnations in what a node sent: its own, and those in names made of them. */
export function incarnationsIn(src: string, body: unknown, text: string): NamedIncarnation[] {
  const { me, incarnation, client, type, to } = isJsonObject(body) ? body : {};
  // A leader repeats the incarnation of the client that it replies to.
  const sender = type === "forward" ? client : undefined;
  const writer = isJsonObject(to) ? to.by : undefined;
  const own = [me, incarnation, sender, writer].flatMap((text) =>
    typeof text === "string" ? [{ node: src, text }] : []
  );
  const others = Array.from(text.matchAll(DRAWN), ([, node = "", drawn = ""]) => ({
    node,
    text: drawn,
  }));
  return [...own, ...others];
}
