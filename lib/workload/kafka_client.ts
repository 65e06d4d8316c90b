/**
 * A client of the kafka workload: a producer and a consumer.
 *
 * The client has some keys assigned and keeps the next offset to poll of each. A `poll` requests
 * all assigned keys, advances their offsets beyond the returned messages, and commits the highest
 * returned offset of each key. A newly assigned key starts at the client's own offset, else at the
 * committed offset, else at 0.
 *
 * Maelstrom looks up committed offsets at the wrong place in the reply, so it starts at 0.
 *
 * A `crash` ends the client: the worker replaces it by a new client without assigned keys.
 *
 * @module
 */

import type { Json } from "../base/mod.ts";
import { kafka as contract } from "../contract/mod.ts";
import { schema } from "../wire/mod.ts";
import type { Invocation } from "./generator.ts";
import { highestOffset, type Offsets, type PolledMessages, raise } from "./kafka_offsets.ts";
import { defineRpc, withErrors } from "./rpc.ts";
import type { Client, Completion, Connection } from "./workload.ts";

const offsetsByKey = schema.record(schema.integer);
const messagesOfKey = schema.array(schema.tuple(schema.integer, schema.json));

const sendRpc = defineRpc(contract.send, { accepts: { offset: schema.integer } });
const pollRpc = defineRpc(contract.poll, {
  // A node may have listed a negative committed offset, from which the client then polls.
  sends: { offsets: offsetsByKey },
  // Some languages write an empty list as null.
  accepts: { msgs: schema.record(schema.either(messagesOfKey, schema.literal(null))) },
});
const commitRpc = defineRpc(contract.commit_offsets);
const listCommittedRpc = defineRpc(contract.list_committed_offsets, {
  accepts: { offsets: offsetsByKey },
});

/** A client on a connection. */
export class KafkaClient implements Client {
  readonly #connection: Connection;
  /** The next offset to poll of each assigned key. */
  #offsets: Offsets = new Map();
  /** The highest offset of each key that this client committed. */
  readonly #committed: Offsets = new Map();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Makes a `send`, `poll`, `assign` or `crash`; or lists the `committed` offsets, which only
   * explorations do.
   */
  invoke(invocation: Invocation): Promise<Completion> {
    const isIdempotent = invocation.f === "assign" || invocation.f === "committed";
    return withErrors(isIdempotent, () => this.#perform(invocation));
  }

  async #perform({ f, value, extra }: Invocation): Promise<Completion> {
    switch (f) {
      case "crash":
        return { type: "info" };
      case "assign":
        if (extra?.["seek-to-beginning?"] === true) {
          this.#offsets = new Map((value as string[]).map((key) => [key, 0]));
          return { type: "ok" };
        }
        return { type: "ok", ...await this.#assign(value as string[]) };
      case "send": {
        const [, key, message] = (value as [["send", string, Json]])[0];
        const { offset } = await sendRpc(this.#connection, { key, msg: message });
        return { type: "ok", value: [["send", key, [offset, message]]] };
      }
      case "committed": {
        const { offsets } = await listCommittedRpc(this.#connection, { keys: value as string[] });
        return { type: "ok", value: offsets };
      }
      case "poll":
        return { type: "ok", value: [["poll", await this.#poll()]] };
      default:
        throw new TypeError(
          `unknown operation "${f}" of kafka; expected send, poll, assign, committed or crash`,
        );
    }
  }

  /**
   * Assigns keys. Returns the listed committed offsets, so that the history shows commits that are
   * lost or that no client made. An empty list is only returned if a commit is lost.
   */
  async #assign(keys: readonly string[]): Promise<Pick<Completion, "extra">> {
    const { offsets } = await listCommittedRpc(this.#connection, { keys: [...keys] });
    const listed = new Map(Object.entries(offsets));
    this.#offsets = new Map(
      keys.map((key) => [key, this.#offsets.get(key) ?? listed.get(key) ?? 0]),
    );
    const lostCommit = keys.some((key) =>
      (listed.get(key) ?? -1) < (this.#committed.get(key) ?? -1)
    );
    return listed.size > 0 || lostCommit ? { extra: { committed: offsets } } : {};
  }

  async #poll(): Promise<PolledMessages> {
    const offsets = Object.fromEntries(this.#offsets);
    const { msgs } = await pollRpc(this.#connection, { offsets });
    const polled: Offsets = new Map();
    for (const [key, messages] of Object.entries(msgs)) {
      const highest = highestOffset(messages);
      raise(this.#offsets, key, highest + 1);
      if (messages !== null && messages.length > 0) polled.set(key, Math.max(0, highest));
    }
    if (polled.size > 0) {
      await commitRpc(this.#connection, { offsets: Object.fromEntries(polled) });
      for (const [key, offset] of polled) raise(this.#committed, key, offset);
    }
    return msgs;
  }
}
