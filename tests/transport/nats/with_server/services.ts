/**
 * The services on JetStream: their replies, concurrent compare-and-sets, increasing timestamps, and
 * errors without a server.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { type Body, ErrorCode, hasCode, type Node, RpcError } from "../../../../lib/node/mod.ts";
import { Client, startNode, until } from "./cluster.ts";

const started: Node[] = [];
const running = await Promise.all(["n0", "n1"].map((id) =>
  startNode(
    (node) => {
      started.push(node);
      node.on("read", () => ({ type: "read_ok" }));
    },
    id,
    ["n0", "n1"],
  )
));
const [a, b] = started as [Node, Node];
const codeOf = async (promise: Promise<unknown>) => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof RpcError) return error.code;
    throw error;
  }
  return undefined;
};

for (const store of ["lin", "seq", "lww"] as const) {
  assertEquals(await codeOf(a.kv[store].read("k")), ErrorCode.keyDoesNotExist);
  await a.kv[store].write("k", { value: [1, 2n ** 60n] });
  assertEquals(await b.kv[store].read("k"), { value: [1, 2n ** 60n] });
  assertEquals(await codeOf(b.kv[store].cas("k", 1, 2)), ErrorCode.preconditionFailed);
}
await a.kv.lin.cas(["a key"], 0, 1, { createIfMissing: true });
assertEquals(await b.kv.lin.read(["a key"]), 1);
assertEquals(await codeOf(b.kv.seq.read(["a key"])), ErrorCode.keyDoesNotExist, "other store");

// Of concurrent compare-and-sets from the same value, one succeeds.
let increments = 0;
await a.kv.lin.write("count", 0);
await Promise.all([a, b, a, b].map(async (node) => {
  for (let round = 0; round < 25; round++) {
    const value = await node.kv.lin.read("count") as number;
    try {
      await node.kv.lin.cas("count", value, value + 1);
      increments++;
    } catch (error) {
      if (!hasCode(error, ErrorCode.preconditionFailed)) throw error;
    }
  }
}));
assertEquals(await a.kv.lin.read("count"), increments);
assert(increments >= 25);

// Timestamps start at 0, and increase across nodes.
const timestamps: number[] = [];
for (const node of [a, b, a, b]) timestamps.push(await node.tso.next());
assertEquals(timestamps, [0, 1, 2, 3]);
const many = await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 ? a : b).tso.next()));
assertEquals(new Set(many).size, 40);

// Observers see the requests and replies; a bad request has a definite error.
const client = await Client.open();
const seen: Body[] = [];
client.connection.subscribe("maelstrom.test.service.*.*", {
  callback: (_, message) => void seen.push(message.json<{ body: Body }>().body),
});
await client.connection.flush();
await client.status("n0", '{"observed":true}');
await a.kv.lin.read("count");
await b.kv.lin.read("count");
await until(() => seen.length === 2);
assertEquals(seen.map(({ type }) => type), ["read", "read_ok"]);
assertEquals((await a.rpc("lin-kv", { type: "purge", key: 1 }).catch((error) => error)).code, 10);
assertEquals((await a.rpc("lin-tso", { type: "read" }).catch((error) => error)).code, 10);

await Promise.all(running.map(({ stop }) => stop()));
await client.connection.close();
