/**
 * A client of the kafka workload: producer and consumer in one.
 *
 * It is assigned some keys and knows for each the offset from which to poll next: a `poll` asks for
 * all of them, goes on behind what came back, and commits the highest offset that it saw of each
 * key. A newly assigned key starts where the client itself had got to, else at the offset that the
 * nodes say was committed, else at 0. (Maelstrom looks for committed offsets in the wrong place of
 * the reply, finds none, and starts at 0.) A crash is the workers' business: a fresh client takes
 * over, assigned to nothing.
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
  // A negative offset comes from a node that listed it as committed.
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
  /** The keys that are assigned, and from where to poll each. */
  #offsets: Offsets = new Map();
  /** What it has committed itself. */
  readonly #committed: Offsets = new Map();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Makes a `send`, `poll`, `assign` or `crash`. */
  invoke(invocation: Invocation): Promise<Completion> {
    return withErrors(invocation.f === "assign", () => this.#perform(invocation));
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
      case "poll":
        return { type: "ok", value: [["poll", await this.#poll()]] };
      default:
        throw new TypeError(`the kafka workload knows no operation ${f}`);
    }
  }

  /** Returns what the history is to say of it: the committed offsets, if one of them is too low. */
  async #assign(keys: readonly string[]): Promise<Pick<Completion, "extra">> {
    const { offsets } = await listCommittedRpc(this.#connection, { keys: [...keys] });
    const told = new Map(Object.entries(offsets));
    this.#offsets = new Map(
      keys.map((key) => [key, this.#offsets.get(key) ?? told.get(key) ?? 0]),
    );
    const isBack = keys.some((key) => (told.get(key) ?? -1) < (this.#committed.get(key) ?? -1));
    return isBack ? { extra: { committed: offsets } } : {};
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
