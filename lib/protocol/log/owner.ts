/**
 * Strategy `owner`: a hash of the key selects its owner, one of the nodes. The owner assigns the
 * key's offsets. Other nodes forward sends to it, and serve polls from a copy.
 *
 * *Why it is right.* One node orders a key, so its log is 0, 1, 2, … in the order in which sends
 * arrive there. Copies receive batches by FIFO broadcast ({@link BatchLog}), so each copy is a prefix:
 * a poll can be behind, but never skips an entry. A forwarded send is executed once, however often it
 * is retransmitted (see {@link ForwardedSends}). While the owner is unreachable, a send fails at its
 * deadline, with an indefinite error. The owner assigned what a client has polled anywhere before the
 * client's next send, which is therefore ordered after it. An owner that lost its memory continues far
 * enough after what the others have, so that it assigns no offset twice; the log has a gap there.
 *
 * *What it costs.* A forwarded send costs two messages and takes one round trip. Copies and
 * commits cost one message for each node and interval, at any load. Polls and commits are served
 * immediately, also during partitions; sends only on the owner's side. Nodes do not contend for a busy
 * key.
 *
 * *What it does not survive.* An owner that loses its memory loses the acknowledged sends that it has
 * not sent to a peer yet.
 *
 * @module
 */

import { type Json, type Node, schema } from "../../node/mod.ts";
import { type ForwardedSends, Forwarder, serveForwards } from "./forwarder.ts";
import { type Entry, KeyLog, type Log } from "./log.ts";
import { type LogSource, type Place, Replica, type ReplicaSettings } from "./replica.ts";

/** Creates a log on a node. Tests pass a `forwarded` with a planted fault. */
export function owner(
  node: Node,
  settings: ReplicaSettings,
  forwarded?: Pick<ForwardedSends, "once">,
): Log {
  const replica = new Replica(node, settings, (place) => new OwnerLog(place));
  const nodes = [...node.nodes].sort();
  const forwarder = new Forwarder(node);
  serveForwards(node, (...send) => replica.append(...send), forwarded);
  return {
    send: (key, message, request) =>
      replica.whenReady(request, () => {
        const { source } = replica;
        if (source.owns(key)) return replica.append(key, message, request);
        const owner = nodes[source.ownerOf(key)] as string;
        const incarnation = replica.incarnationOf(owner);
        return forwarder.send({ node: owner, incarnation }, key, message, request);
      }),
    poll: replica.poll,
    commit: replica.commit,
    committed: replica.committed,
  };
}

/** Messages at consecutive offsets. */
type Run = [key: string, first: number, messages: Json[]];

/** The entries of one key. */
interface Key {
  readonly log: KeyLog;
  /** The next offset to assign. Used by the key's owner only. */
  next: number;
}

/**
 * The logs of one node, without the network: the logs of the keys that it owns, and copies of all
 * others. Invariant: a copy is a prefix of its owner's log, because batches are applied in order.
 */
export class OwnerLog implements LogSource {
  readonly contentSchema = schema.array(
    schema.tuple(schema.string, schema.natural, schema.array(schema.json)),
  );
  readonly #place: Place;
  readonly #keys = new Map<string, Key>();
  /** The entries of the next batch, by key. */
  readonly #updates = new Map<string, Run>();
  /** The first offset of a key that has no entries. */
  #first = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  get hasUpdates(): boolean {
    return this.#updates.size > 0;
  }

  /** Returns the index of the node that owns a key: the key's FNV-1a hash modulo the nodes. */
  ownerOf(key: string): number {
    let hash = 0x811c9dc5;
    for (let index = 0; index < key.length; index++) {
      hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
    }
    // Mixes in high bits: by the low bits alone, numbered keys would cycle through the owners.
    hash ^= hash >>> 15;
    return (hash >>> 0) % this.#place.count;
  }

  /** Returns whether this node owns a key. */
  owns(key: string): boolean {
    return this.ownerOf(key) === this.#place.self;
  }

  append(key: string, message: Json): number {
    const entries = this.#key(key);
    const offset = entries.next++;
    entries.log.append(offset, message);
    if (this.#place.count > 1) {
      const run = this.#updates.get(key);
      if (run === undefined) this.#updates.set(key, [key, offset, [message]]);
      else run[2].push(message);
    }
    return offset;
  }

  read(key: string, offset: number, maxEntries: number): Entry[] {
    return this.#keys.get(key)?.log.read(offset, maxEntries) ?? [];
  }

  start(gap: number): void {
    this.#first = gap;
    for (const entries of this.#keys.values()) entries.next += gap;
  }

  seal(): Json {
    const runs = [...this.#updates.values()];
    this.#updates.clear();
    return runs;
  }

  apply(_writer: number, content: Json): void {
    for (const [key, first, messages] of content as Run[]) {
      const entries = this.#key(key);
      for (const [index, message] of messages.entries()) entries.log.append(first + index, message);
      entries.next = entries.log.endOffset;
    }
  }

  #key(key: string): Key {
    let entries = this.#keys.get(key);
    if (entries === undefined) {
      entries = { log: new KeyLog(), next: this.#first };
      this.#keys.set(key, entries);
    }
    return entries;
  }
}
