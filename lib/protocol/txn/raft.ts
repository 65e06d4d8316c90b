/**
 * Strategy `raft`: the nodes replicate a log of transactions by Raft, which `lib/protocol/consensus/raft`
 * implements. A transaction with a write is one command. Every node executes the commands in the order of
 * the log, each as a whole, so all nodes have the same values.
 *
 * It is strictly serializable: the order of the log is a serial order, and a transaction is executed
 * between request and reply. A transaction that only reads is not in the log; the leader answers it from
 * its values, once a majority has confirmed that it still leads (ReadIndex, section 6.4 of Ongaro's
 * dissertation).
 *
 * Any node forwards transactions to the leader. A result holds the values of the reads only: the sender
 * has everything else.
 *
 * @module
 */

import type { Json, Node } from "../../node/mod.ts";
import type { StateMachine } from "../consensus/raft/mod.ts";
import { raftDefaults, raftOnNode } from "../consensus/raft_on_node.ts";
import type { Datatype } from "./root/mod.ts";
import {
  canonicalKey,
  fillReads,
  isRead,
  type MicroOperation,
  readsOf,
  State,
  type Transact,
  type Transaction,
  type Write,
} from "./transaction.ts";

/** The values of all keys: what the log's transactions read and write. */
export class Database implements StateMachine {
  readonly #datatype: Datatype;
  /** The values by canonical key. */
  #values = new Map<string, Json>();

  /** Creates a database without values. */
  constructor(datatype: Datatype) {
    this.#datatype = datatype;
  }

  apply(command: Json): Json {
    const workspace = this.#fork();
    const results = workspace.run(command as unknown as Transaction);
    for (const key of new Set(workspace.writes.map(([key]: Write) => canonicalKey(key)))) {
      this.#values.set(key, workspace.read(key) as Json);
    }
    return readsOf(results);
  }

  query(query: Json): Json {
    return readsOf(this.#fork().run(query as unknown as Transaction));
  }

  snapshot(): Json {
    return [...this.#values];
  }

  restore(snapshot: Json): void {
    this.#values = new Map(snapshot as [string, Json][]);
  }

  #fork(): State {
    return new State(this.#datatype.apply, (key) => this.#values.get(key));
  }
}

/**
 * Starts a member, and returns the function that executes its clients' transactions. A snapshot replaces
 * `compactAfter` entries of the log.
 */
export async function transactByRaft(
  node: Node,
  datatype: Datatype,
  compactAfter: number,
): Promise<Transact> {
  const options = { ...raftDefaults, "compact-after": compactAfter };
  const raft = await raftOnNode(node, new Database(datatype), options);
  return async (transaction) => {
    const command = transaction.map((operation): Json => [...operation]);
    const reads = transaction.every(isRead)
      ? await raft.query(command)
      : await raft.execute(command);
    return fillReads([transaction], reads as Json[])[0] as MicroOperation[];
  };
}
