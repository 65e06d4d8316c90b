/**
 * Requests of the kafka workload to a {@link FakeNode}. Each function sends a request, lets
 * `durationMs` pass (0 by default), and returns the result: undefined without a reply, `{error: code}`
 * after an error.
 *
 * @module
 */

import type { Body, Json } from "../../../lib/node/mod.ts";
import type { FakeNode } from "../../../lib/testing/fake_node.ts";

type Offsets = Record<string, number>;

/** Sends a message; returns its offset. */
export function send(node: FakeNode, key: string, msg: Json, durationMs = 0): Promise<unknown> {
  return request(node, { type: "send", key, msg }, "offset", durationMs);
}

/** Polls; returns entries by key. */
export function poll(node: FakeNode, offsets: Offsets, durationMs = 0): Promise<unknown> {
  return request(node, { type: "poll", offsets }, "msgs", durationMs);
}

/** Commits offsets; returns the type of the reply. */
export function commit(node: FakeNode, offsets: Offsets, durationMs = 0): Promise<unknown> {
  return request(node, { type: "commit_offsets", offsets }, "type", durationMs);
}

/** Returns the committed offsets of keys. */
export function committed(node: FakeNode, keys: string[], durationMs = 0): Promise<unknown> {
  return request(node, { type: "list_committed_offsets", keys }, "offsets", durationMs);
}

async function request(
  node: FakeNode,
  body: Body,
  field: string,
  durationMs: number,
): Promise<unknown> {
  const before = node.host.sent.length;
  const msg_id = before + 1_000_000;
  node.receive({ ...body, msg_id });
  await node.host.advance(durationMs);
  const reply = node.host.sent.slice(before).find(({ body }) => body.in_reply_to === msg_id)?.body;
  return reply?.type === "error" ? { error: reply.code } : reply?.[field];
}
