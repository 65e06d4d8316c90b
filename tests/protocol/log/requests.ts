/**
 * Requests of the kafka workload to a node under a fake host. Each lets so many milliseconds pass
 * at that node, none unless it is told, and then gives what was answered: undefined when nothing
 * was, `{error: code}` for an error.
 *
 * @module
 */

import type { Body, Json } from "../../../lib/node/mod.ts";
import type { FakeNode } from "../../../lib/testing/fake_node.ts";

type Offsets = Record<string, number>;

/** Sends a message; gives its offset. */
export function send(node: FakeNode, key: string, msg: Json, within = 0): Promise<unknown> {
  return ask(node, { type: "send", key, msg }, "offset", within);
}

/** Polls; gives the entries by key. */
export function poll(node: FakeNode, offsets: Offsets, within = 0): Promise<unknown> {
  return ask(node, { type: "poll", offsets }, "msgs", within);
}

/** Commits; gives the type of the answer. */
export function commit(node: FakeNode, offsets: Offsets, within = 0): Promise<unknown> {
  return ask(node, { type: "commit_offsets", offsets }, "type", within);
}

/** Gives the committed offsets of keys. */
export function committed(node: FakeNode, keys: string[], within = 0): Promise<unknown> {
  return ask(node, { type: "list_committed_offsets", keys }, "offsets", within);
}

async function ask(node: FakeNode, body: Body, field: string, within: number): Promise<unknown> {
  const msg_id = node.host.sent.length + 1_000_000;
  const before = node.host.sent.length;
  node.receive({ ...body, msg_id });
  await node.host.advance(within);
  const reply = node.host.sent.slice(before).find(({ body }) => body.in_reply_to === msg_id)?.body;
  return reply?.type === "error" ? { error: reply.code } : reply?.[field];
}
