/**
 * A member of a Raft cluster with its clients: the whole that a program uses.
 *
 * @module
 */

import type { Json } from "../../../../base/mod.ts";
import type { RaftTiming, Role } from "../types.ts";
import { Client } from "./client.ts";
import type { ServerMessage } from "./messages.ts";
import { type Clock, Replica, type Storage } from "./replica.ts";
import { Service } from "./service.ts";
import type { StateMachine } from "./state_machine.ts";

/** The default timing, for networks with round trips of up to some tens of milliseconds. */
export const DEFAULT_TIMING: RaftTiming = {
  electionMs: 300,
  heartbeatMs: 100,
  lingerMs: 5,
  maxEntries: 256,
  maxChunkBytes: 256 * 1024,
};
/** The default number of applied entries after which a log may be compacted. */
export const DEFAULT_COMPACT_AFTER = 128;
/** The default factor in bytes by which a log is longer than its snapshot before it is compacted. */
export const DEFAULT_COMPACT_FACTOR = 4;
/** The default time that a request may take. */
const DEFAULT_TIMEOUT_MS = 5000;

/**
 * Sends messages to other members. Messages are JSON values. They may be lost, delayed, duplicated
 * and reordered. The transport establishes connections and authenticates members. It passes the
 * messages that it receives to {@link RaftServer.receive}.
 */
export interface Transport {
  /** Sends a message, or loses it; returns immediately. */
  send(to: string, message: ServerMessage): void;
}

/** The role, the term or the leader of a member has changed. */
export interface LeadershipEvent {
  /** The member's role. */
  readonly role: Role;
  /** The latest term that the member has seen. */
  readonly term: number;
  /** The leader of the term, if it is known. */
  readonly leader: string | undefined;
}

/** The options of {@link RaftServer.start}. */
export interface RaftServerOptions {
  /** This member's id. */
  readonly id: string;
  /**
   * The members of a new cluster, the same list on each. A member whose storage has another
   * configuration uses that.
   */
  readonly members: readonly string[];
  /** A name that no other incarnation of any member has, such as a random one. */
  readonly incarnation: string;
  /** What the cluster replicates. */
  readonly machine: StateMachine;
  /** What survives a restart of this member. */
  readonly storage: Storage;
  /** Sends messages to the other members. */
  readonly transport: Transport;
  /** Measures election timeouts and the timeouts of requests. */
  readonly clock: Clock;
  /** Returns random numbers in [0, 1), for election timeouts. */
  readonly random: () => number;
  /** See {@link DEFAULT_TIMING}. */
  readonly timing?: Partial<RaftTiming>;
  /** See {@link DEFAULT_COMPACT_AFTER}. */
  readonly compactAfter?: number;
  /** See {@link DEFAULT_COMPACT_FACTOR}. */
  readonly compactFactor?: number;
  /** Called when the role, the term or the leader has changed. */
  readonly onLeadership?: (event: LeadershipEvent) => void;
  /** Called when entries up to an index have been committed and applied. */
  readonly onCommit?: (index: number) => void;
  /** Called when a rare path was reached; for tests. */
  readonly sometimes?: (text: string) => void;
  /** Called when the storage rejected, or an invariant was violated. The member has stopped. */
  readonly fail: (error: unknown) => void;
}

/** A member's state, for reports. */
export interface MemberState extends LeadershipEvent {
  /** The highest index that is known to be committed. */
  readonly commit: number;
  /** The index of the last entry in the log. */
  readonly lastIndex: number;
  /** The members by the latest configuration in the log. */
  readonly members: readonly string[];
}

/** How long a request may take. */
export interface RequestOptions {
  /** Milliseconds in all; 5,000 by default. */
  readonly timeoutMs?: number | (() => number);
}

/**
 * A running member: part of a replicated state machine, and its clients' way to the leader.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { MemoryStorage, RaftServer, type StateMachine } from "@gossip/workbench/raft";
 * import { FakeHost } from "@gossip/workbench/testing";
 *
 * class Counter implements StateMachine {
 *   #total = 0;
 *   apply = (delta: unknown) => this.#total += delta as number;
 *   query = () => this.#total;
 *   snapshot = () => this.#total;
 *   restore = (total: unknown) => { this.#total = total as number; };
 * }
 *
 * const host = new FakeHost(); // A program passes the clock and the randomness of its platform.
 * const member = await RaftServer.start({
 *   id: "a",
 *   members: ["a"],
 *   incarnation: "a1", // Each start needs another one.
 *   machine: new Counter(),
 *   storage: new MemoryStorage(),
 *   transport: { send() {} },
 *   clock: {
 *     monotonic: () => host.monotonic(),
 *     after: (delayMs, fn) => host.startTimer(delayMs, fn),
 *   },
 *   random: () => host.random(),
 *   fail: (error) => { throw error; },
 * });
 * const total = member.execute(2).then(() => member.execute(3));
 * await host.advance(2000);
 * deepEqual(await total, 5);
 * member.stop();
 * ```
 */
export class RaftServer {
  readonly #replica: Replica;
  readonly #service: Service;
  readonly #client: Client;

  private constructor(replica: Replica, service: Service, client: Client) {
    this.#replica = replica;
    this.#service = service;
    this.#client = client;
  }

  /** Reads the storage, and starts the member. Rejects if the storage cannot be read. */
  static async start(options: RaftServerOptions): Promise<RaftServer> {
    const { transport, onLeadership, onCommit, sometimes = () => {} } = options;
    const timing = { ...DEFAULT_TIMING, ...options.timing };
    const { compactAfter = DEFAULT_COMPACT_AFTER } = options;
    const { compactFactor = DEFAULT_COMPACT_FACTOR } = options;
    const replica = await Replica.start({ ...options, timing, compactAfter, compactFactor }, {
      send: (to, message) => transport.send(to, message),
      changed() {
        const { role, term, leader } = replica.raft;
        service.changed();
        client.changed();
        onLeadership?.({ role, term, leader });
      },
      opened: (name, session) => service.opened(name, session),
      applied(session, number, outcome) {
        service.applied(session, number, outcome);
        client.applied(session, number, outcome);
      },
      committed(index) {
        service.committed();
        onCommit?.(index);
      },
      learned: (learner, problem) => service.learned(learner, problem),
    });
    const send = (to: string, message: ServerMessage) => {
      if (to === options.id) server.receive(to, message);
      else transport.send(to, message);
    };
    const service = new Service(replica, send);
    const client = new Client({ ...options, replica, send, sometimes, lingerMs: timing.lingerMs });
    const server = new RaftServer(replica, service, client);
    replica.handle({ type: "started" });
    return server;
  }

  /** The member's state. */
  get state(): MemberState {
    const { role, term, leader, commit, members, log } = this.#replica.raft;
    return { role, term, leader, commit, lastIndex: log.lastIndex, members };
  }

  /** The median of recent times from a forwarded request to its result; undefined at first. */
  get responseMs(): number | undefined {
    return this.#client.responseMs;
  }

  /**
   * Executes a command on the replicated state machine, once, and resolves to its result.
   *
   * @throws {RequestError} If no result arrives in time; the error says whether the command may have
   *   been executed.
   */
  execute(command: Json, options: RequestOptions = {}): Promise<Json> {
    return this.#client.perform({ command }, timeoutOf(options));
  }

  /**
   * Resolves to what a query reads from a state that includes all commands which were executed
   * before the call (linearizable).
   *
   * @throws {RequestError} If no result arrives in time.
   */
  query(query: Json, options: RequestOptions = {}): Promise<Json> {
    return this.#client.perform({ query }, timeoutOf(options));
  }

  /**
   * Adds a member, and resolves to the members when the change is committed. The new member must
   * run; it starts without a log. It receives the log before it counts for majorities. If it does not
   * reply to the leader, it is not added, and the cluster serves its clients as before. Adding a member
   * twice changes nothing.
   *
   * @throws {RequestError} If no result arrives in time, or the new member did not receive the log.
   */
  async addMember(id: string, options: RequestOptions = {}): Promise<readonly string[]> {
    const change = { add: id };
    return await this.#client.perform({ change }, timeoutOf(options)) as string[];
  }

  /**
   * Removes a member, and resolves to the members when the change is committed. A leader may remove
   * itself. The last member cannot be removed.
   *
   * @throws {RequestError} If no result arrives in time.
   */
  async removeMember(id: string, options: RequestOptions = {}): Promise<readonly string[]> {
    const change = { remove: id };
    return await this.#client.perform({ change }, timeoutOf(options)) as string[];
  }

  /** Hands the leadership to another member; does nothing on a member that does not lead. */
  transferLeadership(to: string): void {
    this.#replica.handle({ type: "transfer", to });
  }

  /**
   * Stops the member: it sends and handles nothing more, and its clients' requests reject. What is
   * durable stays so; a new member may start on the storage.
   */
  stop(): void {
    this.#replica.stop();
    this.#client.stop();
  }

  /** Handles a message of another member. Members trust each other: it must be a valid one. */
  receive(from: string, message: ServerMessage): void {
    switch (message.type) {
      case "forward":
        return this.#service.receive(from, message);
      case "forwarded":
        return this.#client.onForwarded(message);
      case "refused":
        return this.#client.onRefused(message);
      default:
        this.#replica.handle({ type: "received", from, message });
    }
  }
}

function timeoutOf({ timeoutMs = DEFAULT_TIMEOUT_MS }: RequestOptions): () => number {
  return typeof timeoutMs === "number" ? () => timeoutMs : timeoutMs;
}
