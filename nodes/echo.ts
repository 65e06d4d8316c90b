#!/usr/bin/env -S deno run
/**
 * Echo: answers with what it was sent (Gossip Glomers challenge 1). Needs no permissions.
 *
 * @module
 */
import { type Node, schema, serve } from "../lib/node/mod.ts";

/** Answers `echo` with its payload. */
export default function echo(node: Node) {
  node.on("echo", { echo: schema.json }, ({ echo }) => ({ type: "echo_ok", echo }));
}

if (import.meta.main) await serve(echo);
