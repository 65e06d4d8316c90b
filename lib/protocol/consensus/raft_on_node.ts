/**
 * Runs a member of a Raft cluster on a {@link Node}.
 *
 * @module
 */

import { InvariantError } from "../../base/mod.ts";
import {
  type Body,
  ErrorCode,
  type ExploredFlags,
  type Fields,
  flag,
  type FlagValues,
  type Node,
  REQUEST_DEADLINE_MS,
  RpcError,
  type Schema,
  schema,
} from "../../node/mod.ts";
import {
  DEFAULT_COMPACT_AFTER,
  DEFAULT_COMPACT_FACTOR,
  DEFAULT_TIMING,
  type Entry,
  type MemberChange,
  type NumberedCommand,
  type Outcome,
  RaftServer,
  RequestError,
  type ServerMessage,
  type StateMachine,
} from "./raft/mod.ts";
import { Routes } from "./routes.ts";

const ms = { placeholder: "MS", min: 1, max: 60_000 } as const;

/** The flags of a node that runs Raft. */
export const raftFlags = {
  "election-timeout": flag.number({
    ...ms,
    help: "shortest election timeout",
    default: DEFAULT_TIMING.electionMs,
  }),
  heartbeat: flag.number({
    ...ms,
    help: "time between heartbeats",
    default: DEFAULT_TIMING.heartbeatMs,
  }),
  "raft-linger": flag.number({
    ...ms,
    min: 0,
    help: "batch requests for",
    default: DEFAULT_TIMING.lingerMs,
  }),
  "max-entries": flag.number({
    placeholder: "N",
    help: "log entries in a message, at most",
    default: DEFAULT_TIMING.maxEntries,
    min: 1,
    integer: true,
  }),
  "max-chunk-bytes": flag.number({
    placeholder: "N",
    help: "bytes of a snapshot in a message, at most",
    default: DEFAULT_TIMING.maxChunkBytes,
    min: 1,
    integer: true,
  }),
  "lease-drift": flag.number({
    placeholder: "FRACTION",
    help: "max clock drift for reads by leases; 0: no leases",
    default: 0,
    min: 0,
    max: 0.9,
  }),
  "compact-after": flag.number({
    placeholder: "N",
    help: "log entries before compaction",
    default: DEFAULT_COMPACT_AFTER,
    min: 1,
    integer: true,
  }),
  "compact-factor": flag.number({
    placeholder: "N",
    help: "log bytes before compaction, in snapshots",
    default: DEFAULT_COMPACT_FACTOR,
    above: true,
  }),
  "min-timeout": flag.number({
    ...ms,
    help: "give up a request after, at least",
    default: 900,
    max: REQUEST_DEADLINE_MS,
  }),
};

/** What explore tries: short logs, messages with few entries or short parts of snapshots, and leases. */
export const raftExplores = {
  "compact-after": [1, 8],
  "compact-factor": [0.01],
  "max-entries": [32],
  "max-chunk-bytes": [100, 1000],
  "lease-drift": [0.1],
} as const satisfies ExploredFlags<keyof typeof raftFlags>;

/** The values of {@link raftFlags}. */
export type RaftFlags = FlagValues<typeof raftFlags>;

/** The defaults for nodes without these flags, whose clients wait for five seconds. */
export const raftDefaults: RaftFlags = {
  "election-timeout": raftFlags["election-timeout"].default,
  heartbeat: raftFlags.heartbeat.default,
  "raft-linger": raftFlags["raft-linger"].default,
  "max-entries": raftFlags["max-entries"].default,
  "max-chunk-bytes": raftFlags["max-chunk-bytes"].default,
  "lease-drift": raftFlags["lease-drift"].default,
  "compact-after": raftFlags["compact-after"].default,
  "compact-factor": raftFlags["compact-factor"].default,
  "min-timeout": 4000,
};

/** A request may take this many median response times, if that is longer than the minimum. */
const TIMEOUT_RESPONSE_TIMES = 2;

const entry: Schema<Entry> = schema.object({
  term: schema.natural,
  command: schema.optional(schema.json),
  members: schema.optional(schema.array(schema.string)),
}) as Schema<Entry>;
const command = schema.tuple(schema.natural, schema.json) as Schema<NumberedCommand>;
const outcome = schema.either(
  schema.object({ result: schema.json }),
  schema.object({ expired: schema.literal(true) }),
  schema.object({ refused: schema.string }),
) as Schema<Outcome>;
const change = schema.either(
  schema.object({ add: schema.string }),
  schema.object({ remove: schema.string }),
) as Schema<MemberChange>;
const reply = { client: schema.string, batch: schema.natural };
const acknowledgement = { term: schema.natural, round: schema.natural };

/** The fields of the messages between members. */
const messages: Readonly<Record<ServerMessage["type"], Fields>> = {
  request_vote: {
    term: schema.natural,
    last_index: schema.natural,
    last_term: schema.natural,
    pre: schema.optional(schema.boolean),
    transfer: schema.optional(schema.boolean),
  },
  vote: { term: schema.natural, granted: schema.boolean, pre: schema.optional(schema.boolean) },
  append_entries: {
    ...acknowledgement,
    prev_index: schema.natural,
    prev_term: schema.natural,
    entries: schema.array(entry),
    commit: schema.natural,
  },
  install_snapshot: {
    ...acknowledgement,
    last_index: schema.natural,
    last_term: schema.natural,
    offset: schema.natural,
    data: schema.string,
    done: schema.boolean,
  },
  chunk_received: { ...acknowledgement, last_index: schema.natural, offset: schema.natural },
  appended: { ...acknowledgement, match: schema.natural },
  rejected: {
    ...acknowledgement,
    prev_index: schema.natural,
    conflict_index: schema.natural,
    conflict_term: schema.optional(schema.natural),
  },
  timeout_now: { term: schema.natural },
  forward: {
    ...reply,
    term: schema.natural,
    open: schema.optional(schema.string),
    session: schema.optional(schema.natural),
    first: schema.optional(schema.natural),
    commands: schema.optional(schema.array(command)),
    queries: schema.optional(schema.array(command)),
    changes: schema.optional(schema.array(schema.tuple(schema.natural, change))),
  },
  forwarded: {
    ...reply,
    session: schema.optional(schema.natural),
    results: schema.array(schema.tuple(schema.natural, outcome)),
  },
  refused: {
    ...reply,
    term: schema.natural,
    leader: schema.optional(schema.string),
    accepted: schema.optional(schema.boolean),
  },
};

/** The messages to which the receiver replies. */
const REQUESTS: ReadonlySet<string> = new Set([
  "request_vote",
  "append_entries",
  "install_snapshot",
  "forward",
]);

/** Requests of a node's clients to the cluster; errors are those of Maelstrom's protocol. */
export interface RaftNode extends Pick<RaftServer, "execute" | "query"> {
  readonly server: RaftServer;
  addMember: RaftServer["addMember"];
  removeMember: RaftServer["removeMember"];
}

/**
 * Starts a member on a node. Rejections are `RpcError`s: code 11 (temporarily-unavailable) if the
 * request was certainly not executed, and 0 (timeout) if it may have been.
 */
export async function raftOnNode(
  node: Node,
  machine: StateMachine,
  flags: RaftFlags,
): Promise<RaftNode> {
  const leaseDrift = flags["lease-drift"];
  const routes = new Routes({
    node,
    deliver: (from, body) => server.receive(from, body as unknown as ServerMessage),
  });
  const server = await RaftServer.start({
    id: node.id,
    members: node.nodes,
    incarnation: node.incarnation,
    machine,
    storage: node.storage,
    clock: node,
    random: () => node.random(),
    transport: {
      send: (to, message) => routes.send(to, message as Body, REQUESTS.has(message.type)),
    },
    timing: {
      electionMs: flags["election-timeout"],
      heartbeatMs: flags.heartbeat,
      lingerMs: flags["raft-linger"],
      maxEntries: flags["max-entries"],
      maxChunkBytes: flags["max-chunk-bytes"],
      ...(leaseDrift === 0 ? {} : { leaseDrift }),
    },
    compactAfter: flags["compact-after"],
    compactFactor: flags["compact-factor"],
    sometimes: (text) => node.sometimes(text),
    // A violated invariant that a timer's function throws ends the node.
    fail: (error) =>
      node.after(0, () => {
        throw error instanceof InvariantError ? error : new InvariantError(String(error));
      }),
  });
  for (const [type, fields] of Object.entries(messages)) {
    node.on(type, fields, (body, { src }) => {
      routes.received(src);
      server.receive(src, body as unknown as ServerMessage);
    });
  }
  node.exposeState(() => {
    const { leader = null, ...state } = server.state;
    return { ...state, leader };
  });
  const timeoutMs = () =>
    Math.min(
      REQUEST_DEADLINE_MS,
      Math.max(flags["min-timeout"], TIMEOUT_RESPONSE_TIMES * (server.responseMs ?? 0)),
    );
  const options = { timeoutMs };
  return {
    server,
    execute: (command) => server.execute(command, options).catch(rethrow),
    query: (query) => server.query(query, options).catch(rethrow),
    addMember: (id) => server.addMember(id, options).catch(rethrow),
    removeMember: (id) => server.removeMember(id, options).catch(rethrow),
  };
}

function rethrow(error: unknown): never {
  if (!(error instanceof RequestError)) throw error;
  const { outcome, message } = error;
  const isDefinite = outcome === "not-executed";
  throw new RpcError(isDefinite ? ErrorCode.temporarilyUnavailable : ErrorCode.timeout, message);
}
