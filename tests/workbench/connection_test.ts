import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "std/testing";
import { Double, Random } from "../../lib/base/mod.ts";
import { sleep } from "../../lib/workbench/clock.ts";
import { NetworkConnection } from "../../lib/workbench/connection.ts";
import { Network } from "../../lib/workbench/network.ts";
import { DeadlockError } from "../../lib/workbench/sim/mod.ts";
import { type Body, type RawMessage, RpcError, type Schema, schema } from "../../lib/wire/mod.ts";
import { MalformedReplyError } from "../../lib/workload/mod.ts";
import { inVirtualTime } from "../support/in_virtual_time.ts";

const anyReply: Schema<Body> = { expectation: "anything", problem: () => undefined };

interface Scene {
  readonly client: NetworkConnection;
  now(): number;
  sleep(durationMs: number): Promise<void>;
  /** The requests that the node received. */
  readonly requests: RawMessage[];
}

/** Runs a test with a client of a node `n1`, which sends each body of `replies` after its delay. */
function withNode<T>(
  replies: (request: Body, count: number) => readonly (readonly [number, unknown])[],
  test: (scene: Scene) => Promise<T>,
): Promise<T> {
  return inVirtualTime((clock) => {
    const network = new Network({
      clock,
      random: new Random("1"),
      latency: { meanMs: 0, distribution: "constant" },
      journal: () => {},
    });
    const requests: RawMessage[] = [];
    network.add("n1", (request) => {
      const { src } = request;
      requests.push(request);
      for (const [delayMs, body] of replies(request.body as Body, requests.length)) {
        clock.after(delayMs, () => network.send({ src: "n1", dest: src, body }));
      }
    });
    const client = new NetworkConnection(network, clock, "n1");
    return test({
      client,
      requests,
      now: () => clock.now(),
      sleep: (durationMs) => sleep(clock, durationMs),
    });
  });
}

const reply = (request: Body, more: object = {}) => ({
  type: `${request.type}_ok`,
  in_reply_to: request.msg_id,
  ...more,
});

Deno.test("a call sends the request with a message id of its own and returns the reply", async () => {
  await withNode(
    (request, count) => [[3, reply(request, { count })]],
    async ({ client, requests, now }) => {
      assertEquals(await client.call({ type: "a" }, anyReply), {
        type: "a_ok",
        in_reply_to: 1,
        count: 1,
      });
      assertEquals(now(), 3);
      await client.call({ type: "b", x: [1] }, anyReply);
      assertEquals(requests, [
        { src: "c0", dest: "n1", body: { type: "a", msg_id: 1 } },
        { src: "c0", dest: "n1", body: { type: "b", x: [1], msg_id: 2 } },
      ]);
    },
  );
});

Deno.test("a call times out with error 0, by default after 5 s", async () => {
  await withNode(() => [], async ({ client, now }) => {
    const error = await assertRejects(() => client.call({ type: "a" }, anyReply), RpcError);
    assertEquals([error.code, error.definite, now()], [0, false, 5000]);
    assertStringIncludes(error.message, "no reply from n1 to 'a' within 5000 ms");
    await assertRejects(() => client.call({ type: "a" }, anyReply, 250), RpcError);
    assertEquals(now(), 5250);
  });
});

Deno.test("late, duplicate and unrelated replies are ignored", async () => {
  const replies = (request: Body, count: number) =>
    count === 1 ? [[300, reply(request, { late: true })]] as const : [
      [10, { type: "gossip" }],
      [20, { type: "x_ok", in_reply_to: 77 }],
      [30, ["no", "message"]],
      [40, null],
      [250, reply(request, { first: true })],
      [250, reply(request, { first: false })],
    ] as const;
  await withNode(replies, async ({ client, now }) => {
    await assertRejects(() => client.call({ type: "a" }, anyReply, 100), RpcError);
    const received = await client.call({ type: "b" }, anyReply);
    assertEquals(received, { type: "b_ok", in_reply_to: 2, first: true });
    assertEquals(now(), 350);
    await client.call({ type: "c" }, anyReply);
    assertEquals(now(), 600);
  });
});

Deno.test("a timeout names a reply whose in_reply_to is not the request's integer", async () => {
  const cases: readonly (readonly [unknown, string | undefined])[] = [
    [new Double(1), "its reply has in_reply_to 1.0; expected the integer 1"],
    ["1", 'its reply has in_reply_to "1"; expected the integer 1'],
    [null, "its reply has in_reply_to null; expected the integer 1"],
    [
      undefined,
      'it sent {"type":"a_ok"}, which has no in_reply_to; expected the integer 1',
    ],
    [7, undefined],
  ];
  for (const [id, reason] of cases) {
    const sent = { type: "a_ok", in_reply_to: id };
    await withNode((_, count) => count === 1 ? [[1, sent]] : [], async ({ client }) => {
      const error = await assertRejects(() => client.call({ type: "a" }, anyReply), RpcError);
      const expected = "no reply from n1 to 'a' within 5000 ms" +
        (reason === undefined ? "" : ` (${reason})`);
      assertEquals(error.text, expected);
      assertEquals(client.unmatchedReply, reason);
      await assertRejects(() => client.call({ type: "b" }, anyReply), RpcError);
      assertEquals(client.unmatchedReply, undefined, "of an earlier call");
    });
  }
});

Deno.test("an error reply is thrown as an RpcError", async () => {
  const replies = (request: Body) =>
    [[1, { type: "error", code: 20, text: "nothing here", in_reply_to: request.msg_id }]] as const;
  await withNode(replies, async ({ client }) => {
    const error = await assertRejects(() => client.call({ type: "read" }, anyReply), RpcError);
    assertEquals([error.code, error.errorName, error.definite, error.text], [
      20,
      "key-does-not-exist",
      true,
      "nothing here",
    ]);
  });
});

Deno.test("a malformed reply is thrown with the request, the reply and the expected schema", async () => {
  const shape = schema.object({ type: schema.literal("read_ok"), value: schema.integer });
  await withNode((request) => [[1, reply(request, { value: "7" })]], async ({ client }) => {
    const error = await assertRejects(
      () => client.call({ type: "read" }, shape),
      MalformedReplyError,
    );
    for (const part of ["Node n1", '"type":"read"', "value: an integer", 'got "7"']) {
      assertStringIncludes(error.message, part);
    }
    assertEquals(error.data.body, { type: "read_ok", in_reply_to: 1, value: "7" });
  });
});

Deno.test("a second call while a call is outstanding throws", async () => {
  await withNode((request) => [[5, reply(request)]], async ({ client }) => {
    const first = client.call({ type: "a" }, anyReply);
    await assertRejects(
      () => client.call({ type: "b" }, anyReply),
      Error,
      "another call is outstanding",
    );
    assertEquals(await first, { type: "a_ok", in_reply_to: 1 });
  });
});

Deno.test("closing a client fails its call, and later replies are dropped silently", async () => {
  await withNode((request) => [[50, reply(request)]], async ({ client, sleep, now }) => {
    const call = client.call({ type: "a" }, anyReply);
    const failed = assertRejects(() => call, RpcError, "the client was closed");
    await sleep(10);
    client.close();
    await failed;
    assertEquals(now(), 10);
    await sleep(100);
  });
});

Deno.test("a completed call leaves no timer", async () => {
  const stuck = withNode((request) => [[1, reply(request)]], async ({ client }) => {
    for (let count = 0; count < 10; count++) await client.call({ type: "a" }, anyReply);
    await new Promise(() => {});
  });
  await assertRejects(() => stuck, DeadlockError, "at 10 ms");
});

Deno.test("an error reply without an integer code is malformed", async () => {
  for (const code of [undefined, null, "11", new Double(11)]) {
    const reply = { type: "error", text: "no", ...(code === undefined ? {} : { code }) };
    await withNode(() => [[1, { ...reply, in_reply_to: 1 }]], async ({ client }) => {
      const error = await assertRejects(
        () => client.call({ type: "a" }, anyReply),
        MalformedReplyError,
      );
      assertMatch(error.problem, /^the reply\.code must be an integer/);
    });
  }
});
