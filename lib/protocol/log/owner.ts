/**
 * Strategy `owner`: a hash of the key selects its owner, one of the nodes. The owner assigns the
 * key's offsets. Other nodes forward sends to it, and serve polls from a copy.
 *
 * *Why it is right.* One node orders a key, so its log is 0, 1, 2, … in the order in which sends
 * arrive there. Copies receive batches by FIFO broadcast, so each copy is a prefix: a poll can be
 * behind, but never skips an entry. A forwarded send is executed once, however often it is
 * retransmitted (see {@link ForwardedSends}). When the owner is unreachable, clients receive an error
 * that is definite only if the send was not executed (see {@link Forwarder}). The owner assigned what
 * a client has polled anywhere before the client's next send, which is therefore ordered after it.
 *
 * *What it costs.* Forwarded sends are batched for the linger time, which adds to their latency, and
 * a batch costs two messages. Copies and commits cost one message for each node and interval, at any
 * load. Polls and commits are served immediately, also during partitions; sends only on the owner's
 * side. A log has no gaps, and nodes do not contend for a busy key.
 *
 * *What it does not survive.* An owner that loses its memory recovers what the copies have, and
 * assigns the offsets of the remaining entries again. With acks `all`, the owner acknowledges and
 * returns only what all nodes have received. Everything then survives as long as one of them keeps
 * its memory until the others have recovered. No send succeeds while a node is unreachable.
 *
 * @module
 */

import { ErrorCode, type Json, type Node, RpcError, schema } from "../../node/mod.ts";
import { ForwardedSends } from "./forwarded_sends.ts";
import { Forwarder } from "./forwarder.ts";
import { chain, type ClientRequest, type Log, type MaybePromise } from "./log.ts";
import { OwnerLog } from "./owner_log.ts";
import { Replica } from "./replica.ts";
import { type ReplicatedLogSettings, serveFromCopy } from "./replicated_log.ts";

/** The settings of the strategy. */
export interface OwnerSettings extends ReplicatedLogSettings {
  /** Milliseconds for which forwarded sends are collected into a batch. */
  readonly lingerMs: number;
}

type Send = [key: string, message: Json];

/** The fields of a forwarded batch. */
const forwardFields = {
  /** The incarnation of the node that forwards. */
  sender: schema.string,
  /** The owner's incarnation that the batch is for; empty if the sender has not received it yet. */
  owner: schema.string,
  number: schema.natural,
  oldest: schema.natural,
  sends: schema.array(schema.tuple(schema.string, schema.json)),
};

/** Creates a log on a node. Tests pass a `forwarded` with a planted fault. */
export function owner(
  node: Node,
  settings: OwnerSettings,
  forwarded: Pick<ForwardedSends, "once"> = new ForwardedSends(),
): Log {
  let forwarders: readonly Forwarder[] = [];
  const replica = new Replica(node, settings, (self, nodes, acks) => {
    const { retain, lingerMs } = settings;
    const incarnationOf = (other: string) => replica.incarnationOf(other);
    forwarders = nodes.map((name) => new Forwarder(node, { owner: name, lingerMs, incarnationOf }));
    return new OwnerLog({ self, count: nodes.length, acks, retain });
  });
  const append = (sends: readonly Send[], request: ClientRequest): MaybePromise<number[]> =>
    replica.whenReady(request, () => {
      const offsets = sends.map(([key, message]) => replica.source.append(key, message));
      return replica.whenAcknowledged(request, offsets);
    });
  node.on("ping", () => ({ type: "ping_ok" }));
  node.on("forward", forwardFields, async ({ sends, owner, ...batch }, request) => {
    if (owner !== "" && owner !== replica.incarnation) {
      throw new RpcError(
        ErrorCode.crash,
        "outcome unknown: the owner restarted after this batch was sent",
      );
    }
    const offsets = await forwarded.once(batch, () => append(sends, request));
    return offsets && { type: "forward_ok", offsets: [...offsets] };
  });
  return {
    send: (key, message, request) =>
      replica.whenReady(request, () => {
        const { source } = replica;
        if (source.owns(key)) {
          return chain(append([[key, message]], request), ([offset]) => offset as number);
        }
        const forwarder = forwarders[source.ownerOf(key)] as Forwarder;
        return forwarder.send(key, message, request);
      }),
    ...serveFromCopy(replica, settings.limits),
  };
}
