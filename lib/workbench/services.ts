/**
 * Connects the services (lin-kv, seq-kv, lww-kv, lin-tso) to the network.
 *
 * @module
 */

import { isJsonObject, type Random } from "../base/mod.ts";
import { createServices } from "../service/mod.ts";
import {
  MalformedMessageError,
  type Message,
  type RawMessage,
  SERVICES,
  toMessage,
} from "../wire/mod.ts";
import type { Network } from "./network.ts";

/** Adds the services to the network. */
export function startServices(network: Network, random: Random): void {
  for (const [id, service] of createServices(random)) {
    network.add(id, (rawRequest) => {
      const request = withoutIds(rawRequest);
      if (request === undefined) return;
      const reply = service.handle(request);
      const msgId = messageIdOf(rawRequest);
      if (msgId === undefined || msgId === null) return;
      network.send({ src: id, dest: request.src, body: { ...reply, in_reply_to: msgId } });
    });
  }
}

/** Adds receivers of messages to services that run elsewhere, so that the journal has them. */
export function recordServices(network: Network): void {
  for (const id of SERVICES) network.add(id, () => {});
}

/** Returns the id of a request. As in Maelstrom, the reply repeats an id of any form, such as 1.0. */
function messageIdOf({ body }: RawMessage): unknown {
  return isJsonObject(body) ? body.msg_id : undefined;
}

/** Returns a request without its ids; undefined if it is malformed, which services ignore. */
function withoutIds({ src, dest, body }: RawMessage): Message | undefined {
  const { msg_id: _, in_reply_to: __, ...content } = isJsonObject(body) ? body : {};
  try {
    return toMessage({ src, dest, body: content });
  } catch (error) {
    if (error instanceof MalformedMessageError) return undefined;
    throw error;
  }
}
