#!/usr/bin/env -S deno run
/**
 * Echo: answers with what it was sent (Gossip Glomers challenge 1). Needs no permissions.
 *
 * @module
 */
import { contract, defineNode, serve } from "../lib/node/mod.ts";

/** Answers `echo` with its payload. */
const echo = defineNode({ serves: contract.echo }, () => ({ echo: ({ echo }) => ({ echo }) }));

export default echo;
if (import.meta.main) await serve(echo);
