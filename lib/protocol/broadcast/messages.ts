/**
 * The messages between nodes. `ihave`, `graft` and `prune` are Plumtree's (Leitão et al. 2007);
 * `election` and `answer` are those of the bully algorithm (Garcia-Molina 1982).
 *
 * | Type | Content |
 * |---|---|
 * | `delta` | entries of the sender's log, and an acknowledgement |
 * | `ihave` | a digest of the sender's log, which advertises its entries, and an acknowledgement |
 * | `digest` | a digest of the sender's log; the receiver sends the entries that it lacks |
 * | `probe` | a request for a digest from a peer that did not reply |
 * | `push` | new entries without acknowledgement (`mesh`) |
 * | `unsubscribe` | the sender has another hub; the receiver removes its link to the sender |
 * | `election` | the sender has no hub and looks for one |
 * | `answer` | the sender received an `election` message and can be a hub |
 * | `flood` | one value (`flood`) |
 *
 * @module
 */

import { type Body, type Fields, type Infer, type Schema, schema } from "../../wire/mod.ts";
import { isJsonObject } from "../../base/mod.ts";
import type { Digest, EntryRun } from "./value_log.ts";

const run: Schema<EntryRun> = {
  expectation: "[origin, first sequence number, value, …]",
  problem: (value, path) =>
    Array.isArray(value) && typeof value[0] === "string" && Number.isSafeInteger(value[1])
      ? undefined
      : `${path} must be ${run.expectation}`,
};

const digest: Schema<Digest> = {
  expectation: "an object of counts by origin",
  problem: (value, path) =>
    isJsonObject(value) && Object.values(value).every((count) => Number.isSafeInteger(count))
      ? undefined
      : `${path} must be ${digest.expectation}`,
};

/** Incarnations of both nodes, and an acknowledgement. */
const header = {
  /** The sender's incarnation. */
  inc: schema.string,
  /** The receiver's incarnation as the sender knows it; absent before first contact. */
  peer: schema.optional(schema.string),
  /** The position in the receiver's log below which the sender has every entry. */
  ack: schema.natural,
  /**
   * The ack delay: milliseconds between the message that brought the sender to `ack` and this one.
   */
  delay: schema.number,
};

/** Nodes that the sender, a hub, cannot reach. */
const unreachable = schema.optional(schema.array(schema.string));

const deltaFields = {
  ...header,
  /**
   * The range of positions in the sender's log that the delta covers, `to` excluded. `runs` holds
   * all entries in it that the receiver may lack.
   */
  from: schema.natural,
  to: schema.natural,
  runs: schema.array(run),
  /** Milliseconds since the sender added the oldest of the entries to its log. */
  age: schema.optional(schema.number),
  /** Milliseconds until the next regular flush of the sender, a hub. */
  next: schema.optional(schema.number),
  /** An acknowledgement timed out: the receiver should acknowledge immediately. */
  ack_now: schema.optional(schema.boolean),
  /**
   * A negative acknowledgement: the sender misses entries, and the receiver should resend from
   * `ack`.
   */
  nack: schema.optional(schema.boolean),
  /** The sender had all entries already: the receiver should make the link lazy (PRUNE). */
  prune: schema.optional(schema.boolean),
  unreachable,
};
const ihaveFields = {
  ...header,
  digest,
  /** The position in the sender's log below which the digest covers every entry. */
  to: schema.natural,
  unreachable,
};
const digestFields = {
  inc: schema.string,
  peer: schema.optional(schema.string),
  digest,
  /** As in `ihave`. */
  to: schema.natural,
  /** Sequence number of the sender's `digest` and `unsubscribe` messages, which orders them. */
  seq: schema.natural,
  /** The `seq` of the digest request that this digest replies to. Absent in a digest request. */
  request: schema.optional(schema.natural),
  /** The receiver should make the link eager (GRAFT). */
  graft: schema.optional(schema.boolean),
};
const probeFields = { inc: schema.string };
const unsubscribeFields = { inc: schema.string, seq: schema.natural };
const pushFields = { runs: schema.array(run) };

type BodyOf<T extends string, F extends Fields> =
  & { readonly type: T }
  & {
    readonly [K in keyof F as undefined extends Infer<F[K]> ? never : K]: Infer<F[K]>;
  }
  & {
    readonly [K in keyof F as undefined extends Infer<F[K]> ? K : never]?: Infer<F[K]>;
  };

/** Entries and an acknowledgement. */
export type Delta = BodyOf<"delta", typeof deltaFields>;
/** An advertisement of entries, and an acknowledgement. */
export type IHave = BodyOf<"ihave", typeof ihaveFields>;
/** A digest request, or the reply to one. */
export type DigestMessage = BodyOf<"digest", typeof digestFields>;
/** A request for a digest from a peer that did not reply. */
export type Probe = BodyOf<"probe", typeof probeFields>;
/** A request to remove the link to the sender. */
export type Unsubscribe = BodyOf<"unsubscribe", typeof unsubscribeFields>;
/** New entries without acknowledgement. */
export type Push = BodyOf<"push", typeof pushFields>;

/** The fields of each message type, to validate incoming messages. */
export const MESSAGE_FIELDS: Readonly<Record<string, Fields>> = {
  delta: deltaFields,
  ihave: ihaveFields,
  digest: digestFields,
  probe: probeFields,
  push: pushFields,
  unsubscribe: unsubscribeFields,
  election: probeFields,
  answer: {},
  flood: { message: schema.json },
};

/** Returns a body as a message of its type. The caller has validated its fields. */
export function contentOf<M extends { readonly type: string }>(body: Body): M {
  return body as Body & M;
}
