#!/usr/bin/env -S deno run
/**
 * Echo (Gossip Glomers challenge 1): replies with the payload that it received. Needs no
 * permissions.
 *
 * @module
 */
import { contract, defineNode, serve } from "../lib/node/mod.ts";

/** Handles `echo`. */
const echo = defineNode({ serves: contract.echo }, () => ({ echo: ({ echo }) => ({ echo }) }));

export default echo;
if (import.meta.main) await serve(echo);
