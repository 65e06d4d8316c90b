#!/usr/bin/env -S deno run --allow-read=storage --allow-write=storage
/**
 * Broadcast that loses no acknowledged value when nodes are killed or their power fails.
 *
 * **Idea.** A node writes a client's value to its disk, waits until the write is durable, and only
 * then adds the value to its log and acknowledges it. The replication engine brings the log's values
 * to all other nodes, which need not write them: a node that restarts reads its own clients' values
 * from its disk, adds them to its log again, and receives all others from its peers.
 *
 * **Why it is right.** Each acknowledged value is on the disk of the node that acknowledged it, so
 * each incarnation of that node has it in its log. The value is added after it is durable: else a
 * client could read a value that a loss of power then revokes. A node that is killed while it waits
 * for its disk has acknowledged nothing; the value may appear after the restart, or never, which is
 * what the client's timeout means.
 *
 * **Cost.** A sync of the disk before each acknowledgement (values that arrive together share one),
 * and, after a restart, the node's own values once more over the network. The disk's log is never
 * compacted, because a broadcast value is never deleted.
 *
 * `--fault` plants a fault, and the checker reports its anomaly:
 *
 * | Fault | What the node does wrong | Anomaly |
 * |---|---|---|
 * | `early-reply` | acknowledges a value before it is durable | `lost` |
 * | `no-recovery` | ignores what the disk has | `lost` |
 *
 * ```sh
 * deno task explore broadcast --bin examples/durable_broadcast.ts --nemesis kill,disk,partition
 * ```
 *
 * @module
 */

import { type Json, schema, serve } from "../lib/node/mod.ts";
import { EntryLog, gossip } from "../lib/replication/mod.ts";
import { defineFaultyNode } from "./support/fault.ts";

const GOSSIP = { interval: 200, "rto-margin": 100, "max-rto": 600, "max-timeouts": 3 };

const encode = (value: Json) => new TextEncoder().encode(JSON.stringify(value));
const decode = (record: Uint8Array): Json => JSON.parse(new TextDecoder().decode(record));

const durableBroadcast = defineFaultyNode(
  ["early-reply", "no-recovery"],
  async (node, fault) => {
    const values = new EntryLog(node);
    const { changed } = gossip(node, values, GOSSIP);
    const add = (value: Json) => {
      if (values.add(value, node.monotonic())) changed();
    };
    node.exposeState(() => ({ values: values.values }));

    const { records } = await node.storage.recover();
    if (fault !== "no-recovery") records.map(decode).forEach(add);

    node.on("topology", () => ({ type: "topology_ok" }));
    node.on("broadcast", { message: schema.json }, async ({ message }) => {
      node.storage.append(encode(message));
      if (fault !== "early-reply") await node.storage.sync();
      add(message);
      return { type: "broadcast_ok" };
    });
    node.on("read", () => ({ type: "read_ok", messages: [...values.values] }));
  },
  { persists: true },
);

export default durableBroadcast;

if (import.meta.main) await serve(durableBroadcast);
