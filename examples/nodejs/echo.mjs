#!/usr/bin/env node
/**
 * Echo: replies to each request with its payload.
 *
 * A node is a program that reads a JSON message on each line of stdin and prints one on each line
 * of stdout. Whatever it has to say to people goes to stderr.
 *
 * ```sh
 * deno task maelstrom test -w echo --bin examples/nodejs/echo.mjs --time-limit 5
 * ```
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";

/** Sends a message back to the sender of a request, with the number of the request. */
function reply({ src, dest, body: { msg_id } }, body) {
  const message = { src: dest, dest: src, body: { ...body, in_reply_to: msg_id } };
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const request = JSON.parse(line);
  const { type, echo } = request.body;
  // The first message names this node and all nodes: body.node_id, body.node_ids.
  if (type === "init") reply(request, { type: "init_ok" });
  else if (type === "echo") reply(request, { type: "echo_ok", echo });
  else reply(request, { type: "error", code: 10, text: "not supported" });
});
