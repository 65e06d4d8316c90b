/**
 * How a workbench observes and partitions a node that runs on NATS, over the node's control subject.
 *
 * The server's permissions decide which users may publish there. Only a workbench sends controls.
 *
 * @module
 */

import { isJsonObject, parseJson } from "../../base/mod.ts";
import { type Infer, schema } from "../../wire/mod.ts";

/** The content of a control. A field that is absent leaves its setting as it is. */
const controlFields = schema.object({
  /** The senders whose messages the node drops, as if the network had lost them. */
  drops: schema.optional(schema.array(schema.string)),
  /** Whether the node publishes a copy of each message to and from a service. */
  observed: schema.optional(schema.boolean),
}, { closed: true });

/** A control. */
export type Control = Partial<Infer<typeof controlFields>>;

/** The messages and requests of a node that its transport counts. */
export interface Counts {
  /** Messages and requests that the node received. */
  received: number;
  /** Those of clients among them. */
  requests: number;
  /** Messages that the node sent, or that wait in its outbox. */
  sent: number;
  /** Refused: not a message, or its sender is not the one in its subject. */
  malformed: number;
  /** Refused: larger than a message may be. */
  oversized: number;
  /** Dropped because a control partitions the node from their sender. */
  partitioned: number;
  /** Dropped because a peer's queue in the outbox was full. */
  overflowed: number;
}

const count = schema.natural;
const statusFields = schema.object({
  id: schema.string,
  nodes: schema.array(schema.string),
  incarnation: schema.string,
  counts: schema.object({
    received: count,
    requests: count,
    sent: count,
    malformed: count,
    oversized: count,
    partitioned: count,
    overflowed: count,
  }),
});

/** A node's reply to a control. */
export interface Status {
  readonly id: string;
  readonly nodes: readonly string[];
  /** A name that no other start of the node has. */
  readonly incarnation: string;
  readonly counts: Readonly<Counts>;
}

/** Parses a control; returns why it is malformed, as a text. */
export function readControl(text: string): Control | string {
  try {
    const value = parseJson(text);
    return controlFields.problem(value, "the control") ?? value as Control;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Parses a node's reply to a control; undefined if it is not one. */
export function readStatus(text: string): Status | undefined {
  try {
    const value = parseJson(text);
    const isStatus = isJsonObject(value) && statusFields.problem(value, "") === undefined;
    return isStatus ? value as unknown as Status : undefined;
  } catch {
    return undefined;
  }
}
