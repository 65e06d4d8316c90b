import { assertEquals } from "std/testing";
import { IncomingCalls } from "../../../lib/transport/nats/calls.ts";

/** Incoming calls of n0, whose requests and replies are recorded. */
function makeCalls() {
  const requests: string[] = [];
  const replies: string[] = [];
  const timers: (() => void)[] = [];
  const startTimer = (_delayMs: number, fn: () => void) => {
    timers.push(fn);
    return () => void timers.splice(timers.indexOf(fn), 1);
  };
  const calls = new IncomingCalls("n0", { startTimer }, (text) => {
    if (text.includes("too deep")) return "it nests too deep";
    requests.push(text);
    return undefined;
  });
  const receive = (text: string) =>
    calls.receive({ text: () => text, respond: (reply) => replies.push(reply) > 0 });
  return { calls, receive, requests, replies, timers };
}

Deno.test("each request is that of another client; its reply has no ids", () => {
  const { calls, receive, requests, replies, timers } = makeCalls();
  assertEquals(receive('{"type":"read","msg_id":7,"in_reply_to":3}'), undefined);
  assertEquals(receive('{"type":"read"}'), undefined);
  assertEquals(requests, [
    '{"src":"call-0","dest":"n0","body":{"type":"read","msg_id":1}}',
    '{"src":"call-1","dest":"n0","body":{"type":"read","msg_id":1}}',
  ]);
  const body = { type: "read_ok", value: 2n ** 60n, in_reply_to: 1 };
  assertEquals(calls.reply({ src: "n0", dest: "call-1", body }), true);
  assertEquals(replies, ['{"type":"read_ok","value":1152921504606846976}']);
  assertEquals(timers.length, 1);
});

Deno.test("a second reply, and one after the time limit, are dropped", () => {
  const { calls, receive, replies, timers } = makeCalls();
  receive('{"type":"read"}');
  receive('{"type":"read"}');
  const reply = (dest: string) => calls.reply({ src: "n0", dest, body: { type: "read_ok" } });
  assertEquals([reply("call-0"), reply("call-0")], [true, true]);
  timers[0]?.();
  assertEquals([reply("call-1"), reply("call-9")], [true, true]);
  assertEquals(replies.length, 1);
  assertEquals(calls.reply({ src: "n0", dest: "n1", body: { type: "gossip" } }), false);
});

Deno.test("a request that is not one gets error 12 and is not delivered", () => {
  const { receive, requests, replies } = makeCalls();
  for (const text of ["", "{", "[]", "null", "7", '{"type":"too deep"}']) {
    assertEquals(typeof receive(text), "string", text);
  }
  assertEquals(requests, []);
  assertEquals(replies.length, 6);
  for (const reply of replies) assertEquals(JSON.parse(reply).code, 12);
});

Deno.test("with too many pending requests, the next one gets error 11", () => {
  const { receive, replies } = makeCalls();
  for (let count = 0; count < 10_000; count++) receive('{"type":"read"}');
  assertEquals(replies, []);
  receive('{"type":"read"}');
  assertEquals(JSON.parse(replies[0] as string).code, 11);
});
