/**
 * How a member's clients reach the leader: the messages between a member and the leader, besides
 * those of Raft.
 *
 * @module
 */

import type { Json } from "../../../../base/mod.ts";
import type { RaftMessage } from "../types.ts";
import type { NumberedCommand, Outcome } from "./sessions.ts";

/** Adds or removes a member. */
export type MemberChange = { readonly add: string } | { readonly remove: string };

/** A request of a client. */
export type Request =
  | { readonly command: Json }
  | { readonly query: Json }
  | { readonly change: MemberChange };

/**
 * Requests of a member's clients to the leader of one term. Any other receiver refuses the message,
 * and so does that leader after its term. So a refused request was not executed and never will be, also
 * if the network delivers the message again, unless the leader accepted an earlier copy.
 */
export type Forward = {
  readonly type: "forward";
  /** The sender's incarnation and the number of the message, which the reply repeats. */
  readonly client: string;
  readonly batch: number;
  readonly term: number;
  /** The name of a session to open. */
  readonly open?: string;
  /** The session of the commands and changes, and the first of them whose result it may still need. */
  readonly session?: number;
  readonly first?: number;
  readonly commands?: readonly NumberedCommand[];
  readonly queries?: readonly (readonly [number: number, query: Json])[];
  readonly changes?: readonly (readonly [number: number, change: MemberChange])[];
};

/** The results of all requests of a {@link Forward}. */
export type Forwarded = {
  readonly type: "forwarded";
  readonly client: string;
  readonly batch: number;
  /** The session that was opened. */
  readonly session?: number;
  readonly results: readonly (readonly [number: number, outcome: Outcome])[];
};

/**
 * The receiver does not lead the term of a {@link Forward}, not any more or not at all. It names the
 * leader that it knows.
 */
export type Refused = {
  readonly type: "refused";
  readonly client: string;
  readonly batch: number;
  readonly term: number;
  readonly leader?: string;
  /** The network may have delivered a copy: the receiver may have accepted the message before. */
  readonly accepted?: boolean;
};

/** All messages between members. */
export type ServerMessage = RaftMessage | Forward | Forwarded | Refused;
