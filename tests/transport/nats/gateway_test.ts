import { assertEquals, assertStringIncludes } from "std/testing";
import { NoReceiverError, respondToClient } from "../../../lib/transport/nats/gateway.ts";
import { Subjects } from "../../../lib/transport/nats/subjects.ts";

const HEADERS = { "content-type": "application/json", host: "127.0.0.1:8080" };

/** Sends a request to a gateway whose cluster replies with `answer`. */
async function send(
  answer: object | Error,
  path = "/n0",
  options: { body?: string; headers?: Record<string, string>; method?: string } = {},
) {
  const sent: string[] = [];
  const response = await respondToClient(
    {
      subjects: new Subjects("c"),
      maxBytes: 100,
      isOwnHost: (host) => host === "127.0.0.1:8080",
      request(subject, payload, timeoutMs) {
        sent.push(`${subject} ${timeoutMs} ${new TextDecoder().decode(payload)}`);
        if (answer instanceof Error) return Promise.reject(answer);
        return Promise.resolve(new TextEncoder().encode(JSON.stringify(answer)));
      },
    },
    new Request(`http://127.0.0.1:8080${path}`, {
      method: "POST",
      headers: { ...HEADERS, ...options.headers },
      ...(options.method === "GET" ? { method: "GET" } : {
        body: options.body ?? '{"type":"read"}',
      }),
    }),
  );
  return { status: response.status, body: await response.json(), sent };
}

Deno.test("the gateway passes a request's body on, and the reply's body back", async () => {
  assertEquals(await send({ type: "read_ok", value: 5 }), {
    status: 200,
    body: { type: "read_ok", value: 5 },
    sent: ['maelstrom.c.call.n0 5000 {"type":"read"}'],
  });
  const any = await send({ type: "read_ok" }, "/?timeout-ms=20");
  assertEquals(any.sent, ['maelstrom.c.call 20 {"type":"read"}']);
  const encoded = await send({ type: "read_ok" }, "/a%20b");
  assertEquals(encoded.sent[0]?.split(" ")[0], "maelstrom.c.call.a=20b");
});

Deno.test("the status tells definite errors from indefinite ones", async () => {
  const statusOf = async (code: number) => (await send({ type: "error", code, text: "x" })).status;
  assertEquals(await Promise.all([10, 11, 12, 14, 20, 21, 22, 30].map(statusOf)), [
    ...[501, 503, 400, 409, 404, 409, 409, 409],
  ]);
  assertEquals(await Promise.all([0, 13, 1000].map(statusOf)), [504, 500, 500]);
  assertEquals((await send({ type: "read_ok", value: "error" })).status, 200);
});

Deno.test("a request that no node received is definite, one without a reply is not", async () => {
  const absent = await send(new NoReceiverError("no responders"));
  assertEquals([absent.status, absent.body.code], [503, 11]);
  assertStringIncludes(absent.body.text, "n0 is not there");
  const late = await send(new Error("timeout"));
  assertEquals([late.status, late.body.code], [504, 0]);
});

Deno.test("the gateway refuses what it cannot pass on", async () => {
  const refusal = async (
    ...args: Parameters<typeof send> extends [unknown, ...infer R] ? R : never
  ) => {
    const { status, body, sent } = await send({ type: "read_ok" }, ...args);
    assertEquals([body.code, sent], [12, []]);
    return status;
  };
  assertEquals(await refusal("/n0", { body: "x".repeat(101) }), 413);
  assertEquals(await refusal("/n0", { headers: { "content-type": "text/plain" } }), 415);
  assertEquals(await refusal("/n0", { headers: { host: "evil.example" } }), 403);
  assertEquals(await refusal("/n0", { method: "GET" }), 405);
  for (const path of ["/n0/x", "/%2fx", "/%zz"]) assertEquals(await refusal(path), 404);
  for (const ms of ["0", "-1", "1.5", "x", "60001"]) {
    assertEquals(await refusal(`/n0?timeout-ms=${ms}`), 400);
  }
});
