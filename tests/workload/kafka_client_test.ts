import { assertEquals, assertRejects } from "std/testing";
import type { Body } from "../../lib/wire/mod.ts";
import { kafka } from "../../lib/workload/kafka.ts";
import { type Client, DEFAULT_OPTIONS, MalformedReplyError } from "../../lib/workload/mod.ts";
import { refusing, type Script, ScriptedConnection } from "../support/scripted_connection.ts";

const POLL = { f: "poll", value: [["poll"]] };

function assign(keys: string[], extra?: Record<string, unknown>) {
  return { f: "assign", value: keys, ...(extra === undefined ? {} : { extra }) };
}

/** A client and its requests. The node lists these committed offsets and returns these messages. */
function clientOf(
  { committed = {}, messages = [] }: {
    readonly committed?: Body["offsets"] & object;
    readonly messages?: (Body["msgs"] & object)[];
  },
): { client: Client; requests: readonly Body[] } {
  const polls = [...messages];
  const connection = new ScriptedConnection(({ type }) => {
    switch (type) {
      case "poll":
        return { type: "poll_ok", msgs: polls.shift() ?? {} };
      case "list_committed_offsets":
        return { type: "list_committed_offsets_ok", offsets: committed };
      case "commit_offsets":
        return { type: "commit_offsets_ok" };
      default:
        return undefined;
    }
  });
  return { client: kafka.client(connection, DEFAULT_OPTIONS), requests: connection.requests };
}

function offsetsPolledFrom(requests: readonly Body[]) {
  return requests.filter(({ type }) => type === "poll").map(({ offsets }) => offsets);
}

Deno.test("send completes with the offset of the message", async () => {
  const connection = new ScriptedConnection(() => ({ type: "send_ok", offset: 12 }));
  const client = kafka.client(connection, DEFAULT_OPTIONS);
  assertEquals(await client.invoke({ f: "send", value: [["send", "k", 5]] }), {
    type: "ok",
    value: [["send", "k", [12, 5]]],
  });
  assertEquals(connection.requests, [{ type: "send", key: "k", msg: 5 }]);
});

Deno.test("an operation that kafka does not have is rejected", async () => {
  const { client } = clientOf({});
  await assertRejects(
    () => client.invoke({ f: "peek", value: null }),
    TypeError,
    'unknown operation "peek" of kafka; expected send, poll, assign, committed or crash',
  );
});

Deno.test("client without assigned keys polls no keys and commits nothing", async () => {
  const { client, requests } = clientOf({});
  assertEquals(await client.invoke(POLL), { type: "ok", value: [["poll", {}]] });
  assertEquals(requests, [{ type: "poll", offsets: {} }]);
});

Deno.test("poll continues after the returned messages and commits the highest offset of each key", async () => {
  const { client, requests } = clientOf({
    messages: [{ a: [[0, "x"], [1, "y"]], b: [[7, "z"]] }, { a: [[5, "v"]] }],
  });
  await client.invoke(assign(["a", "b"]));
  assertEquals(await client.invoke(POLL), {
    type: "ok",
    value: [["poll", { a: [[0, "x"], [1, "y"]], b: [[7, "z"]] }]],
  });
  await client.invoke(POLL);
  await client.invoke(POLL);
  assertEquals(offsetsPolledFrom(requests), [{ a: 0, b: 0 }, { a: 2, b: 8 }, { a: 6, b: 8 }]);
  assertEquals(requests.filter(({ type }) => type === "commit_offsets"), [
    { type: "commit_offsets", offsets: { a: 1, b: 7 } },
    { type: "commit_offsets", offsets: { a: 5 } },
  ]);
});

Deno.test("poll continues after the highest offset, whatever the order of messages", async () => {
  const { client, requests } = clientOf({ messages: [{ a: [[9, 1], [3, 2]] }, { a: [[4, 3]] }] });
  await client.invoke(assign(["a"]));
  for (let poll = 0; poll < 3; poll++) await client.invoke(POLL);
  assertEquals(offsetsPolledFrom(requests), [{ a: 0 }, { a: 10 }, { a: 10 }]);
});

Deno.test("poll with empty or missing lists keeps its offsets and commits nothing", async () => {
  const { client, requests } = clientOf({ messages: [{ a: [[3, 1]] }, { a: [] }, { a: null }] });
  await client.invoke(assign(["a"]));
  for (let poll = 0; poll < 4; poll++) await client.invoke(POLL);
  assertEquals(offsetsPolledFrom(requests), [{ a: 0 }, { a: 4 }, { a: 4 }, { a: 4 }]);
  assertEquals(requests.filter(({ type }) => type === "commit_offsets").length, 1);
});

Deno.test("assigned key starts at the client's own offset, else at the committed offset, else at 0", async () => {
  const { client, requests } = clientOf({
    committed: { a: 40, b: 50 },
    messages: [{ a: [[0, 1], [1, 2]] }],
  });
  await client.invoke(assign(["a"], { "seek-to-beginning?": true }));
  await client.invoke(POLL);
  assertEquals(await client.invoke(assign(["a", "b", "c"])), {
    type: "ok",
    extra: { committed: { a: 40, b: 50 } },
  });
  await client.invoke(POLL);
  assertEquals(offsetsPolledFrom(requests), [{ a: 0 }, { a: 2, b: 50, c: 0 }]);
  assertEquals(requests.filter(({ type }) => type === "list_committed_offsets"), [
    { type: "list_committed_offsets", keys: ["a", "b", "c"] },
  ]);
});

Deno.test("client drops the offset of a key that is no longer assigned", async () => {
  const { client, requests } = clientOf({ committed: { a: 3 }, messages: [{ a: [[8, 1]] }] });
  await client.invoke(assign(["a"]));
  await client.invoke(POLL);
  await client.invoke(assign(["b"]));
  await client.invoke(assign(["a"]));
  await client.invoke(POLL);
  assertEquals(offsetsPolledFrom(requests), [{ a: 3 }, { a: 3 }]);
});

Deno.test("seek to the beginning sends no request and starts every key at 0", async () => {
  const { client, requests } = clientOf({ committed: { a: 40 }, messages: [{ a: [[4, 1]] }] });
  await client.invoke(assign(["a"]));
  await client.invoke(POLL);
  await client.invoke(assign(["a", "b"], { "seek-to-beginning?": true }));
  await client.invoke(POLL);
  assertEquals(offsetsPolledFrom(requests), [{ a: 40 }, { a: 0, b: 0 }]);
  assertEquals(requests.filter(({ type }) => type === "list_committed_offsets").length, 1);
});

Deno.test("crash ends `info` and sends no request", async () => {
  const { client, requests } = clientOf({});
  assertEquals(await client.invoke({ f: "crash", value: null }), { type: "info" });
  assertEquals(requests, []);
  assertEquals(kafka.mayNeverSucceed, ["crash"]);
  assertEquals(kafka.reusesClients, undefined, "a new client replaces the crashed one");
});

Deno.test("any error ends an assign `fail`; only a definite error ends a send or poll `fail`", async () => {
  const silent = kafka.client(new ScriptedConnection(() => undefined), DEFAULT_OPTIONS);
  const send = { f: "send", value: [["send", "k", 5]] };
  assertEquals(await silent.invoke(assign(["a"])), { type: "fail", error: "net-timeout" });
  assertEquals(await silent.invoke(send), { type: "info", error: "net-timeout" });
  assertEquals(await silent.invoke(POLL), { type: "info", error: "net-timeout" });
  const crashing = kafka.client(refusing(13), DEFAULT_OPTIONS);
  assertEquals(await crashing.invoke(assign(["a"])), { type: "fail", error: ["crash", "no"] });
  assertEquals(await crashing.invoke(send), { type: "info", error: ["crash", "no"] });
  const aborting = kafka.client(refusing(14), DEFAULT_OPTIONS);
  assertEquals(await aborting.invoke(send), { type: "fail", error: ["abort", "no"] });
  assertEquals(await aborting.invoke(POLL), { type: "fail", error: ["abort", "no"] });
});

Deno.test("poll whose commit times out ends `info`", async () => {
  const script: Script = ({ type }) =>
    type === "poll" ? { type: "poll_ok", msgs: { a: [[0, 1]] } } : undefined;
  const client = kafka.client(new ScriptedConnection(script), DEFAULT_OPTIONS);
  assertEquals(await client.invoke(POLL), { type: "info", error: "net-timeout" });
});

Deno.test("kafka client throws for a malformed reply", async () => {
  const malformed: Body["msgs"][] = [
    [],
    { a: [0, 1] },
    { a: [["0", 1]] },
    { a: [[0]] },
    { a: [[0.5, 1]] },
    { a: [[0, 1, 2]] },
  ];
  for (const msgs of malformed) {
    const connection = new ScriptedConnection(() => ({ type: "poll_ok", msgs: msgs ?? null }));
    await assertRejects(
      () => kafka.client(connection, DEFAULT_OPTIONS).invoke(POLL),
      MalformedReplyError,
    );
  }
  const sending = new ScriptedConnection(() => ({ type: "send_ok", offset: "0" }));
  await assertRejects(
    () => kafka.client(sending, DEFAULT_OPTIONS).invoke({ f: "send", value: [["send", "k", 5]] }),
    MalformedReplyError,
  );
});

Deno.test("assign records the listed offsets, and that none is listed after the client's commit", async () => {
  for (const listed of [{ a: 1 }, { a: 0 }, {}]) {
    const { client } = clientOf({ committed: listed, messages: [{ a: [[0, "x"], [1, "y"]] }] });
    await client.invoke(assign(["a"], { "seek-to-beginning?": true }));
    await client.invoke(POLL);
    const assigned = await client.invoke(assign(["a", "b"]));
    assertEquals(assigned, { type: "ok", extra: { committed: listed } });
  }
  const { client } = clientOf({});
  assertEquals(await client.invoke(assign(["a"])), { type: "ok" });
});
