#!/usr/bin/env node
/**
 * Broadcast: a value that a client sends to one node must eventually be read from all nodes.
 *
 * A node forwards each new value to its neighbours. It keeps the value in a set for each neighbour
 * until that neighbour acknowledges it, and sends the whole set again every RETRY_INTERVAL_MS. So
 * no value is lost under a partition: it is sent until the partition heals.
 *
 * ```sh
 * deno task maelstrom test -w broadcast --bin examples/nodejs/broadcast.mjs --node-count 5 \
 *   --time-limit 20 --rate 10 --nemesis partition
 * ```
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";

const RETRY_INTERVAL_MS = 200;

let nodeId = "";
const values = new Set();
/** For each neighbour, the values that it has not acknowledged yet. */
const pending = new Map();

function send(dest, body) {
  process.stdout.write(`${JSON.stringify({ src: nodeId, dest, body })}\n`);
}

/** Stores values and forwards the new ones, except to the neighbour that sent them. */
function receive(received, sender) {
  const newValues = received.filter((value) => !values.has(value));
  if (newValues.length === 0) return;
  for (const value of newValues) values.add(value);
  for (const [neighbour, unacknowledged] of pending) {
    if (neighbour === sender) continue;
    for (const value of newValues) unacknowledged.add(value);
    send(neighbour, { type: "gossip", values: newValues });
  }
}

function retry() {
  for (const [neighbour, unacknowledged] of pending) {
    if (unacknowledged.size > 0) send(neighbour, { type: "gossip", values: [...unacknowledged] });
  }
}

/** The handlers by message type. Each returns its reply, or undefined if there is none. */
const handlers = {
  init({ node_id }) {
    nodeId = node_id;
    return { type: "init_ok" };
  },
  topology({ topology }) {
    for (const neighbour of topology[nodeId]) pending.set(neighbour, new Set(values));
    return { type: "topology_ok" };
  },
  broadcast({ message }) {
    receive([message]);
    return { type: "broadcast_ok" };
  },
  read: () => ({ type: "read_ok", messages: [...values] }),
  gossip(body, src) {
    receive(body.values, src);
    // Acknowledges values that this node had before, too: the first acknowledgement may be lost.
    send(src, { type: "gossip_ok", values: body.values });
  },
  gossip_ok(body, src) {
    for (const value of body.values) pending.get(src).delete(value);
  },
};

const input = createInterface({ input: process.stdin });
input.on("line", (line) => {
  const { src, body } = JSON.parse(line);
  const reply = handlers[body.type](body, src);
  if (reply !== undefined) send(src, { ...reply, in_reply_to: body.msg_id });
});
const timer = setInterval(retry, RETRY_INTERVAL_MS);
// The node ends with its input.
input.on("close", () => clearInterval(timer));
