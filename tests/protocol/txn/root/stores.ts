/**
 * Nodes at Maelstrom's stores, without a network: what a node asks a store is answered at once,
 * unless a test has it otherwise.
 *
 * @module
 */

import { Random } from "../../../../lib/base/mod.ts";
import { ErrorCode, type Node, RpcError } from "../../../../lib/node/mod.ts";
import { Database } from "../../../../lib/protocol/txn/root/database.ts";
import type { ThunkStore } from "../../../../lib/protocol/txn/root/root_store.ts";
import type { ApplyWrite } from "../../../../lib/protocol/txn/root/write_history.ts";
import { createServices } from "../../../../lib/service/mod.ts";
import type { Body, Message } from "../../../../lib/wire/mod.ts";
import { FakeNode } from "../../../../lib/testing/fake_node.ts";

/** Appends to a list. */
export const list: ApplyWrite = (elements, element) =>
  Array.isArray(elements) ? [...elements, element] : [element];

/**
 * What becomes of a request: `lost` before the store sees it, `unanswered` after it was done,
 * `refused` as if somebody else had come first, `late` when it reaches the store only after the next
 * read was answered (and is not answered itself).
 */
export type Fate = "answered" | "lost" | "unanswered" | "refused" | "late";

/** Stores that several nodes share. */
export class Stores {
  /** Requests so far, by `store type`. */
  readonly asked: string[] = [];
  /** Decides what becomes of a request. */
  fate: (message: Message) => Fate = () => "answered";
  readonly #services = createServices(new Random(7));
  readonly #late: Message[] = [];

  /** A node at these stores. */
  node(id: string, nodes: readonly string[] = ["n1", "n2"]): { fake: FakeNode; node: Node } {
    const fake = new FakeNode(() => {}, {
      id,
      nodes,
      seed: id,
      answer: (message) => this.answer(message),
    });
    return { fake, node: fake.node };
  }

  /** A node's copy of the database. */
  database(node: Node, thunks: ThunkStore = "lin-kv", mostInRoot = 4): Database {
    return new Database(node, list, node.id, { thunks, mostInRoot });
  }

  /** The answer of a store; undefined when there is none. */
  answer(message: Message): Body | undefined {
    const service = this.#services.get(message.dest);
    if (service === undefined) return undefined;
    this.asked.push(`${message.dest} ${message.body.type}`);
    const fate = this.fate(message);
    if (fate === "lost") return undefined;
    if (fate === "refused") return new RpcError(ErrorCode.preconditionFailed, "another").toBody();
    if (fate === "late") {
      this.#late.push(message);
      return undefined;
    }
    const reply = service.handle(message);
    if (message.body.type === "read") {
      for (const late of this.#late.splice(0)) this.#services.get(late.dest)?.handle(late);
    }
    return fate === "unanswered" ? undefined : reply;
  }
}
