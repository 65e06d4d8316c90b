/**
 * A log of which every node has a copy: it serves polls and commits from the copy, and replicates
 * what its clients write with a {@link BatchLog}.
 *
 * **Messages.** Every node sends every peer its own batches, with n nodes at most once in n − 1
 * intervals T. So a node sends at most one message an interval on average, however many requests it
 * serves, and a batch reaches every node within (n − 1)·T and the latency. Acknowledgements ride
 * along.
 *
 * **Relays.** A node that cannot reach some peers asks each of the others in turn to sync with those.
 * A relay brings both sides all batches that they lack, of all nodes: a peer may not suspect the
 * nodes that it cannot reach, since it has nothing to send there. The relay requests what it lacks
 * itself, such as the past of a node that has restarted, and sends that on.
 *
 * **Ready.** A node cannot know whether it starts for the first time or has lost its memory. Sends
 * and commits wait until every peer has replied to this incarnation, has its first batch, and has
 * sent what it has, directly or over others: a few milliseconds, or until a partition heals. At their
 * deadline they fail with error 11, which is definite. Polls are served from the start.
 *
 * @module
 */

import { invariant } from "../../base/mod.ts";
import { ErrorCode, type Json, type Node, RpcError, schema } from "../../node/mod.ts";
import {
  type Engine,
  gossipPolicy,
  type Policy,
  type PolicyEvent,
  replicate,
  type RetryOptions,
} from "../../replication/mod.ts";
import { BatchLog } from "./batch_log.ts";
import type { BatchSource } from "./origins.ts";
import {
  type ClientRequest,
  type Commit,
  Commits,
  type Entry,
  type Log,
  type MaybePromise,
  type Offsets,
  pollKeys,
} from "./log.ts";

/** The settings of replication. */
export interface ReplicaSettings extends RetryOptions {
  /** Milliseconds between two messages of this node. */
  readonly intervalMs: number;
  /** The most entries of a key in a poll. */
  readonly perKey: number;
}

/** A node's place among all nodes, which are sorted by id. */
export interface Place {
  readonly self: number;
  readonly count: number;
}

/** A node's copy of all logs. */
export interface LogSource extends BatchSource {
  /** Appends a message to a key's log. Returns its offset. */
  append(key: string, message: Json): number;
  /** Returns at most `maxEntries` entries that polls may return, from an offset on. */
  read(key: string, offset: number, maxEntries: number): Entry[];
}

/** A node that has seen a new incarnation waits this long for more of them before it says so. */
const STATEMENT_DELAY_MS = 10;

/** A node that is not ready requests what it lacks from all peers at this interval. */
const RECOVERY_INTERVAL_MS = 2000;

/** The hint of a sync that requests all batches that its sender lacks. */
const ALL = "all";

/** A replicated log on a node. */
export class Replica<S extends LogSource> implements Omit<Log, "send"> {
  /** What is replicated. */
  readonly source: S;
  readonly #node: Node;
  readonly #committing: CommittingSource;
  readonly #log: BatchLog;
  readonly #engine: Engine;
  readonly #changed: () => void;
  readonly #perKey: number;
  /** The peers that others have asked this node to sync with, since they cannot reach them. */
  readonly #relayed = new Set<string>();
  #statementDueMs = Infinity;
  /** When to request what this node lacks, unless it is ready by then. */
  #requestDueMs: number;
  #isReady = false;
  readonly #ready = Promise.withResolvers<void>();

  /** Creates the copy and replicates it. */
  constructor(node: Node, settings: ReplicaSettings, createSource: (place: Place) => S) {
    const nodes = [...node.nodes].sort();
    this.#node = node;
    this.#requestDueMs = node.monotonic() + RECOVERY_INTERVAL_MS;
    this.source = createSource({ self: nodes.indexOf(node.id), count: nodes.length });
    this.#committing = new CommittingSource(this.source);
    this.#perKey = settings.perKey;
    const { id, incarnation } = node;
    this.#log = new BatchLog(this.#committing, { id, incarnation, nodes });
    const { engine, changed } = replicate(node, this.#log, this.#policy(settings), settings);
    this.#engine = engine;
    this.#changed = changed;
    this.#startIfRecovered(node.monotonic());
  }

  /** Returns the current incarnation of a peer; empty before its first message. */
  incarnationOf(peer: string): string {
    return this.#engine.sessions.get(peer)?.you ?? "";
  }

  /**
   * Appends a message; returns its offset. Rejects with error 11 (temporarily-unavailable) if the node
   * is not ready by the request's deadline.
   */
  append(key: string, message: Json, request: ClientRequest): MaybePromise<number> {
    return this.whenReady(request, () => {
      const offset = this.source.append(key, message);
      invariant(Number.isSafeInteger(offset), "offsets are exact");
      this.#noteUpdate();
      return offset;
    });
  }

  poll: Log["poll"] = (offsets) =>
    pollKeys(offsets, (key, offset) => this.source.read(key, offset, this.#perKey));

  commit: Log["commit"] = (offsets, request) =>
    this.whenReady(request, () => {
      if (this.#committing.commit(offsets)) this.#noteUpdate();
    });

  committed: Log["committed"] = (keys, request) =>
    this.whenReady(request, () => this.#committing.committed(keys));

  /** Calls `act` when the node is ready. Rejects with error 11 if it is not by the deadline. */
  whenReady<T>(request: ClientRequest, act: () => MaybePromise<T>): MaybePromise<T> {
    if (this.#isReady) return act();
    const expired = new Promise<never>((_, reject) => {
      const text = "this node has started, but not all of its peers have replied yet";
      const error = new RpcError(ErrorCode.temporarilyUnavailable, text);
      request.signal.addEventListener("abort", () => reject(error));
    });
    return Promise.race([this.#ready.promise, expired]).then(act);
  }

  #noteUpdate(): void {
    if (this.#log.updated(this.#node.monotonic())) this.#changed();
  }

  #policy({ intervalMs }: ReplicaSettings): Policy {
    const { peers } = this.#node;
    return {
      ...gossipPolicy(intervalMs * peers.length, peers),
      on: (event, engine, now) => this.#on(event, engine, now),
      deadlineMs: () => Math.min(this.#statementDueMs, this.#requestDueMs),
    };
  }

  #on(event: PolicyEvent, engine: Engine, now: number): void {
    if (event.type === "tick" && this.#statementDueMs <= now) {
      this.#statementDueMs = Infinity;
      for (const session of engine.sessions.values()) session.isUrgent = true;
    }
    if (event.type === "tick" && this.#requestDueMs <= now) {
      this.#requestDueMs = now + RECOVERY_INTERVAL_MS;
      for (const session of engine.sessions.values()) {
        if (!session.isSuspected) engine.sync(session, now, { hint: ALL });
      }
    }
    if (event.type === "synced") this.#onSync(event, engine, now);
    if (event.type !== "message") return;
    const { peer, you = "" } = event.session;
    // Is it really an earlier incarnation? The one that replies is alive.
    if (!this.#log.meet(peer, you, now)) engine.sync(event.session, now);
    if (this.#log.owesStatement) {
      this.#statementDueMs = Math.min(this.#statementDueMs, now + STATEMENT_DELAY_MS);
    }
    this.#startIfRecovered(now);
  }

  #onSync(
    { session, sync }: PolicyEvent & { type: "synced" },
    engine: Engine,
    now: number,
  ) {
    const { peer, you = "" } = session;
    const { relay = [], summary, time, answers, hint } = sync;
    if (answers !== undefined) this.#log.meet(peer, you, now, answers);
    const isRelayed = this.#relayed.delete(peer);
    const isComplete = hint === ALL || isRelayed || relay.length > 0;
    if (time >= session.peerTimeMs) this.#log.catchUp(peer, you, summary, isComplete, now);
    // The nodes that have asked this one cannot get from it what it lacks itself.
    if (isRelayed && !this.#log.includes(summary)) {
      engine.sync(session, now, { hint: ALL });
    }
    for (const lost of relay) {
      if (engine.sessions.get(lost)?.isSuspected === false) this.#relayed.add(lost);
    }
  }

  #startIfRecovered(now: number): void {
    if (this.#isReady || !this.#log.isRecovered) return;
    this.#isReady = true;
    this.#requestDueMs = Infinity;
    this.#log.start(now);
    this.#ready.resolve();
  }
}

/** Adds committed offsets to the batches of another source. */
class CommittingSource implements BatchSource {
  readonly contentSchema;
  readonly #source: BatchSource;
  readonly #commits = new Commits();
  /** The commits of this node that no batch contains yet. */
  readonly #updates = new Commits();

  constructor(source: BatchSource) {
    this.#source = source;
    const commits = schema.array(schema.tuple(schema.string, schema.natural));
    this.contentSchema = schema.tuple(source.contentSchema, commits);
  }

  get hasUpdates(): boolean {
    return this.#source.hasUpdates || this.#updates.size > 0;
  }

  /** Commits offsets at this node. Returns whether any was higher than the committed one. */
  commit(offsets: Readonly<Offsets>): boolean {
    const higher = Object.entries(offsets).filter(([key, to]) => this.#commits.raise(key, to));
    for (const [key, offset] of higher) this.#updates.raise(key, offset);
    return higher.length > 0;
  }

  /** Returns the committed offsets of these keys. Keys without one are left out. */
  committed(keys: readonly string[]): Offsets {
    return this.#commits.select(keys);
  }

  start(gap: number): void {
    this.#source.start(gap);
  }

  seal(): Json {
    const updates = this.#updates.pairs();
    this.#updates.clear();
    return [this.#source.seal(), updates];
  }

  apply(writer: number, content: Json): void {
    const [part, commits] = content as [Json, Commit[]];
    this.#source.apply(writer, part);
    for (const [key, offset] of commits) this.#commits.raise(key, offset);
  }
}
