/**
 * What nodes say to each other.
 *
 * `news`: entries of the sender's log, and an acknowledgement. `offer`: that the sender's log holds
 * what its digest names, to be asked for by those who lack some of it, and an acknowledgement.
 * `digest`: what the sender knows, so that the receiver sends the rest. `probe`: are you there? It
 * is answered by a digest. `push`: entries, told once to whom it may concern. `leave`: stop sending
 * me news. `seek`: I look for a hub. `here`: ask me, if you like. `flood`: one value, of the naive strategy.
 *
 * @module
 */

import { type Body, type Fields, type Infer, type Schema, schema } from "../../wire/mod.ts";
import { isJsonObject } from "../../base/mod.ts";
import type { Digest, EntryRun } from "./value_log.ts";

const run: Schema<EntryRun> = {
  expectation: "[origin, first number, value, …]",
  problem: (value, path) =>
    Array.isArray(value) && typeof value[0] === "string" && Number.isSafeInteger(value[1])
      ? undefined
      : `${path} must be ${run.expectation}`,
};

const digest: Schema<Digest> = {
  expectation: "counts by origin",
  problem: (value, path) =>
    isJsonObject(value) && Object.values(value).every((count) => Number.isSafeInteger(count))
      ? undefined
      : `${path} must be ${digest.expectation}`,
};

/** What messages say about the lives of the two that talk, and what the sender acknowledges. */
const header = {
  /** The sender's incarnation. */
  inc: schema.string,
  /** The receiver's, as the sender knows it; missing while it does not. */
  peer: schema.optional(schema.string),
  /** The position in the receiver's log up to which the sender knows everything. */
  ack: schema.natural,
  /** Milliseconds since the sender got the message that brought it to `ack`. */
  delay: schema.number,
};

/** Those whom the sender, a hub, does not reach. */
const unreachable = schema.optional(schema.array(schema.string));

const deltaFields = {
  ...header,
  /**
   * The positions of the sender's log that this is about: all that the receiver may lack in them.
   */
  from: schema.natural,
  to: schema.natural,
  runs: schema.array(run),
  /** Milliseconds that the oldest of the entries waited with the sender. */
  age: schema.optional(schema.number),
  /** Milliseconds until the sender, a hub, means to send news again. */
  next: schema.optional(schema.number),
  /** The sender has waited in vain for an acknowledgement before: it is to come at once. */
  ack_now: schema.optional(schema.boolean),
  /** The sender missed something: begin again at `ack`. */
  nack: schema.optional(schema.boolean),
  /** The sender had it all from others: offer only, from now on. */
  prune: schema.optional(schema.boolean),
  unreachable,
};
const ihaveFields = {
  ...header,
  digest,
  /** The position in the sender's log up to which its digest names all entries. */
  to: schema.natural,
  unreachable,
};
const digestFields = {
  inc: schema.string,
  peer: schema.optional(schema.string),
  digest,
  /** The position in the sender's log up to which its digest names all entries. */
  to: schema.natural,
  /** Counts the sender's digests and leaves, so that one can tell which is the later. */
  seq: schema.natural,
  /** The digest that this one answers; missing in a question, which is to be answered so. */
  request: schema.optional(schema.natural),
  /** The sender wants the receiver's news as they come, from now on. */
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
/** What there is, and an acknowledgement. */
export type IHave = BodyOf<"ihave", typeof ihaveFields>;
/** What the sender knows. */
export type DigestMessage = BodyOf<"digest", typeof digestFields>;
/** Are you there? */
export type Probe = BodyOf<"probe", typeof probeFields>;
/** Stop sending me news. */
export type Unsubscribe = BodyOf<"unsubscribe", typeof unsubscribeFields>;
/** Entries, told once. */
export type Push = BodyOf<"push", typeof pushFields>;

/** The fields of each type of message, for a node to check what comes in. */
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

/** A message with the fields that its type has; they have been checked by then. */
export function contentOf<M extends { readonly type: string }>(body: Body): M {
  return body as Body & M;
}
