/**
 * What a client without credentials, or with those of another node, can do: nothing.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "std/testing";
import { connect, errors } from "@nats-io/transport-node";
import { AccessError, connectToNats } from "../../../../lib/transport/nats/connect.ts";
import { parseServers } from "../../../../lib/transport/nats/servers.ts";
import { Client, startNode, subjects, until, url } from "./cluster.ts";

const servers = parseServers(url).addresses[0] ?? "";
const credentialsOf = (user: string) => ({ user, pass: `secret of ${user}` });
const addressOf = (user: string) =>
  `nats://${user}:${encodeURIComponent(`secret of ${user}`)}@${servers}`;

const received: string[] = [];
const running = await startNode(
  (node) => {
    node.on("read", () => ({ type: "read_ok" }));
    node.on("gossip", ({ value }) => void received.push(String(value)));
  },
  "n0",
  ["n0", "n1", "n2"],
  undefined,
  addressOf("n0"),
);
const workbench = await Client.open(credentialsOf("workbench"));

for (const options of [{}, { user: "n0", pass: "guess" }, { token: "n0" }]) {
  await assertRejects(
    () => connect({ servers, reconnect: false, ...options }),
    errors.AuthorizationError,
  );
}
const access = { name: "x", inboxPrefix: "_INBOX_x", log: () => {} };
await assertRejects(
  () => connectToNats({ ...access, servers: parseServers(`nats://n0:guess@${servers}`) }),
  AccessError,
  "refused the credentials",
);

// Node n1 sends as itself, but not as n2 or a client, and can neither control nor listen.
const node1 = await connect({
  servers,
  ...credentialsOf("n1"),
  inboxPrefix: subjects.replies("n1"),
});
const violations: string[] = [];
(async () => {
  for await (const status of node1.status()) {
    if (status.type === "error") violations.push(status.error.message);
  }
})();
const message = (src: string, value: string) =>
  JSON.stringify({ src, dest: "n0", body: { type: "gossip", value } });
node1.publish(subjects.message("n0", "n2"), message("n2", "forged"));
node1.publish(subjects.message("n0", "c1"), message("c1", "forged"));
node1.publish(subjects.control("n0"), '{"drops":["n1","n2"]}');
node1.publish(subjects.call("n0"), '{"type":"read"}');
const overheard: string[] = [];
for (const subject of [subjects.messages, subjects.messagesTo("n0"), "_INBOX_test_n0.>", ">"]) {
  node1.subscribe(subject, {
    callback: (error, { subject }) => {
      if (error === null) overheard.push(subject);
    },
  });
}
node1.publish(subjects.message("n0", "n1"), message("n1", "own"));
await until(() => received.length === 1 && violations.length === 8);
assertEquals(received, ["own"]);
assertEquals(overheard, []);
const { counts } = await workbench.status("n0");
assertEquals([counts.received, counts.malformed, counts.partitioned], [1, 0, 0]);

// Calls and controls work for a user with the right.
assertEquals(await workbench.call("n0", { type: "read" }), { type: "read_ok" });
await workbench.status("n0", '{"drops":["n1"]}');
node1.publish(subjects.message("n0", "n1"), message("n1", "partitioned"));
await node1.flush();
await until(async () => (await workbench.status("n0")).counts.partitioned === 1);
await workbench.status("n0", '{"drops":[]}');
node1.publish(subjects.message("n0", "n1"), message("n1", "healed"));
await until(() => received.length === 2);
assert(received.includes("healed"));
await running.stop();
await node1.close();
await workbench.connection.close();
