import { assertEquals } from "std/testing";
import type { Operation } from "../../lib/history/mod.ts";
import { caveats, diagnose, ReplyWatch } from "../../lib/report/mod.ts";

const ms = (value: number) => value * 1e6;

function history(
  ...rows: [type: string, process: number, timeMs: number, more?: object][]
): Operation[] {
  return rows.map(([type, process, time, more = {}], index) =>
    ({ index, time: ms(time), type, process, f: "echo", value: null, ...more }) as Operation
  );
}

const quiet = {
  replies: [],
  logs: new Map(),
  nodes: ["n0", "n1"],
  ratePerSecond: 1,
  concurrency: 2,
  timeLimitSeconds: 10,
  results: { "valid?": true },
};
const lines = (run: Partial<Parameters<typeof diagnose>[0]>) =>
  diagnose({ ...quiet, history: [], ...run }).map(({ label, text }) => `${label}: ${text}`);

Deno.test("a diagnosis says why operations did not succeed, and where", () => {
  const timedOut = history(
    ["invoke", 1, 0],
    ["info", 1, 5000, { error: "net-timeout" }],
    ["invoke", 3, 5000],
    ["info", 3, 10_000, { error: "net-timeout" }],
  );
  assertEquals(lines({ history: timedOut }), [
    "no success: 2 of 2 echo: no reply within 5 s at n1 only",
  ]);
  const errors = history(
    ["invoke", 0, 0],
    ["invoke", 1, 0],
    ["fail", 0, 1, { error: ["temporarily-unavailable", "no leader"] }],
    ["fail", 1, 1, { error: ["temporarily-unavailable", "still none"] }],
  );
  assertEquals(lines({ history: errors }), [
    'no success: 2 of 2 echo: error temporarily-unavailable (such as "no leader")',
  ]);
});

Deno.test("different reasons are counted, the most frequent first", () => {
  const mixed = history(
    ["invoke", 0, 0],
    ["info", 0, 5000, { error: "net-timeout" }],
    ["invoke", 2, 5000],
    ["info", 2, 5001, { exception: {} }],
    ["invoke", 4, 6000],
    ["info", 4, 6001, { exception: {} }],
    ["invoke", 1, 7000],
  );
  assertEquals(lines({ history: mixed }), [
    "no success: 4 of 4 echo: 2 malformed reply, see exceptions at n0 only, " +
    "1 no reply within 5 s at n0 only, 1 still waiting at the end at n1 only",
  ]);
});

Deno.test("latencies are those of operations that succeeded", () => {
  const ok = history(["invoke", 0, 0], ["ok", 0, 3], ["invoke", 0, 10], ["ok", 0, 30.25]);
  assertEquals(lines({ history: ok }), ["latency: median 20 ms, p95 20 ms, max 20 ms"]);
});

Deno.test("a rate that was not reached is said, one that was is not", () => {
  const one = history(["invoke", 0, 0], ["ok", 0, 0]);
  assertEquals(
    lines({ history: one, ratePerSecond: 100 })[1]?.startsWith("rate: 0.1 operations"),
    true,
  );
  assertEquals(lines({ history: one, ratePerSecond: 1 }).length, 1);
});

Deno.test("logs are named with their last line; of many nodes a few", () => {
  const logs = new Map(
    ["n0", "n1", "n2", "n3", "n4", "n5"].map((node) => [node, { lines: 2, last: "bye" }]),
  );
  const found = lines({ logs });
  assertEquals(found[0], "stderr: n0 wrote 2 lines, the last: bye (node-logs/n0.log)");
  assertEquals(found.length, 5);
  assertEquals(found[4], "stderr: 2 more nodes wrote to stderr, see node-logs");
});

/** Sends requests of c1 to n0 (echo, msg_id 1 and 2) and then replies; returns the problems. */
function problemsOf(...replies: [src: string, dest: string, body: unknown, timeMs?: number][]) {
  const watch = new ReplyWatch(5000);
  const send = (time: number, src: string, dest: string, body: unknown) =>
    watch.observe({ type: "send", time: ms(time), message: { src, dest, body } });
  send(0, "c1", "n0", { type: "echo", msg_id: 1 });
  for (const [src, dest, body, time = 1] of replies) send(time, src, dest, body);
  return watch.problemsUntil(0).map(({ count, text }) => `${count} ${text}`);
}

Deno.test("replies that no client waits for are explained", () => {
  const waits = "c1 waits for in_reply_to 1 (its echo)";
  const cases: [Parameters<typeof problemsOf>[0], string][] = [
    [
      ["n0", "c1", { type: "echo_ok" }],
      `1 n0 answered c1 with "echo_ok" without in_reply_to; ${waits}`,
    ],
    [
      ["n0", "c1", { type: "echo_ok", in_reply_to: "1" }],
      `1 n0 answered c1 with "echo_ok" with in_reply_to "1", a string; ${waits}`,
    ],
    [
      ["n0", "c1", { type: "echo_ok", in_reply_to: 2 }],
      `1 n0 answered c1 with "echo_ok" with in_reply_to 2; ${waits}`,
    ],
    [
      ["n0", "c7", { type: "echo_ok", in_reply_to: 1 }],
      `1 n0 answered c7 with "echo_ok" with in_reply_to 1; c7 waits for no reply`,
    ],
    [
      ["n0", "n0", { in_reply_to: 1 }],
      "1 n0 sent a reply to itself: dest must be the src of the request",
    ],
    [
      ["n0", "c1", { type: "echo_ok", in_reply_to: 1 }, 6200],
      "1 n0 answered c1's echo after 6.2 s; clients wait 5 s",
    ],
  ];
  for (const [reply, expected] of cases) assertEquals(problemsOf(reply), [expected]);
});

Deno.test("a reply as a client, an error without a code, and a reused msg_id are explained", () => {
  assertEquals(problemsOf(["c1", "n0", { type: "echo_ok", in_reply_to: 1 }]), [
    '1 n0 sent the reply "echo_ok" with src c1 and dest n0: src and dest are swapped',
  ]);
  assertEquals(problemsOf(["n0", "c1", { type: "error", text: "no", in_reply_to: 1 }]), [
    "1 n0 answered c1's echo with an error without a code; expected an integer, such as 11 " +
    "(temporarily unavailable)",
  ]);
  assertEquals(problemsOf(["n0", "c1", { type: "error", code: 11, in_reply_to: 1 }]), []);
  const gossip = (value: number): [string, string, unknown] => [
    "n0",
    "n1",
    { type: "broadcast", message: value, msg_id: 7 },
  ];
  assertEquals(problemsOf(gossip(1), gossip(1)), []);
  assertEquals(problemsOf(gossip(1), gossip(2), gossip(3)), [
    "2 n0 sent different requests with msg_id 7 (the second to n1): their replies cannot be " +
    "distinguished",
  ]);
  const restart: [string, string, unknown] = ["c0", "n0", { type: "init", msg_id: 1 }];
  assertEquals(problemsOf(gossip(1), restart, gossip(2)), []);
});

Deno.test("a request that a node has received and not answered in time is explained", () => {
  const watch = new ReplyWatch(5000);
  const event = (type: "send" | "recv", src: string, dest: string, body: object) =>
    watch.observe({ type, time: 0, message: { src, dest, body } });
  const texts = (timeMs: number) => watch.problemsUntil(ms(timeMs)).map(({ text }) => text);
  event("send", "c1", "n0", { type: "echo", msg_id: 1 });
  assertEquals(texts(9000), []);
  event("recv", "c1", "n0", { type: "echo", msg_id: 1 });
  assertEquals(texts(4900), []);
  assertEquals(texts(5000), [
    "n0 received c1's echo (msg_id 1) and never replied: its handler sends no reply, or has not " +
    "ended",
  ]);
  event("send", "n0", "c1", { type: "echo_ok", in_reply_to: 1 });
  assertEquals(texts(5000), []);
});

Deno.test("nodes that never communicate are named when the workload is invalid", () => {
  const results = (messages: number, valid: boolean) => ({
    "valid?": valid,
    net: { "valid?": true, servers: { "msg-count": messages } },
    workload: { "valid?": valid },
  });
  assertEquals(lines({ results: results(0, false) }).length, 1);
  assertEquals(lines({ results: results(1, false) }), []);
  assertEquals(lines({ results: results(0, true) }), []);
  assertEquals(lines({ results: results(0, false), nodes: ["n0"] }), []);
});

Deno.test("a valid verdict names operations that failed and values that were never read", () => {
  const results = (ok: number, neverRead: number, valid = true) => ({
    "valid?": valid,
    stats: {
      "by-f": { read: { count: 5, "ok-count": ok }, crash: { count: 2, "ok-count": 0 } },
    },
    workload: { "never-read-count": neverRead },
  });
  assertEquals(caveats(results(5, 0)), []);
  assertEquals(caveats(results(3, 0)), ["Valid, although 2 of 5 operations did not succeed."]);
  assertEquals(caveats(results(3, 1)), [
    "Valid, although 2 of 5 operations did not succeed and 1 value was never read.",
  ]);
  assertEquals(caveats(results(3, 1, false)), []);
});

Deno.test("a correct reply is not a problem, a second one is", () => {
  const reply: [string, string, unknown] = ["n0", "c1", { type: "echo_ok", in_reply_to: 1 }];
  assertEquals(problemsOf(reply), []);
  assertEquals(problemsOf(reply, reply, reply), [
    '2 n0 answered c1 with "echo_ok" a second time (in_reply_to 1)',
  ]);
});
