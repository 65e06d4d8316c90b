#!/usr/bin/env -S deno run --allow-read=storage --allow-write=storage
/**
 * A key-value store whose keys are linearizable registers: `read`, `write`, `cas`.
 *
 * Strategy `raft`: the nodes replicate a log of commands by Raft (Ongaro and Ousterhout, "In Search
 * of an Understandable Consensus Algorithm", 2014), which `lib/protocol/consensus/raft` implements.
 * This file has what the log means: the state machine {@link Registers}, which all nodes run.
 *
 * One node leads. It appends the commands of all clients to its log, replicates the log to the other
 * nodes, and executes a command when a majority has it on disk. So the command survives the loss of
 * any minority, and all nodes execute the same commands in the same order. If the leader fails, a
 * majority elects one whose log has all that was committed.
 *
 * - **Any node** takes a request, and forwards it to the leader. It repeats the request to the next
 *   leader if the first one fails. The request has a number in the node's session, so that a command
 *   which arrives twice is executed once.
 * - **Reads** are not in the log. The leader answers from its state, after a majority has confirmed
 *   that it still leads (ReadIndex); with `--lease-drift` without asking, for a time.
 * - **Why it is linearizable**: each write and compare-and-set takes effect when its entry is
 *   executed, once, between request and reply. A read sees a state between its request and its reply.
 * - **Errors**: 20 and 22 are the state machine's replies. 11 (temporarily-unavailable) means that
 *   the command was certainly not executed; 0 (timeout) that it may have been, or may still be.
 * - **Disk**: a node has its term, its vote and its log on disk before it promises them to another
 *   node. So it survives the restart of all nodes.
 *
 * It needs a majority of connected nodes. Messages for an operation: to the leader and back, and two
 * for each node that a majority needs besides the leader; under load, requests share them.
 *
 * The other strategies are on pages of `lib/protocol/consensus`: `caspaxos` keeps each key as a register
 * of its own, without a leader and a log; `proxy` forwards all requests to Maelstrom's service lin-kv.
 *
 * @module
 */
import {
  canonicalJson,
  contract,
  defineNode,
  ErrorCode,
  flag,
  type Json,
  type Node,
  RpcError,
  serve,
} from "../lib/node/mod.ts";
import { casPaxosLinKv } from "../lib/protocol/consensus/caspaxos_lin_kv.ts";
import { proxyLinKv } from "../lib/protocol/consensus/proxy.ts";
import type { StateMachine } from "../lib/protocol/consensus/raft/mod.ts";
import { raftExplores, raftFlags, raftOnNode } from "../lib/protocol/consensus/raft_on_node.ts";

/** The requests of lin-kv by their type; `null` as a result of `read` is a value. */
type Command =
  | { readonly type: "read"; readonly key: Json }
  | { readonly type: "write"; readonly key: Json; readonly value: Json }
  | { readonly type: "cas"; readonly key: Json; readonly from: Json; readonly to: Json };

/** The reply to a command: a value, or an error's code and text. */
type Result = { value: Json } | { code: number; text: string };

/** The registers of all keys: what the log's commands change. */
export class Registers implements StateMachine {
  /** The values by the keys' canonical JSON. */
  #values = new Map<string, Json>();

  apply(command: Json): Json {
    return this.#execute(command as Command);
  }

  query(query: Json): Json {
    return this.#execute(query as Command);
  }

  snapshot(): Json {
    return [...this.#values];
  }

  restore(snapshot: Json): void {
    this.#values = new Map(snapshot as [string, Json][]);
  }

  #execute(command: Command): Result {
    const key = canonicalJson(command.key);
    const current = this.#values.get(key);
    if (command.type === "write") {
      this.#values.set(key, command.value);
      return { value: null };
    }
    if (current === undefined) {
      return { code: ErrorCode.keyDoesNotExist, text: `the key ${key} does not exist` };
    }
    if (command.type === "read") return { value: current };
    const found = canonicalJson(current);
    const expected = canonicalJson(command.from);
    if (found !== expected) {
      const text = `the value of ${key} is ${found}, not ${expected}`;
      return { code: ErrorCode.preconditionFailed, text };
    }
    this.#values.set(key, command.to);
    return { value: null };
  }
}

const flags = {
  strategy: flag.oneOf(["raft", "caspaxos", "proxy"], {
    help: "raft, caspaxos, proxy",
    default: "raft",
  }),
  ...raftFlags,
};

/** Handles `read`, `write` and `cas`. */
const linKv = defineNode(
  {
    flags,
    serves: contract.linKv,
    persists: ({ strategy }) => strategy !== "proxy",
    changesMembership: ({ strategy }) => strategy === "raft",
    explores: ({ strategy }) => strategy === "raft" ? raftExplores : {},
  },
  (node, flags) => {
    const start = STRATEGIES[flags.strategy];
    return start(node, flags);
  },
);

const STRATEGIES = { raft: raftLinKv, caspaxos: casPaxosLinKv, proxy: proxyLinKv };

/** Replicates {@link Registers}, and forwards the requests of this node's clients to the leader. */
async function raftLinKv(node: Node, flags: Parameters<typeof raftOnNode>[2]) {
  const raft = await raftOnNode(node, new Registers(), flags);
  node.on(contract.membership.add_member, async ({ node: id }) => {
    await raft.addMember(id);
    return {};
  });
  node.on(contract.membership.remove_member, async ({ node: id }) => {
    await raft.removeMember(id);
    return {};
  });
  return {
    read: async ({ key }: { key: Json }) => ({
      value: valueOf(await raft.query({ type: "read", key })),
    }),
    async write({ key, value }: { key: Json; value: Json }) {
      valueOf(await raft.execute({ type: "write", key, value }));
      return {};
    },
    async cas({ key, from, to }: { key: Json; from: Json; to: Json }) {
      valueOf(await raft.execute({ type: "cas", key, from, to }));
      return {};
    },
  };
}

/** Returns the value of a result; throws its error. */
function valueOf(result: Json): Json {
  const { value, code, text } = result as { value?: Json; code?: number; text?: string };
  if (value !== undefined) return value;
  throw new RpcError(code as number, text as string);
}

export default linKv;
if (import.meta.main) await serve(linKv);
