#!/usr/bin/env -S deno run
/**
 * Logs by key in the manner of Kafka (Gossip Glomers challenge 5).
 *
 * @module
 */
import { type Node, schema, serve } from "../lib/node/mod.ts";
import { type Log, logFlags, makeLog, then } from "../lib/protocol/log/mod.ts";

const byKey = { offsets: schema.record(schema.natural) };

/** Answers `send`, `poll`, `commit_offsets` and `list_committed_offsets`. */
export default function kafka(node: Node) {
  serveLog(node, makeLog(node, node.flags(logFlags)));
}

/** Answers requests from a log. */
export function serveLog(node: Node, log: Log): void {
  node.on(
    "send",
    { key: schema.string, msg: schema.json },
    ({ key, msg }) => then(log.send(key, msg), (offset) => ({ type: "send_ok", offset })),
  );
  node.on(
    "poll",
    byKey,
    ({ offsets }) => then(log.poll(offsets), (msgs) => ({ type: "poll_ok", msgs })),
  );
  node.on(
    "commit_offsets",
    byKey,
    ({ offsets }) => then(log.commit(offsets), () => ({ type: "commit_offsets_ok" })),
  );
  node.on(
    "list_committed_offsets",
    { keys: schema.array(schema.string) },
    ({ keys }) =>
      then(log.committed(keys), (offsets) => ({ type: "list_committed_offsets_ok", offsets })),
  );
}

if (import.meta.main) await serve(kafka);
