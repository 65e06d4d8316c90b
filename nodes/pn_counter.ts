#!/usr/bin/env -S deno run
/**
 * A counter that goes up and down. It has the strategies of `g_counter.ts`, which has the default,
 * `crdt`, in full: there each node has two totals that only grow, of what it added and of what it
 * subtracted.
 *
 * @module
 */
import { contract, defineNode, serve } from "../lib/node/mod.ts";
import { counterFlags, serveCounter } from "./g_counter.ts";

/** Handles `add` and `read`. */
const pnCounter = defineNode({ flags: counterFlags, serves: contract.pnCounter }, serveCounter);

export default pnCounter;
if (import.meta.main) await serve(pnCounter);
