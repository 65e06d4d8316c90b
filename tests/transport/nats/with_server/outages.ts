/**
 * A server that is killed and started again: messages wait in the outbox, surplus ones are dropped
 * and counted, services reply with definite errors, and then everything works again.
 *
 * The test starts and stops the server when this program asks for it on stdout.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { ErrorCode, type Node, RpcError } from "../../../../lib/node/mod.ts";
import { Client, startNode, until } from "./cluster.ts";

const buffer = new Uint8Array(64);

/** Asks the test for something, and waits until it is done. */
async function request(command: "stop" | "start" | "pause" | "resume"): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${command}\n`));
  await Deno.stdin.read(buffer);
}

let started: Node | undefined;
const received: number[] = [];
const outbox = { maxMessages: 5, drops: Deno.args[1] as "oldest" | "newest" };
const running = await startNode(
  (node) => {
    started = node;
    node.on("gossip", ({ value }) => void received.push(value as number));
  },
  "n0",
  ["n0", "n1"],
  outbox,
);
const node = started as unknown as Node;
// To itself: a peer could connect later than the sender, and miss what is sent until then.
const send = (value: number) => node.send("n0", { type: "gossip", value });

send(1);
await until(() => received.length === 1);
await node.kv.lin.write("k", 1);

await request("stop");
await until(() => running.log.some((line) => line.startsWith("disconnected")));
for (let value = 2; value <= 9; value++) send(value);
assertEquals(running.node.counts.overflowed, 3);
assertEquals(received, [1]);

// Nothing was sent, so the write has definitely not happened.
const error = await node.kv.lin.write("k", 2, { timeoutMs: 4000 }).catch((error) => error);
assert(error instanceof RpcError, String(error));
assertEquals(error.code, ErrorCode.temporarilyUnavailable);

await request("start");
await until(() => received.length === 6);
assertEquals(received, outbox.drops === "oldest" ? [1, 5, 6, 7, 8, 9] : [1, 2, 3, 4, 5, 6]);
assertEquals(await node.kv.lin.read("k"), 1);
await node.kv.lin.write("k", 3);
// A server that takes a write and does not reply: the write may happen, and later does.
await request("pause");
let value = 3;
let unknown: unknown;
while (unknown === undefined) {
  // It may still reply to the first ones.
  unknown = await node.kv.lin.write("k", ++value, { timeoutMs: 4000 }).catch((error) => error);
}
assert(unknown instanceof RpcError, String(unknown));
assertEquals([unknown.code, unknown.text.includes("outcome unknown")], [ErrorCode.timeout, true]);
await request("resume");
await until(async () => await node.kv.lin.read("k") === value);

const client = await Client.open();
assertEquals((await client.status("n0")).counts.overflowed, 3);
await running.stop();
await client.connection.close();
