/**
 * Nodes with Maelstrom's stores and without a network: a store replies immediately, unless a test
 * decides otherwise.
 *
 * @module
 */

import { Random } from "../../../../lib/base/mod.ts";
import { ErrorCode, type Json, type Node, RpcError } from "../../../../lib/node/mod.ts";
import type { ApplyWrite } from "../../../../lib/protocol/txn/mod.ts";
import { Log } from "../../../../lib/protocol/txn/root/log.ts";
import { createServices } from "../../../../lib/service/mod.ts";
import type { Body, Message } from "../../../../lib/wire/mod.ts";
import { FakeNode } from "../../../../lib/testing/fake_node.ts";

/** Appends an element to a list. */
export const list: ApplyWrite = (elements, element) =>
  Array.isArray(elements) ? [...elements, element] : [element];

/**
 * The fate of a request: it is `delivered` with its reply; the request is `lost`; it takes effect
 * and its `reply-lost`; it `conflicts`, as if another node had committed first; or it is `delayed`
 * until after the reply to the next read, and has no reply itself.
 */
export type Fate = "delivered" | "lost" | "reply-lost" | "conflicts" | "delayed";

/** Stores that several nodes share. */
export class Stores {
  /** The requests so far, each as `store type`. */
  readonly requests: string[] = [];
  /** Decides the fate of a request. */
  fate: (message: Message) => Fate = () => "delivered";
  readonly #services = createServices(new Random(7));
  readonly #delayed: Message[] = [];

  /** Starts a node with these stores. */
  node(id: string, nodes: readonly string[] = ["n1", "n2"]): { fake: FakeNode; node: Node } {
    const fake = new FakeNode(() => {}, {
      id,
      nodes,
      seed: id,
      answer: (message) => this.replyTo(message),
    });
    return { fake, node: fake.node };
  }

  /** Returns a node's copy of the log. */
  log(node: Node, compactAfter = 4): Log {
    return new Log(node, { apply: list, incarnation: node.id, compactAfter });
  }

  /** Writes a value to lin-kv, as a client outside the cluster. */
  write(key: string, value: Json): void {
    const body = { type: "write", key, value, msg_id: 1 };
    this.#services.get("lin-kv")?.handle({ src: "c9", dest: "lin-kv", body });
  }

  /** Returns the value of a key in lin-kv. */
  read(key: string): Json | undefined {
    const body = { type: "read", key, msg_id: 1 };
    return this.#services.get("lin-kv")?.handle({ src: "c9", dest: "lin-kv", body })?.value;
  }

  /** Returns a store's reply; undefined when there is none. */
  replyTo(message: Message): Body | undefined {
    const service = this.#services.get(message.dest);
    if (service === undefined) return undefined;
    this.requests.push(`${message.dest} ${message.body.type}`);
    const fate = this.fate(message);
    if (fate === "lost") return undefined;
    if (fate === "conflicts") {
      return new RpcError(ErrorCode.preconditionFailed, "conflict").toBody();
    }
    if (fate === "delayed") {
      this.#delayed.push(message);
      return undefined;
    }
    const reply = service.handle(message);
    if (message.body.type === "read") {
      for (const late of this.#delayed.splice(0)) this.#services.get(late.dest)?.handle(late);
    }
    return fate === "reply-lost" ? undefined : reply;
  }
}
