import { assertEquals, assertRejects } from "std/testing";
import type { Body } from "../../lib/wire/mod.ts";
import { kafka } from "../../lib/workload/kafka.ts";
import { type Client, DEFAULT_OPTIONS, MalformedReplyError } from "../../lib/workload/mod.ts";
import { refusing, type Script, ScriptedConnection } from "../support/scripted_connection.ts";

const POLL = { f: "poll", value: [["poll"]] };

function assign(keys: string[], extra?: Record<string, unknown>) {
  return { f: "assign", value: keys, ...(extra === undefined ? {} : { extra }) };
}

/** A client on a node that knows these commits and polls these messages, and the requests it makes. */
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

Deno.test("a message is sent and completed with its offset", async () => {
  const connection = new ScriptedConnection(() => ({ type: "send_ok", offset: 12 }));
  const client = kafka.client(connection, DEFAULT_OPTIONS);
  assertEquals(await client.invoke({ f: "send", value: [["send", "k", 5]] }), {
    type: "ok",
    value: [["send", "k", [12, 5]]],
  });
  assertEquals(connection.requests, [{ type: "send", key: "k", msg: 5 }]);
});

Deno.test("a client that is assigned nothing polls nothing and commits nothing", async () => {
  const { client, requests } = clientOf({});
  assertEquals(await client.invoke(POLL), { type: "ok", value: [["poll", {}]] });
  assertEquals(requests, [{ type: "poll", offsets: {} }]);
});

Deno.test("polls go on behind what came back and commit the highest offset of each key", async () => {
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

Deno.test("the highest offset counts, in whatever order messages come", async () => {
  const { client, requests } = clientOf({ messages: [{ a: [[9, 1], [3, 2]] }, { a: [[4, 3]] }] });
  await client.invoke(assign(["a"]));
  for (let poll = 0; poll < 3; poll++) await client.invoke(POLL);
  assertEquals(offsetsPolledFrom(requests), [{ a: 0 }, { a: 10 }, { a: 10 }]);
});

Deno.test("empty and missing lists leave offsets where they are and commit nothing", async () => {
  const { client, requests } = clientOf({ messages: [{ a: [[3, 1]] }, { a: [] }, { a: null }] });
  await client.invoke(assign(["a"]));
  for (let poll = 0; poll < 4; poll++) await client.invoke(POLL);
  assertEquals(offsetsPolledFrom(requests), [{ a: 0 }, { a: 4 }, { a: 4 }, { a: 4 }]);
  assertEquals(requests.filter(({ type }) => type === "commit_offsets").length, 1);
});

Deno.test("an assigned key starts at the client's own offset, else the committed one, else 0", async () => {
  const { client, requests } = clientOf({
    committed: { a: 40, b: 50 },
    messages: [{ a: [[0, 1], [1, 2]] }],
  });
  await client.invoke(assign(["a"], { "seek-to-beginning?": true }));
  await client.invoke(POLL);
  assertEquals(await client.invoke(assign(["a", "b", "c"])), { type: "ok" });
  await client.invoke(POLL);
  assertEquals(offsetsPolledFrom(requests), [{ a: 0 }, { a: 2, b: 50, c: 0 }]);
  assertEquals(requests.filter(({ type }) => type === "list_committed_offsets"), [
    { type: "list_committed_offsets", keys: ["a", "b", "c"] },
  ]);
});

Deno.test("keys that are no longer assigned are forgotten", async () => {
  const { client, requests } = clientOf({ committed: { a: 3 }, messages: [{ a: [[8, 1]] }] });
  await client.invoke(assign(["a"]));
  await client.invoke(POLL);
  await client.invoke(assign(["b"]));
  await client.invoke(assign(["a"]));
  await client.invoke(POLL);
  assertEquals(offsetsPolledFrom(requests), [{ a: 3 }, { a: 3 }]);
});

Deno.test("seeking to the beginning asks nobody and starts every key at 0", async () => {
  const { client, requests } = clientOf({ committed: { a: 40 }, messages: [{ a: [[4, 1]] }] });
  await client.invoke(assign(["a"]));
  await client.invoke(POLL);
  await client.invoke(assign(["a", "b"], { "seek-to-beginning?": true }));
  await client.invoke(POLL);
  assertEquals(offsetsPolledFrom(requests), [{ a: 40 }, { a: 0, b: 0 }]);
  assertEquals(requests.filter(({ type }) => type === "list_committed_offsets").length, 1);
});

Deno.test("a crash is of unknown outcome and asks nobody", async () => {
  const { client, requests } = clientOf({});
  assertEquals(await client.invoke({ f: "crash", value: null }), { type: "info" });
  assertEquals(requests, []);
  assertEquals(kafka.mayFail, ["crash"]);
  assertEquals(kafka.reusesClients, undefined, "a fresh client goes on");
});

Deno.test("assign fails on any error, send and poll only on definite ones", async () => {
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

Deno.test("a poll whose commit gets no answer is of unknown outcome", async () => {
  const script: Script = ({ type }) =>
    type === "poll" ? { type: "poll_ok", msgs: { a: [[0, 1]] } } : undefined;
  const client = kafka.client(new ScriptedConnection(script), DEFAULT_OPTIONS);
  assertEquals(await client.invoke(POLL), { type: "info", error: "net-timeout" });
});

Deno.test("replies of the wrong shape are thrown", async () => {
  const wrong: Body["msgs"][] = [
    [],
    { a: [0, 1] },
    { a: [["0", 1]] },
    { a: [[0]] },
    { a: [[0.5, 1]] },
    { a: [[0, 1, 2]] },
  ];
  for (const msgs of wrong) {
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

Deno.test("an assignment puts down what it was told when that is less than the client committed", async () => {
  for (const [told, extra] of [[{ a: 1 }, undefined], [{ a: 0 }, { a: 0 }], [{}, {}]] as const) {
    const { client } = clientOf({ committed: told, messages: [{ a: [[0, "x"], [1, "y"]] }] });
    await client.invoke(assign(["a"], { "seek-to-beginning?": true }));
    await client.invoke(POLL);
    assertEquals(await client.invoke(assign(["a", "b"])), {
      type: "ok",
      ...(extra === undefined ? {} : { extra: { committed: extra } }),
    });
  }
});
