/**
 * Strategy `root` of txn-list-append: a node that reads a new root, but not the thunks that the
 * root names.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { type Json, Random } from "../../lib/base/mod.ts";
import type { Body } from "../../lib/node/mod.ts";
import { createServices } from "../../lib/service/mod.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";
import program from "../../nodes/txn_list_append.ts";

/** How a read of a thunk fails: with this reply, or without one. */
const FAILURES: Readonly<Record<string, Body | undefined>> = {
  "gets no reply": undefined,
  "gets an error": { type: "error", code: 11, text: "planted fault: temporarily unavailable" },
  "gets a malformed reply": { type: "read_ok", value: ["x"] },
};

/** The stores of two nodes that cannot reach each other. */
class Stores {
  readonly #services = createServices(new Random(1));
  /** The number of reads of thunks that fail from now on. */
  failures = 0;

  /** Starts an incarnation of a node, whose failing reads get `reply`. */
  start(id: string, incarnation: number, reply?: Body): FakeNode {
    return new FakeNode(program, {
      id,
      nodes: ["n1", "n2"],
      seed: `${id}/${incarnation}`,
      args: ["--compact-after", "4"],
      answer: (request) => {
        const isThunkRead = request.body.type === "read" && request.body.key !== "root";
        if (isThunkRead && this.failures-- > 0) return reply;
        return this.#services.get(request.dest)?.handle(request);
      },
    });
  }
}

/** Runs a transaction; returns the list of key `x` after it. */
async function append(node: FakeNode, element: number): Promise<Json> {
  node.host.takeSent();
  node.receive({ type: "txn", txn: [["append", "x", element], ["r", "x", null]], msg_id: 77 });
  await node.host.advance(4500);
  const reply = node.host.takeSent().find(({ body }) => body.in_reply_to === 77)?.body;
  assertEquals(reply?.type, "txn_ok", JSON.stringify(reply));
  return (reply?.txn as Json[][])[1]?.[2] as Json;
}

for (const [name, reply] of Object.entries(FAILURES)) {
  for (const isRestarted of [true, false]) {
    const node = isRestarted ? "a restarted node" : "a node that is behind";
    Deno.test(`${node} has every write although its first read of a thunk ${name}`, async () => {
      const stores = new Stores();
      const writer = stores.start("n1", 1);
      let reader = stores.start("n2", 1, reply);
      const elements: number[] = [];
      for (let element = 0; element < 3; element++) {
        elements.push(element);
        assertEquals(await append(reader, element), elements);
      }
      for (let element = 3; element < 30; element++) {
        elements.push(element);
        assertEquals(await append(writer, element), elements);
      }
      if (isRestarted) reader = stores.start("n2", 2, reply);
      stores.failures = 1;
      assertEquals(await append(reader, 30), [...elements, 30]);
      assert(stores.failures <= 0, "no thunk was read");
      assertEquals(await append(writer, 31), [...elements, 30, 31]);
    });
  }
}
