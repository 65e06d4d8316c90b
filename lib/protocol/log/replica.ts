/**
 * A log of which every node has a copy: it serves polls and commits from the copy, and replicates
 * what its clients write with a {@link BatchLog}.
 *
 * **Messages.** Every node sends every peer its own batches, with n nodes at most once in n − 1
 * intervals T. So a node sends at most one message an interval on average, however many requests it
 * serves, and a batch reaches every node within (n − 1)·T and the latency. Acknowledgements ride
 * along. With acks `all`, clients wait for them: a node then sends to each peer once an interval, and
 * acknowledges immediately.
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
 * **Acknowledged.** With acks `all` a request is acknowledged once every node has its batch, and has
 * said so to its writer itself: relays do not carry acknowledgements.
 *
 * @module
 */

import { ErrorCode, type Json, type Node, RpcError } from "../../node/mod.ts";
import {
  type Engine,
  gossipPolicy,
  type Policy,
  type PolicyEvent,
  replicate,
  type RetryOptions,
} from "../../replication/mod.ts";
import { BatchLog } from "./batch_log.ts";
import type { BatchSource } from "./batch.ts";
import { CommittingSource } from "./commits.ts";
import type { Entry } from "./key_log.ts";
import {
  type ClientRequest,
  FairPoll,
  type Log,
  type MaybePromise,
  type PollLimits,
  type Send,
} from "./log.ts";
import type { Acks } from "./origins.ts";
import { Waiters } from "./waiters.ts";

/** The settings of replication. */
export interface ReplicaSettings extends RetryOptions {
  /** Milliseconds between two messages of this node. */
  readonly intervalMs: number;
  readonly acks: Acks;
  readonly limits: PollLimits;
  /** The number of entries of each key that are kept. */
  readonly retain: number;
}

/** A node's place among all nodes, which are sorted by id, and how it keeps its logs. */
export interface CopySettings {
  readonly self: number;
  readonly count: number;
  readonly acks: Acks;
  readonly retain: number;
}

/** A node's copy of all logs. */
export interface LogSource extends BatchSource {
  /** Appends a message to a key's log. Returns its offset. */
  append(key: string, message: Json): number;
  /** Returns at most `maxEntries` entries that polls may return, from an offset on. */
  read(key: string, offset: number, maxEntries: number): Entry[];
}

/** With acks `all`: an acknowledgement waits for an update of the same moment. */
const PROMPT_ACK_DELAY_MS = 10;

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
  /** The acks in effect: a cluster of one node needs no acknowledgements. */
  readonly #acks: Acks;
  readonly #committing: CommittingSource;
  readonly #log: BatchLog;
  readonly #engine: Engine;
  readonly #changed: () => void;
  readonly #fairPoll: FairPoll;
  /** By peer, the nodes that have asked this one to sync with it, since they cannot reach it. */
  readonly #relayed = new Map<string, Set<string>>();
  #statementDueMs = Infinity;
  /** When to request what this node lacks, unless it is ready by then. */
  #requestDueMs: number;
  #isReady = false;
  readonly #waiters: Waiters;

  /** Creates the copy and replicates it. */
  constructor(node: Node, settings: ReplicaSettings, createSource: (own: CopySettings) => S) {
    const nodes = [...node.nodes].sort();
    const self = nodes.indexOf(node.id);
    const count = nodes.length;
    this.#node = node;
    this.#waiters = new Waiters(node);
    this.#requestDueMs = node.monotonic() + RECOVERY_INTERVAL_MS;
    this.#acks = count === 1 ? "one" : settings.acks;
    const own = { self, count, acks: this.#acks, retain: settings.retain };
    this.source = createSource(own);
    this.#committing = new CommittingSource(this.source, own);
    this.#fairPoll = new FairPoll(settings.limits);
    const { id, incarnation } = node;
    this.#log = new BatchLog(this.#committing, { id, incarnation, nodes, acks: this.#acks });
    const { engine, changed } = replicate(node, this.#log, this.#policy(settings), settings);
    this.#engine = engine;
    this.#changed = changed;
    this.#startIfRecovered(node.monotonic());
  }

  /** Returns the current incarnation of a node; empty before its first message. */
  incarnationOf(node: string): string {
    if (node === this.#node.id) return this.#node.incarnation;
    return this.#engine.sessions.get(node)?.you ?? "";
  }

  /**
   * Appends messages; returns their offsets once they may be acknowledged. Rejects with error 11
   * (temporarily-unavailable) if the node is not ready by the request's deadline, or peers have not
   * received too many earlier ones.
   */
  append(sends: readonly Send[], request: ClientRequest): MaybePromise<number[]> {
    return this.whenReady(request, () => {
      if (this.#log.isFull) {
        throw new RpcError(
          ErrorCode.temporarilyUnavailable,
          "a peer has not received too many earlier messages of this node",
        );
      }
      const offsets = sends.map(([key, message]) => this.source.append(key, message));
      return this.#whenAcknowledged(request, offsets, sends.length);
    });
  }

  poll: Log["poll"] = (offsets) =>
    this.#fairPoll.poll(offsets, (key, offset, max) => this.source.read(key, offset, max));

  commit: Log["commit"] = (offsets, request) =>
    this.whenReady(request, () => {
      const isRaised = this.#committing.commit(offsets);
      return isRaised ? this.#whenAcknowledged(request, undefined, 0) : undefined;
    });

  committed: Log["committed"] = (keys, request) =>
    this.whenReady(request, () => this.#committing.committed(keys));

  /** Calls `act` when the node is ready. Rejects with error 11 if it is not by the deadline. */
  whenReady<T>(request: ClientRequest, act: () => MaybePromise<T>): MaybePromise<T> {
    if (this.#isReady) return act();
    return this.#waiters.until(
      () => this.#isReady,
      request,
      ErrorCode.temporarilyUnavailable,
      "this node has started, but not all of its peers have replied yet",
    ).then(act);
  }

  /**
   * Returns the value when the update that was just made may be acknowledged. Rejects with error 0
   * (timeout) at the request's deadline: the update may still take effect, or be lost.
   */
  #whenAcknowledged<T>(request: ClientRequest, value: T, messages: number): MaybePromise<T> {
    if (this.#node.peers.length === 0) return value;
    const batch = this.#log.nextBatch;
    if (this.#log.updated(messages, this.#node.monotonic())) this.#changed();
    if (this.#acks === "one") return value;
    return this.#waiters.until(
      () => this.#log.ownApplied > batch,
      request,
      ErrorCode.timeout,
      "not all nodes have received the update yet",
    ).then(() => value);
  }

  #policy({ intervalMs }: ReplicaSettings): Policy {
    const { peers } = this.#node;
    const on = (event: PolicyEvent, engine: Engine, now: number) => this.#on(event, engine, now);
    const deadlineMs = () => Math.min(this.#statementDueMs, this.#requestDueMs);
    const more = { on, deadlineMs };
    if (this.#acks === "one") {
      return { ...gossipPolicy(intervalMs * Math.max(1, peers.length), peers), ...more };
    }
    const ack = { ackDelayMs: PROMPT_ACK_DELAY_MS, maxAckDelayMs: PROMPT_ACK_DELAY_MS };
    const timing = () => ({ own: ack, peer: ack });
    return { ...gossipPolicy(intervalMs, peers), timing, ...more };
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
    const acked = this.#node.peers.map((peer) => {
      const session = engine.sessions.get(peer);
      return session === undefined ? 0 : this.#log.firstFor(session.acked, session.receiver);
    });
    this.#log.acknowledged(Math.min(...acked), now);
    if (this.#log.owesStatement) {
      this.#statementDueMs = Math.min(this.#statementDueMs, now + STATEMENT_DELAY_MS);
    }
    this.#startIfRecovered(now);
    this.#waiters.check();
  }

  #onSync(
    { session, sync, isReply }: PolicyEvent & { type: "synced" },
    engine: Engine,
    now: number,
  ) {
    const { peer, you = "" } = session;
    const { relay = [], summary, time, answers = 0, hint } = sync;
    if (isReply) this.#log.meet(peer, you, now, answers);
    const requesters = this.#relayed.get(peer);
    this.#relayed.delete(peer);
    const nodes = [peer, ...requesters ?? [], ...relay];
    const isComplete = hint === ALL || nodes.length > 1;
    if (time >= session.peerTimeMs) this.#log.catchUp(you, summary, { nodes, isComplete }, now);
    // The nodes that have asked this one cannot get from it what it lacks itself.
    if (requesters !== undefined && !this.#log.includes(summary)) {
      engine.sync(session, now, { hint: ALL });
    }
    for (const lost of relay) {
      if (engine.sessions.get(lost)?.isSuspected !== false) continue;
      this.#relayed.set(lost, (this.#relayed.get(lost) ?? new Set()).add(peer));
    }
  }

  #startIfRecovered(now: number): void {
    if (this.#isReady || !this.#log.isRecovered) return;
    this.#isReady = true;
    this.#requestDueMs = Infinity;
    this.#log.start(now);
  }
}
