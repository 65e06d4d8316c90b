/**
 * Malformed and oversized messages on every subject are refused and counted, and the node still
 * serves.
 *
 * @module
 */

import { assertEquals } from "std/testing";
import { headers } from "@nats-io/transport-node";
import { Client, startNode, subjects, until } from "./cluster.ts";

const received: string[] = [];
const running = await startNode(
  (node) => {
    node.on("read", () => ({ type: "read_ok", value: received.length }));
    node.on("read_much", () => ({ type: "read_much_ok", value: "x".repeat(200_000) }));
    node.on("gossip", ({ value }) => void received.push(String(value)));
  },
  "n0",
  ["n0", "n1"],
);
const client = await Client.open();
const { connection } = client;
const publish = (subject: string, text: string) => connection.publish(subject, text);
const message = (src: string, body: unknown) => JSON.stringify({ src, dest: "n0", body });
const fromPeer = subjects.message("n0", "n1");
const large = " ".repeat(100_001);
const gossip = { type: "gossip", value: 1 };

const malformed: [string, string][] = [
  ...["", "{", "[]", "null", "7", '"x"', "\u0000", "{}", '{"src":"n1"}'].map((text) =>
    [fromPeer, text] as [string, string]
  ),
  [fromPeer, message("n1", [])],
  [fromPeer, message("n1", { type: 5 })],
  [fromPeer, message("n1", { type: "gossip", msg_id: "1" })],
  // The sender in the message is not the one in the subject.
  [fromPeer, message("n2", gossip)],
  [fromPeer, message("c1", { type: "read", msg_id: 1 })],
  // The last token is not an encoded id.
  [`${subjects.messagesTo("n0").slice(0, -1)}=zz`, message("=zz", gossip)],
  // Requests without a subject for replies, or that are not objects.
  [subjects.call("n0"), '{"type":"read"}'],
  [subjects.call("n0"), "{"],
  [subjects.callAny, "[]"],
  [subjects.control("n0"), ""],
  [subjects.control("n0"), '{"drops":"n1"}'],
  [subjects.control("n0"), '{"unknown":1}'],
];
for (const [subject, text] of malformed) publish(subject, text);
publish(fromPeer, message("n1", gossip));
await until(() => received.length === 1);
assertEquals((await client.status("n0")).counts.malformed, malformed.length);

for (const subject of [fromPeer, subjects.call("n0"), subjects.callAny, subjects.control("n0")]) {
  publish(subject, large);
}
publish(fromPeer, message("n1", { ...gossip, value: 2 }));
await until(() => received.length === 2);
const { counts } = await client.status("n0");
assertEquals(
  { ...counts, sent: 0 },
  {
    received: 2,
    requests: 0,
    sent: 0,
    malformed: malformed.length,
    oversized: 4,
    partitioned: 0,
    overflowed: 0,
  },
);

// The sender of a request learns why it was refused.
const text = async (subject: string, content: string) =>
  (await connection.request(subject, content, { timeout: 2000 })).string();
assertEquals(JSON.parse(await text(subjects.call("n0"), "{")).code, 12);
assertEquals(JSON.parse(await text(subjects.callAny, large)).code, 12);
assertEquals(typeof JSON.parse(await text(subjects.control("n0"), "{")).problem, "string");

// Deep nesting neither overflows the stack nor reaches the program.
const deep = `{"type":"read","x":${"[".repeat(5000)}${"]".repeat(5000)}}`;
assertEquals(JSON.parse(await text(subjects.call("n0"), deep)).code, 12);

// A reply that is too large becomes an error.
const much = await client.call("n0", { type: "read_much" });
assertEquals([much.type, much.code], ["error", 13]);
const replied = Promise.withResolvers<string>();
connection.subscribe(subjects.messagesTo("c7"), {
  callback: (_, message) => replied.resolve(message.string()),
});
const request = { src: "c7", dest: "n0", body: { type: "read_much", msg_id: 5 } };
publish(subjects.message("n0", "c7"), JSON.stringify(request));
const { body: error } = JSON.parse(await replied.promise);
assertEquals([error.code, error.in_reply_to], [13, 5]);

// Headers and empty payloads are nothing special.
connection.publish(fromPeer, message("n1", { ...gossip, value: 3 }), { headers: headers() });
await until(() => received.length === 3);
assertEquals(await client.call("n0", { type: "read" }), { type: "read_ok", value: 3 });
assertEquals(await client.call(undefined, { type: "read" }), { type: "read_ok", value: 3 });
assertEquals(running.log.length <= 30, true, "the log is bounded");
await running.stop();
await connection.close();
