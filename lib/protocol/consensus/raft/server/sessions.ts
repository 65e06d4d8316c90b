/**
 * Client sessions (section 8; thesis 6.3): a command that is retried applies once.
 *
 * A leader may commit a command and crash before it replies. The client then sends the command to
 * the next leader. So a client opens a session, whose name is the index of the log entry that opened
 * it, and numbers its commands. The state machine keeps the results of a session's commands, and
 * answers a repeated one with the result it has. Clients here are the cluster's nodes, which forward
 * the commands of their own clients.
 *
 * A session sends several commands at a time. With each it names the first one whose result it may
 * still need; results before that are dropped, and commands before that are not executed any more.
 *
 * Sessions are part of the replicated state, and of its snapshots. The least recently used one
 * expires when there are too many, by the order of the log, so on all members alike.
 *
 * @module
 */

import { invariant, type Json } from "../../../../base/mod.ts";
import type { StateMachine } from "./state_machine.ts";

/** The number of sessions. */
const MAX_SESSIONS = 1000;

/** A command with its number in its session. */
export type NumberedCommand = readonly [number: number, command: Json];

/** Some commands of a session, as the log has them. */
export type SessionCommands = {
  readonly session: number;
  /** The number of the first command whose result the session may still need. */
  readonly first: number;
  readonly commands: readonly NumberedCommand[];
};

/** A session's change of the members, as the log has it. Its result are the members. */
export type SessionChange = Pick<SessionCommands, "session" | "first"> & {
  readonly change: readonly [number: number, members: string[]];
};

/** What the log has: a session's commands or its change, or the opening of a session. */
export type SessionEntry = SessionCommands | SessionChange | { readonly open: string };

/** The result of a session's command. */
export type Outcome =
  | { readonly result: Json }
  /** The session has expired, or does not need the result: the command is not executed now. */
  | { readonly expired: true }
  /** A change was not made and never will be, for this reason. Only the leader reports it. */
  | { readonly refused: string };

interface Session {
  first: number;
  /** The results from `first` on, by number. */
  readonly results: Map<number, Json>;
}

/** The state machine with sessions. */
export class Sessions {
  readonly #machine: StateMachine;
  /** The sessions by name, the least recently used one first. */
  readonly #sessions = new Map<number, Session>();

  constructor(machine: StateMachine) {
    this.#machine = machine;
  }

  /** Opens a session with an entry at an index. */
  open(index: number): void {
    this.#sessions.set(index, { first: 1, results: new Map() });
    if (this.#sessions.size <= MAX_SESSIONS) return;
    const [oldest] = this.#sessions.keys();
    this.#sessions.delete(oldest as number);
  }

  /** Returns the result of a command, if it was executed and its session may still need it. */
  resultOf(session: number, number: number): Json | undefined {
    return this.#sessions.get(session)?.results.get(number);
  }

  /** Whether a command or change cannot be executed any more, because its result would be lost. */
  hasExpired(session: number, number: number): boolean {
    return number < (this.#sessions.get(session)?.first ?? Infinity);
  }

  /**
   * Executes those of the commands that were not executed before, and calls `report` with the
   * outcome of each. Returns whether there was a repeated one.
   */
  apply(
    entry: SessionCommands | SessionChange,
    report: (number: number, outcome: Outcome) => void,
  ): boolean {
    const { session, first } = entry;
    const commands = "change" in entry ? [entry.change] : entry.commands;
    const found = this.#sessions.get(session);
    if (found === undefined) {
      for (const [number] of commands) report(number, { expired: true });
      return false;
    }
    this.#sessions.delete(session);
    this.#sessions.set(session, found);
    found.first = Math.max(found.first, first);
    for (const number of found.results.keys()) {
      if (number < found.first) found.results.delete(number);
    }
    let isRepeated = false;
    for (const [number, command] of commands) {
      if (number < found.first) {
        report(number, { expired: true });
        continue;
      }
      let result = found.results.get(number);
      if (result === undefined) {
        // A change takes effect when it is in the log.
        result = "change" in entry ? command : this.#machine.apply(command);
        invariant(result !== undefined, "a command has a result");
        found.results.set(number, result);
      } else {
        isRepeated = true;
      }
      report(number, { result });
    }
    return isRepeated;
  }

  query(query: Json): Json {
    return this.#machine.query(query);
  }

  /** Returns the whole state. */
  snapshot(): Json {
    const sessions = [...this.#sessions].map(([name, { first, results }]): Json => [
      name,
      first,
      [...results].map(([number, result]): Json => [number, result]),
    ]);
    return { sessions, state: this.#machine.snapshot() };
  }

  /** Replaces the state by a snapshot. */
  restore(snapshot: Json): void {
    const { sessions, state } = snapshot as {
      sessions: [number, number, [number, Json][]][];
      state: Json;
    };
    this.#sessions.clear();
    for (const [name, first, results] of sessions) {
      this.#sessions.set(name, { first, results: new Map(results) });
    }
    this.#machine.restore(state);
  }
}
