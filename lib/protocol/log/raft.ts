/**
 * Strategy `raft`: the nodes replicate a log of sends and commits by Raft, which
 * `lib/protocol/consensus/raft` implements. Every node executes them in the same order, so all nodes have
 * the same entries and offsets, without gaps.
 *
 * A send is acknowledged when a majority has it on disk and the leader has executed it. It survives the
 * restart of all nodes, and the loss of a minority. The leader answers polls from its entries, once a
 * majority has confirmed that it still leads (ReadIndex). So a poll returns everything that was
 * acknowledged before it, at any node. A poll of the node's own entries would need no message, but would
 * miss an entry until the node learns from the leader that the entry is committed.
 *
 * A node without a link to a majority serves nothing.
 *
 * @module
 */

import type { Json, Node } from "../../node/mod.ts";
import type { StateMachine } from "../consensus/raft/mod.ts";
import { raftDefaults, raftOnNode } from "../consensus/raft_on_node.ts";
import type { Log, Offsets, PollResult } from "./log.ts";
import { MemoryLog } from "./memory_log.ts";

/** A snapshot has all entries, so it is made less often than one of registers. */
const COMPACT_AFTER = 1000;

/** A command: a send of a message, or a commit of offsets. */
type Command =
  | { readonly key: string; readonly message: Json }
  | { readonly commit: Offsets };
/** A query: a poll, or the committed offsets of some keys. */
type Query = { readonly poll: Offsets } | { readonly committed: string[] };

/** The logs of all keys, and the committed offsets. */
export class ReplicatedLogs implements StateMachine {
  readonly #perKey: number;
  #log: MemoryLog;

  /** A poll returns at most `perKey` entries of a key. */
  constructor(perKey: number) {
    this.#perKey = perKey;
    this.#log = new MemoryLog(perKey);
  }

  apply(command: Json): Json {
    const change = command as Command;
    if (!("commit" in change)) return this.#log.send(change.key, change.message);
    this.#log.commit(change.commit);
    return null;
  }

  query(query: Json): Json {
    const read = query as Query;
    return "committed" in read ? this.#log.committed(read.committed) : this.#log.poll(read.poll);
  }

  snapshot(): Json {
    return this.#log.snapshot();
  }

  restore(snapshot: Json): void {
    this.#log = new MemoryLog(this.#perKey);
    this.#log.restore(snapshot);
  }
}

/** Starts a member that replicates logs, and serves its clients. */
export async function raft(
  node: Node,
  { perKey }: { readonly perKey: number },
): Promise<Log> {
  const options = { ...raftDefaults, "compact-after": COMPACT_AFTER };
  const logs = await raftOnNode(node, new ReplicatedLogs(perKey), options);
  return {
    send: async (key, message) => await logs.execute({ key, message }) as number,
    poll: async (offsets) => await logs.query({ poll: { ...offsets } }) as PollResult,
    commit: async (offsets) => {
      await logs.execute({ commit: { ...offsets } });
    },
    committed: async (keys) => await logs.query({ committed: [...keys] }) as Offsets,
  };
}
