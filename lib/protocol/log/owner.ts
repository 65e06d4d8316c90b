/**
 * Strategy `owner`: a hash of its name says which node owns a key. The owner gives the offsets;
 * other nodes pass sends on to it, and answer polls from a copy.
 *
 * *Why it is right.* One node orders a key, so its log is 0, 1, 2, … in the order in which sends
 * came there. Copies are told in batches that every node takes in order, so each is a prefix: a
 * poll can be behind, but never skips. A send is done once, however often it travels (see {@link
 * ForwardedSends}), and an owner that cannot be reached makes for the error that is true (see
 * {@link Forwards}). What a client has polled anywhere, the owner has given before, so its next
 * send lies behind it.
 *
 * *What it costs.* Sends to keys of other nodes go together within a window of a few milliseconds,
 * which is what they take longer, for two messages; copies and commits cost a message per node and
 * interval, whatever the load. Polls and commits are answered at once, under any partition; sends
 * only on the owner's side of it. The log has no gaps, and a busy key no contention.
 *
 * *What it does not survive.* An owner that loses its memory gets back from the copies what they
 * have, but gives the offsets of the rest once more. With `--acks all` it acknowledges and shows
 * only what all nodes have, so that everything survives as long as one of them keeps its memory
 * until the others have it back; then nothing can be sent while any node cannot be reached.
 *
 * @module
 */

import { ErrorCode, type Json, type Node, RpcError, schema } from "../../node/mod.ts";
import { ForwardedSends } from "./forwarded_sends.ts";
import { Forwards } from "./forwards.ts";
import { type Log, type Soon, then } from "./log.ts";
import { OwnerLog } from "./owner_log.ts";
import { Replica } from "./replica.ts";
import { type ReplicatedLogSettings, servedByCopy } from "./replicated_log.ts";

/** What the strategy goes by. */
export interface OwnerSettings extends ReplicatedLogSettings {
  /** Milliseconds within which sends to one owner go together. */
  readonly window: number;
}

type Send = [key: string, message: Json];

const forwardFields = {
  sender: schema.string,
  owner: schema.string,
  number: schema.natural,
  oldest: schema.natural,
  sends: schema.array(schema.tuple(schema.string, schema.json)),
};

/** Wires the strategy; `forwarded` is for tests that plant a fault. */
export function owner(
  node: Node,
  settings: OwnerSettings,
  forwarded: Pick<ForwardedSends, "once"> = new ForwardedSends(),
): Log {
  let ways: readonly Forwards[] = [];
  const replica = new Replica(node, settings, (self, nodes, acks) => {
    const { retain, window } = settings;
    const lifeOf = (other: string) => replica.lifeOf(other);
    ways = nodes.map((name) => new Forwards(node, { owner: name, window, lifeOf }));
    return new OwnerLog({ self, count: nodes.length, acks, retain });
  });
  const append = (sends: readonly Send[]): Soon<number[]> =>
    replica.whenReady(() =>
      replica.confirmed(sends.map(([key, message]) => replica.source.append(key, message)))
    );
  node.on("ping", () => ({ type: "ping_ok" }));
  node.on("forward", forwardFields, async ({ sends, owner, ...batch }) => {
    if (owner !== "" && owner !== replica.life) {
      throw new RpcError(ErrorCode.crash, "whether it was done is forgotten");
    }
    const offsets = await forwarded.once(batch, () => append(sends));
    return offsets && { type: "forward_ok", offsets: [...offsets] };
  });
  return {
    send: (key, message) =>
      replica.whenReady(() => {
        const { source } = replica;
        if (!source.owns(key)) return (ways[source.ownerOf(key)] as Forwards).send(key, message);
        return then(append([[key, message]]), ([offset]) => offset as number);
      }),
    ...servedByCopy(replica, settings.limits),
  };
}
