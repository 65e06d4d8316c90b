/**
 * Strategy `lamport`: each node assigns offsets from its own Lamport clock, without coordination, and
 * broadcasts its entries in batches.
 *
 * There is a counter for each key at each node; an offset is counter × n + index of the node. A node
 * that receives a higher counter continues after it (Lamport, "Time, Clocks, and the Ordering of
 * Events in a Distributed System", 1978). Each batch contains, for the keys in it, the writer's
 * watermark: the counter at or below which it will never again assign an offset. A poll returns a
 * key's entries up to the low watermark, which is the lowest watermark of all nodes.
 *
 * *Why it is right.* Suppose that node r has the low watermark m for key k. Then r has received from
 * every writer w a watermark p ≥ m. When w sealed the batch with p, that batch or an earlier one
 * contained all counters that w had assigned up to p. FIFO broadcast delivers w's batches in order and
 * without gaps, so r has them all. Later counters of w are above p. The entries up to m are therefore
 * final, and the same at all nodes: no poll skips an entry, and no poll contradicts another. Two nodes
 * never assign the same offset, since their offsets differ modulo n. A client's send is ordered after
 * all that it has polled and sent at the same node: the node's own watermark, which is at most its
 * counter, limits what it returns to polls.
 *
 * *Why every acknowledged send becomes visible:* once the network is healthy, all nodes receive an
 * entry with counter c. Each then raises its watermark of the key to at least c, whether clients use
 * the key or not, and all nodes receive those watermarks in turn.
 *
 * *What it costs.* A node sends one message in each interval at any load; each of its n − 1 neighbours
 * receives every (n − 1)-th of them. An entry crosses the network once for each receiver. Sends, polls
 * and commits are served immediately, also during partitions. An entry becomes visible within
 * 2(n − 1) intervals, but not while a node is down or partitioned, since every watermark is needed.
 * Offsets have gaps: one in n is used if a single node writes a key, nearly all if all nodes do. A
 * commit is visible immediately at the node that receives it, and within n − 1 intervals elsewhere.
 *
 * *What it does not survive.* A node that loses its memory loses the acknowledged sends that it has
 * not sent to a peer yet: those of up to n − 1 intervals, or of the whole time of a partition. With
 * acks `all`, a node acknowledges and returns only what all nodes have received. Everything then
 * survives as long as one of them keeps its memory until the others have recovered. That costs two
 * intervals of latency, and no send succeeds while a node is unreachable.
 *
 * @module
 */

import type { Node } from "../../node/mod.ts";
import { LamportLog, type LogSettings } from "./lamport_log.ts";
import type { Log } from "./log.ts";
import { Replica } from "./replica.ts";
import { type ReplicatedLogSettings, serveFromCopy } from "./replicated_log.ts";

/** Creates a log on a node. Tests pass a `createLog` with a planted fault. */
export function lamport(
  node: Node,
  settings: ReplicatedLogSettings,
  createLog = (own: LogSettings) => new LamportLog(own),
): Log {
  const replica = new Replica(
    node,
    settings,
    (self, { length: count }, acks) => createLog({ self, count, acks, retain: settings.retain }),
  );
  return {
    send: (key, message, request) =>
      replica.whenReady(
        request,
        () => replica.whenAcknowledged(request, replica.source.append(key, message)),
      ),
    ...serveFromCopy(replica, settings.limits),
  };
}
