/**
 * Unique ids that are integers: exact, and so unique, however many nodes and ids there are.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { ErrorCode } from "../../lib/node/mod.ts";
import { createServices } from "../../lib/service/mod.ts";
import { FakeNode, type FakeNodeOptions } from "../../lib/testing/fake_node.ts";
import uniqueIds from "../../nodes/unique_ids.ts";

const END_OF_2036_MS = Date.UTC(2036, 11, 31);

/** Starts a node whose wall clock begins at `atMs`. */
async function start(
  { atMs, ...options }: FakeNodeOptions & { readonly atMs?: number },
): Promise<FakeNode> {
  const node = new FakeNode(uniqueIds, { ...options, init: false });
  node.host.startsAtMs = atMs ?? node.host.startsAtMs;
  node.receive({ type: "init", node_id: node.id, node_ids: [...options.nodes ?? []], msg_id: 0 });
  await node.host.advance(1);
  return node;
}

async function generate(node: FakeNode, count: number): Promise<number[]> {
  const ids: number[] = [];
  for (let request = 0; request < count; request++) {
    ids.push((await node.ask({ type: "generate" }))?.id as number);
  }
  return ids;
}

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `n${index}`);
}

const modulo = ["--strategy", "modulo"];

for (const count of [161, 162, 500, 1049]) {
  Deno.test(`modulo: ids of ${count} nodes are exact integers until the end of 2036`, async () => {
    const nodes = namesOf(count);
    for (const atMs of [Date.UTC(2026, 0), END_OF_2036_MS]) {
      const ids: number[] = [];
      for (const index of [0, 1, count - 2, count - 1]) {
        const node = await start({ id: `n${index}`, nodes, args: modulo, atMs });
        const generated = await generate(node, 50);
        for (const id of generated) {
          assert(Number.isSafeInteger(id), `${id}`);
          assertEquals(id % count, index);
        }
        ids.push(...generated);
      }
      assertEquals(new Set(ids).size, ids.length);
    }
  });
}

Deno.test("modulo refuses more nodes than have room below 2^53, and names the limit", async () => {
  const node = await start({ id: "n0", nodes: namesOf(1050), args: modulo });
  assertStringIncludes(
    String(node.host.failure),
    "modulo ids have room for 1049 nodes, got 1050; choose another strategy",
  );
});

Deno.test("an integer from 2^53 on is a definite error, not an inexact id", async () => {
  const services = createServices(new Random(1));
  const lin = services.get("lin-kv");
  lin?.handle({
    src: "n9",
    dest: "lin-kv",
    body: { type: "write", key: "unique-ids", value: 2 ** 53 - 50, msg_id: 1 },
  });
  const blocks = await start({
    nodes: ["n1"],
    args: ["--strategy", "lin-kv", "--block", "30"],
    answer: (request) => lin?.handle(request),
  });
  assertEquals((await generate(blocks, 30)).at(-1), 2 ** 53 - 21);
  const late = await start({ nodes: ["n1", "n2"], args: modulo, atMs: Date.UTC(2600, 0) });
  for (const node of [blocks, late]) {
    const reply = await node.ask({ type: "generate" });
    assertEquals(reply?.code, ErrorCode.temporarilyUnavailable);
    assertStringIncludes(String(reply?.text), "ids below 2^53 are used up");
  }
});
