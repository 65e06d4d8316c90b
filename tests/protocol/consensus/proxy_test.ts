import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { createServices } from "../../../lib/service/mod.ts";
import type { Body } from "../../../lib/wire/mod.ts";
import { expectValid, simulate } from "../../../lib/workbench/mod.ts";
import { linKv as workload } from "../../../lib/workload/lin_kv.ts";
import program from "../../../nodes/lin_kv.ts";
import { explore, FAULTS } from "../txn/explore_case.ts";
import { FakeNode } from "../../../lib/testing/fake_node.ts";

const args = ["--strategy", "proxy"];

Deno.test("proxy is linearizable under every fault, kill included", async () => {
  for (let seed = 0; seed < 20; seed++) {
    const faults = [...FAULTS, "kill"];
    const exploring = { program, workload, models: [], strategy: "proxy", faults };
    assertEquals((await explore(exploring, seed)).failure, [], `seed ${seed}`);
  }
});

Deno.test("proxy costs two messages an operation, and partitions do not affect it", async () => {
  const run = await simulate(program, workload, {
    args,
    nodes: 3,
    concurrency: 12,
    ratePerSecond: 30,
    timeLimitSeconds: 30,
    latency: { meanMs: 20, distribution: "exponential" },
    faults: ["partition"],
  });
  expectValid(run);
  const { history, results } = run;
  const operations =
    history.filter(({ type, process }) => type === "invoke" && process !== "nemesis").length;
  // Each node measures one round trip at the start.
  assertEquals(results.net.servers["msg-count"], 2 * operations + 2 * 3);
  assertEquals(history.filter(({ type, process }) => type === "info" && process !== "nemesis"), []);
});

for (
  const [distribution, meanMs, maxTimeouts] of [
    ["constant", 500, 0],
    ["constant", 1000, 0],
    ["uniform", 500, 0.01],
    ["exponential", 200, 0.01],
    ["exponential", 500, 0.02],
  ] as const
) {
  Deno.test(`with ${distribution} latencies of ${meanMs} ms at most ${100 * maxTimeouts} % of operations time out`, async () => {
    let operations = 0;
    let timeouts = 0;
    for (let seed = 0; seed < 8; seed++) {
      const latency = { meanMs, distribution };
      const options = {
        args,
        nodes: 3,
        concurrency: 12,
        ratePerSecond: 30,
        timeLimitSeconds: 30,
        latency,
      };
      const { history } = await simulate(program, workload, { ...options, seed });
      for (const { type, error } of history) {
        if (type === "invoke") operations++;
        else if (error === "net-timeout") timeouts++;
      }
    }
    assert(operations > 800, `${operations}`);
    assert(timeouts <= maxTimeouts * operations, `${timeouts} of ${operations}`);
  });
}

function withService(): FakeNode {
  const services = createServices(new Random(1));
  return new FakeNode(program, {
    args,
    answer: (message) => services.get(message.dest)?.handle(message),
  });
}

Deno.test("proxy forwards requests unchanged, and the service's replies and errors", async () => {
  const node = withService();
  const key = [1, { a: null }];
  const steps: [Body, Partial<Record<string, unknown>>][] = [
    [{ type: "read", key }, { type: "error", code: 20 }],
    [{ type: "cas", key, from: 1, to: 2 }, { type: "error", code: 20 }],
    [{ type: "cas", key, from: 1, to: 2, create_if_not_exists: true }, { type: "cas_ok" }],
    [{ type: "cas", key, from: 1, to: 3 }, { type: "error", code: 22 }],
    [{ type: "read", key }, { type: "read_ok", value: 2 }],
    [{ type: "write", key, value: { b: [] } }, { type: "write_ok" }],
    [{ type: "read", key }, { type: "read_ok", value: { b: [] } }],
    [{ type: "write", key: "x" }, { type: "error", code: 12 }],
    [{ type: "delete", key: "x" }, { type: "error", code: 10 }],
  ];
  for (const [request, expected] of steps) {
    const { text: _, ...reply } = await node.ask(request) as Body;
    assertEquals(reply as Record<string, unknown>, expected, JSON.stringify(request));
  }
});

/** Sends a request while the service is silent; returns the time until its reply, and the reply. */
async function replyWhileSilent(node: FakeNode): Promise<[number, Body | undefined]> {
  node.host.answer = () => undefined;
  const startMs = node.host.elapsedMs;
  node.receive({ type: "write", key: 1, value: 2, msg_id: 9 });
  for (;;) {
    const reply = node.host.takeSent().find(({ body }) => body.in_reply_to === 9);
    if (reply !== undefined || node.host.elapsedMs > startMs + 60_000) {
      return [node.host.elapsedMs - startMs, reply?.body];
    }
    await node.host.advance(10);
  }
}

Deno.test("a client gets an indefinite error before it closes", async () => {
  const [elapsedMs, reply] = await replyWhileSilent(withService());
  assert(elapsedMs < 1000, `${elapsedMs} ms`);
  assertEquals([reply?.type, reply?.code], ["error", 0]);
});

Deno.test("a request that arrives during the first round trip does not time out early", async () => {
  const node = new FakeNode(program, { args, init: false });
  node.host.answer = ({ body: { msg_id } }) => {
    const in_reply_to = msg_id as number;
    node.host.startTimer(3000, () => {
      node.receive({ type: "read_ok", value: 1, in_reply_to }, "lin-kv");
    });
    return undefined;
  };
  node.init();
  node.receive({ type: "read", key: 1, msg_id: 5 });
  await node.host.advance(3100);
  assertEquals(node.host.takeSent().at(-1)?.body, { type: "read_ok", value: 1, in_reply_to: 5 });
});

Deno.test("a service that is silent from the start times out before the request's deadline", async () => {
  const [elapsedMs, reply] = await replyWhileSilent(new FakeNode(program, { args }));
  assert(elapsedMs > 900 && elapsedMs < 4500, `${elapsedMs} ms`);
  assertEquals(reply?.code, 0);
});

Deno.test("a pending timeout shortens when the first round trip turns out short", async () => {
  const node = new FakeNode(program, { args, init: false });
  let probe = 0;
  node.host.answer = ({ body }) => {
    probe = body.msg_id as number;
    return undefined;
  };
  node.init();
  node.host.startTimer(50, () => {
    node.receive({ type: "error", code: 20, in_reply_to: probe }, "lin-kv");
  });
  const [elapsedMs] = await replyWhileSilent(node);
  assert(elapsedMs < 1000, `${elapsedMs} ms`);
});

Deno.test("with long latencies, for which clients wait longer, the timeout grows", async () => {
  const LATENCY_MS = 500;
  const node = withService();
  const { answer } = node.host;
  node.host.answer = (message) => {
    const reply = answer(message);
    const in_reply_to = message.body.msg_id as number;
    node.host.startTimer(2 * LATENCY_MS, () => {
      node.receive({ ...reply as Body, in_reply_to }, "lin-kv");
    });
    return undefined;
  };
  // The first round trip was short, so the first requests time out too early. Their late replies
  // are samples, too.
  for (let count = 0; count < 5; count++) {
    node.receive({ type: "read", key: 1, msg_id: count });
    await node.host.advance(1500);
  }
  node.host.takeSent();
  node.receive({ type: "write", key: 1, value: 1, msg_id: 77 });
  await node.host.advance(1200);
  const reply = node.host.takeSent().find(({ body }) => body.in_reply_to === 77);
  assertEquals(reply?.body.type, "write_ok");
  const [elapsedMs] = await replyWhileSilent(node);
  assert(elapsedMs > 2000 && elapsedMs < 10 * LATENCY_MS, `${elapsedMs} ms`);
});
