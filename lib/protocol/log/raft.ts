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
import { Commits } from "./commits.ts";
import { type Entry, KeyLog } from "./key_log.ts";
import { FairPoll, type Log, type Offsets, type PollLimits, type PollResult } from "./log.ts";

/** A snapshot has all entries, so it is made less often than one of registers. */
const COMPACT_AFTER = 1000;

/** A command: a send of a message, or a commit of offsets. */
type Command =
  | { readonly key: string; readonly message: Json }
  | { readonly commit: Offsets };
/** A query: a poll, or the committed offsets of some keys. */
type Query = { readonly poll: Offsets } | { readonly committed: string[] };

/** How the logs are kept and read. */
export interface LogLimits {
  readonly limits: PollLimits;
  /** The number of last entries that are kept of each key. */
  readonly retain: number;
}

/** The logs of all keys, and the committed offsets. */
export class ReplicatedLogs implements StateMachine {
  readonly #fairPoll: FairPoll;
  readonly #retain: number;
  readonly #logs = new Map<string, KeyLog>();
  readonly #commits = new Commits();

  /** Creates logs without entries. */
  constructor({ limits, retain }: LogLimits) {
    this.#fairPoll = new FairPoll(limits);
    this.#retain = retain;
  }

  apply(command: Json): Json {
    const change = command as Command;
    if ("commit" in change) {
      for (const [key, offset] of Object.entries(change.commit)) this.#commits.raise(key, offset);
      return null;
    }
    const log = this.#log(change.key);
    const offset = log.endOffset;
    log.append(offset, change.message);
    return offset;
  }

  query(query: Json): Json {
    const read = query as Query;
    if ("committed" in read) return this.#commits.select(read.committed);
    return this.#fairPoll.poll(
      read.poll,
      (key, offset, maxEntries) => this.#logs.get(key)?.read(offset, maxEntries) ?? [],
    );
  }

  snapshot(): Json {
    const logs = [...this.#logs].map(([key, log]): Json => [key, log.read(0, Infinity)]);
    return { logs, commits: this.#commits.pairs() };
  }

  restore(snapshot: Json): void {
    const { logs, commits } = snapshot as unknown as {
      readonly logs: readonly [string, Entry[]][];
      readonly commits: readonly [string, number][];
    };
    this.#logs.clear();
    this.#commits.clear();
    for (const [key, entries] of logs) {
      for (const [offset, message] of entries) this.#log(key).append(offset, message);
    }
    for (const [key, offset] of commits) this.#commits.raise(key, offset);
  }

  #log(key: string): KeyLog {
    let log = this.#logs.get(key);
    if (log === undefined) {
      log = new KeyLog(this.#retain);
      this.#logs.set(key, log);
    }
    return log;
  }
}

/** Starts a member that replicates logs, and serves its clients. */
export async function raft(node: Node, limits: LogLimits): Promise<Log> {
  const options = { ...raftDefaults, "compact-after": COMPACT_AFTER };
  const logs = await raftOnNode(node, new ReplicatedLogs(limits), options);
  return {
    send: async (key, message) => await logs.execute({ key, message }) as number,
    poll: async (offsets) => await logs.query({ poll: { ...offsets } }) as PollResult,
    commit: async (offsets) => {
      await logs.execute({ commit: { ...offsets } });
    },
    committed: async (keys) => await logs.query({ committed: [...keys] }) as Offsets,
  };
}
