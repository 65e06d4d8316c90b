/**
 * The engine nats joins nodes that run elsewhere: it rejects those that it cannot test, and records
 * the messages of the others. The nodes here are connections that reply to controls.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "std/testing";
import { connect } from "@nats-io/transport-node";
import { Subjects } from "../../../../lib/transport/nats/subjects.ts";
import { parseServers } from "../../../../lib/transport/nats/servers.ts";
import { StartError } from "../../../../lib/workbench/engine.ts";
import { NatsEngine } from "../../../../lib/workbench/nats/nats_engine.ts";

const url = Deno.args[0] as string;
const NODES = ["n0", "n1"];
const subjects = new Subjects("far");
const elsewhere = await connect({ servers: parseServers(url).addresses[0] as string });

/** Replies to the controls of a node; returns the controls that it received. */
function startNode(id: string, { nodes = NODES, requests = 0 } = {}) {
  const controls: unknown[] = [];
  const counts = { received: 0, requests, sent: 0, malformed: 0, oversized: 0, partitioned: 0 };
  const status = { id, nodes, incarnation: "x", counts: { ...counts, overflowed: 0 } };
  const subscription = elsewhere.subscribe(subjects.control(id), {
    callback(_, message) {
      controls.push(message.json());
      message.respond(JSON.stringify(status));
    },
  });
  return { controls, stop: () => subscription.unsubscribe() };
}

const makeEngine = () =>
  new NatsEngine({ nodes: NODES, program: undefined, cluster: "far", server: { url } });

/** Resolves to the error of a run that must not begin. */
async function failure(): Promise<string> {
  let hasBegun = false;
  const run = () =>
    makeEngine().run(() => {
      hasBegun = true;
      return Promise.resolve();
    });
  const { message } = await assertRejects(run, StartError);
  assertEquals(hasBegun, false);
  return message;
}

// Nodes that cannot be tested: the first one is named.
assertEquals(
  await failure(),
  `There is no node n0 in the cluster far. Start it with --transport ${url} --node-id n0 ` +
    "--nodes n0,n1 --cluster far.",
);
const first = startNode("n0");
assert((await failure()).startsWith("There is no node n1 in the cluster far."));
const fewer = startNode("n1", { nodes: ["n1"] });
await elsewhere.flush();
assertEquals(
  await failure(),
  "The node n1 in the cluster far runs with --nodes n1, but the test is of n0,n1. " +
    "Give both the same nodes.",
);
fewer.stop();
const served = startNode("n1", { requests: 1 });
await elsewhere.flush();
assertEquals(
  await failure(),
  "The node n1 in the cluster far has served clients before. Restart it without its data.",
);
served.stop();

// A run with nodes that can be tested.
const second = startNode("n1");
await elsewhere.flush();
first.controls.length = 0;
const engine = makeEngine();
assertEquals([engine.name, engine.hasServices], ["nats", true]);
for (const fault of ["loss", "skew", "kill", "pause"]) {
  assert(engine.missingFaults.includes(fault), fault);
}
let hasFired = false;
const result = await engine.run(async () => {
  // The first control asks for copies of messages of services.
  assertEquals([first.controls, second.controls], [[{ observed: true }], [{ observed: true }]]);
  const events: unknown[] = [];
  const { promise: allRecorded, resolve } = Promise.withResolvers<void>();
  const handle = engine.start("n0", {
    sent: ({ src, dest }) => void events.push(["sent", src, dest]),
    observed: ({ src, dest }) => void events.push(["observed", src, dest]),
    malformedOutput(line, problem, { isAccepted }) {
      assert(problem !== "");
      events.push(["malformed", line, isAccepted]);
      if (line === "{}") resolve();
    },
    logged: (line) => void events.push(["logged", line]),
  });
  const delivered = Promise.withResolvers<string>();
  elsewhere.subscribe(subjects.message("n0", "c1"), {
    callback: (_, message) => delivered.resolve(message.string()),
  });
  await elsewhere.flush();
  const body = { type: "read", msg_id: 1 };
  await handle.deliver({ src: "c1", dest: "n0", body });
  assertEquals(JSON.parse(await delivered.promise), { src: "c1", dest: "n0", body });
  const text = (src: string, dest: string) => JSON.stringify({ src, dest, body: { type: "x" } });
  const publish = (dest: string, src: string, line = text(src, dest)) =>
    elsewhere.publish(subjects.message(dest, src), line);
  publish("n1", "n0");
  publish("c1", "n0");
  // Messages of clients, of nodes that have not started, and of unknown nodes.
  publish("n0", "c1");
  publish("n0", "n1");
  publish("n0", "x9");
  publish("n0", "n1", "malformed");
  // Copies of messages to and from a service.
  elsewhere.publish(subjects.service("lin-kv", "n0"), text("n0", "lin-kv"));
  elsewhere.publish(subjects.service("n0", "lin-kv"), text("lin-kv", "n0"));
  elsewhere.publish(subjects.service("n1", "lin-kv"), text("lin-kv", "n1"));
  elsewhere.publish(subjects.service("n0", "lin-kv"), "malformed");
  publish("n1", "n0", '{"src":"n0","dest":"n1"}');
  publish("n1", "n0", "oops");
  publish("n1", "n0", "{}");
  await allRecorded;
  assertEquals(events, [
    ["sent", "n0", "n1"],
    ["sent", "n0", "c1"],
    ["sent", "n0", "lin-kv"],
    ["observed", "lin-kv", "n0"],
    ["malformed", '{"src":"n0","dest":"n1"}', true],
    ["sent", "n0", "n1"],
    ["malformed", "oops", false],
    ["malformed", "{}", false],
  ]);
  engine.clock.after(0, () => hasFired = true);
  return "result";
});
assertEquals(result, "result");
await new Promise((resolve) => setTimeout(resolve, 20));
assertEquals(hasFired, false, "the end of the run stops the clock");
await elsewhere.close();
