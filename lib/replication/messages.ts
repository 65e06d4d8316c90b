/**
 * The messages between two replicas.
 *
 * @module
 */

import { type Body, type Fields, type Infer, schema } from "../wire/mod.ts";

const { boolean, json, natural, number, optional, string } = schema;
const header = {
  /** The sender's incarnation, and the receiver's as the sender knows it. */
  me: string,
  you: optional(string),
  /** Whether the sender replicates on behalf of others only, see {@link Session.isPassive}. */
  passive: optional(boolean),
  /** The position of the receiver's log up to which the sender has all, and since how many ms. */
  ack: natural,
  held: number,
  hint: optional(json),
};
/** What the sender has, and the position of its log up to which that includes everything. */
const summary = { summary: json, at: natural };

/** The messages and their fields. */
export const messageFields = {
  /** Changes: all that the receiver may lack in these positions of the sender's log. */
  update: {
    ...header,
    from: natural,
    to: natural,
    delta: optional(json),
    /** Acknowledge immediately: an acknowledgement has timed out. */
    urgent: optional(boolean),
  },
  /** An advertisement: request what is missing (IHAVE of Plumtree). */
  ihave: { ...header, ...summary },
  /** A summary, to be answered by a summary. The request's time identifies it. */
  sync: {
    ...header,
    ...summary,
    time: natural,
    answers: optional(natural),
    /** A node that the sender cannot reach: sync with it. */
    relay: optional(string),
  },
  /** Are you alive? To be answered by a sync request. */
  probe: { me: string },
};
type Content<F extends Fields> = Body & { readonly [K in keyof F]: Infer<F[K]> };
export type Update = Content<typeof messageFields.update>;
export type Ihave = Content<typeof messageFields.ihave>;
export type Sync = Content<typeof messageFields.sync>;
